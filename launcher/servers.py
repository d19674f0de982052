"""Starts the two embedded servers, beside each other where both are wanted, and waits until they answer.

A port that was free may be taken by the time a server binds it. So: when the server ended and its port is not
free, another port is tried; when it ended for any other reason, that is told with the end of its log.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


@dataclass(slots=True, kw_only=True)
class Starting:
    """A server on its way up, so that another one may start beside it; `url` is its address at a port."""

    keeper: Supervisor
    at_port: Callable[[int], Program]
    answers: Callable[[int], bool]
    url: Callable[[int], str]
    listening: int
    attempts: int = 1
    began: float = 0.0

    def begin(self) -> None:
        """Start it at its port."""
        self.began = time.monotonic()
        self.keeper.start(self.at_port(self.listening))

    def is_up(self) -> bool:
        """Whether it answers by now; on another port where its own was taken meanwhile. Raises StartFailed."""
        server = self.at_port(self.listening)
        if not self.keeper.has_ended(server.name):
            if self.answers(self.listening):
                return True
            if time.monotonic() - self.began > ANSWERS_WITHIN_S:
                raise StartFailed(server.name, f"no answer within {ANSWERS_WITHIN_S:g} s", server.log)
            return False
        if port.is_free(self.listening):
            raise StartFailed(server.name, program.last_words(server.log), server.log)
        if self.attempts == ATTEMPTS:
            raise StartFailed(server.name, f"the port was taken {ATTEMPTS} times", server.log)
        self.attempts, self.listening = self.attempts + 1, port.prefer(None)
        self.begin()
        return False

    def wait(self) -> tuple[int, str]:
        """Its port and address, once it answers. Raises StartFailed."""
        while not self.is_up():
            time.sleep(LOOK_EVERY_S)
        return self.listening, self.url(self.listening)


def begin_postgres(
    keeper: Supervisor,
    where: Place,
    *,
    password: str,
    environment: Mapping[str, str],
    wanted_port: int | None = None,
    given_binaries: Path | None = None,
    durable: bool = True,
) -> Starting:
    """Start PostgreSQL on the place's cluster, made where there is none; does not wait until it answers.

    Raises Unusable, StillHeld.
    """
    server = Postgres(
        binaries=binaries.postgres(where.account, where.binaries, given_binaries),
        cluster=where.postgres,
        password=password,
        account=where.account,
        durable=durable,
    )
    postgres.create_cluster(server)
    starting = Starting(
        keeper=keeper,
        at_port=lambda at: postgres.program(server, at, where.log("postgres"), _known(environment)),
        answers=lambda at: postgres.answers(server.url(at, "postgres")),
        url=server.url,
        listening=port.prefer(wanted_port),
    )
    starting.begin()
    return starting


def wait_for_postgres(starting: Starting) -> tuple[int, str]:
    """The port of PostgreSQL and our database's address, once that is there. Raises StartFailed."""
    listening, url = starting.wait()
    postgres.create_database(f"{url.rpartition('/')[0]}/postgres")
    return listening, url


def start_postgres(keeper: Supervisor, where: Place, **more: Any) -> tuple[int, str]:
    """Start PostgreSQL (as `begin_postgres`) and wait for it; answers its port and our database's address.

    Raises StartFailed, Unusable, StillHeld.
    """
    return wait_for_postgres(begin_postgres(keeper, where, **more))


def begin_valkey(
    keeper: Supervisor,
    where: Place,
    *,
    password: str,
    environment: Mapping[str, str],
    wanted_port: int | None = None,
) -> Starting:
    """Start Valkey; does not wait until it answers. Raises Unusable."""
    server = Valkey(
        binary=binaries.valkey(where.account, where.binaries),
        folder=where.valkey,
        password=password,
        account=where.account,
    )
    starting = Starting(
        keeper=keeper,
        at_port=lambda at: valkey.program(server, at, where.log("valkey"), _known(environment)),
        answers=lambda at: valkey.answers(server.url(at)),
        url=server.url,
        listening=port.prefer(wanted_port),
    )
    starting.begin()
    return starting


def start_valkey(keeper: Supervisor, where: Place, **more: Any) -> tuple[int, str]:
    """Start Valkey (as `begin_valkey`) and wait for it; answers its port and address. Raises StartFailed, Unusable."""
    return begin_valkey(keeper, where, **more).wait()


def _known(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: environment[name] for name in PASSED_ON if name in environment}
