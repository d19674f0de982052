"""Starts the two embedded servers and waits until they answer.

A port that was free may be taken by the time a server binds it. So: when the server ended and its port is not
free, another port is tried; when it ended for any other reason, that is told with the end of its log.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from launcher import binaries, port, postgres, program, valkey
from launcher.errors import StartFailed
from launcher.place import Place
from launcher.postgres import Postgres
from launcher.program import Program
from launcher.supervisor import Supervisor
from launcher.valkey import Valkey

ATTEMPTS = 5
ANSWERS_WITHIN_S = 60.0  # seconds; a recovery after a kill may take a while
LOOK_EVERY_S = 0.03
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")  # what a server may know of our environment


def start_postgres(
    keeper: Supervisor,
    where: Place,
    *,
    password: str,
    environment: Mapping[str, str],
    wanted_port: int | None = None,
    given_binaries: Path | None = None,
    durable: bool = True,
) -> tuple[int, str]:
    """Start PostgreSQL on the place's cluster, made where there is none; answers its port and our database's
    address.

    Raises StartFailed, Unusable, StillHeld.
    """
    server = Postgres(
        binaries=binaries.postgres(where.account, where.binaries, given_binaries),
        cluster=where.postgres,
        password=password,
        account=where.account,
        durable=durable,
    )
    postgres.create_cluster(server)
    listening = _start(
        keeper,
        wanted_port,
        lambda at: postgres.program(server, at, where.log("postgres"), _known(environment)),
        lambda at: postgres.answers(server.url(at, "postgres")),
    )
    postgres.create_database(server.url(listening, "postgres"))
    return listening, server.url(listening)


def start_valkey(
    keeper: Supervisor,
    where: Place,
    *,
    password: str,
    environment: Mapping[str, str],
    wanted_port: int | None = None,
) -> tuple[int, str]:
    """Start Valkey; answers its port and address. Raises StartFailed, Unusable."""
    server = Valkey(
        binary=binaries.valkey(where.account, where.binaries),
        folder=where.valkey,
        password=password,
        account=where.account,
    )
    listening = _start(
        keeper,
        wanted_port,
        lambda at: valkey.program(server, at, where.log("valkey"), _known(environment)),
        lambda at: valkey.answers(server.url(at)),
    )
    return listening, server.url(listening)


def _start(
    keeper: Supervisor,
    wanted_port: int | None,
    at_port: Callable[[int], Program],
    answers: Callable[[int], bool],
) -> int:
    wish = wanted_port
    for _ in range(ATTEMPTS):
        listening = port.prefer(wish)
        server = at_port(listening)
        keeper.start(server)
        deadline = time.monotonic() + ANSWERS_WITHIN_S
        while not keeper.has_ended(server.name):
            if answers(listening):
                return listening
            if time.monotonic() > deadline:
                raise StartFailed(server.name, f"no answer within {ANSWERS_WITHIN_S:g} s", server.log)
            time.sleep(LOOK_EVERY_S)
        if port.is_free(listening):
            raise StartFailed(server.name, program.last_words(server.log), server.log)
        wish = None
    raise StartFailed(server.name, f"the port was taken {ATTEMPTS} times", server.log)


def _known(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: environment[name] for name in PASSED_ON if name in environment}
