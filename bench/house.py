"""The servers and processes that a bench runs on: the launcher's own, on free ports, in a folder that goes with them.

PostgreSQL keeps every promise (fsync and synchronous_commit stay on), with the settings that `sessionbeat up` gives it
and one more: it keeps the instant of each commit, so that what a row waited for its batch counts as lateness too.
"""

import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from celery import Celery

from config import settings
from db import engine as database
from db import migrate
from launcher import account, binaries, place, postgres, processes, servers
from launcher.place import Place
from launcher.postgres import Postgres
from launcher.program import Program
from launcher.supervisor import Supervisor

READY_WITHIN_S: Final = 60.0
CONSUMERS: Final = 2  # of our crew: the worker of the transitions, and the one for everything slow
LOOK_EVERY_S: Final = 0.05
MORE_SETTINGS: Final = "track_commit_timestamp = on\n"


class EndedEarly(RuntimeError):
    """{names} ended while it was measured"""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        super().__init__(f"{', '.join(names)} ended while it was measured")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Both servers with a migrated database, and what else is started in it."""

    where: Place
    keeper: Supervisor
    database_url: str
    broker_url: str

    def sql(self) -> psycopg.Connection:
        """A connection of the superuser; each statement is a transaction."""
        return psycopg.connect(self.database_url, autocommit=True)

    def crew(self) -> list[Program]:
        """Beat, lifeline and both workers, as `sessionbeat up` runs them."""
        environment = self.environment()
        return [*processes.workers(self.where, environment), processes.lifeline(self.where, environment)]

    def environment(self) -> dict[str, str]:
        """What a process of ours finds in its environment; nobody is told to slow down."""
        addresses = {"DATABASE_URL": self.database_url, "BROKER_URL": self.broker_url}
        return {**os.environ, **addresses, "SESSIONBEAT_RATE_PER_S": "0"}

    @contextmanager
    def running(self, programs: Sequence[Program], consumers: int) -> Iterator[Supervisor]:
        """These programs, once so many workers answer on the broker; they end with the block, and none before."""
        keeper = Supervisor(lock=None, say=lambda _: None)
        try:
            for one in programs:
                keeper.start(one)
            with Celery(broker=self.broker_url, set_as_current=False) as app:
                wait_until(lambda: len(app.control.ping(timeout=0.5, limit=consumers) or []) >= consumers,
                           READY_WITHIN_S)  # fmt: skip
            yield keeper
            if ended := [name for name in keeper.pids() if keeper.has_ended(name)]:
                raise EndedEarly(ended)
        finally:
            keeper.stop()


@contextmanager
def standing() -> Iterator[House]:
    """A house of two servers, for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="sessionbeat-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        where = Place(root=folder / "data", account=account.for_servers())
        place.make(where)
        keeper = Supervisor(lock=None, say=lambda _: None)
        try:
            yield enter(where, keeper)
        finally:
            keeper.stop()


def enter(where: Place, keeper: Supervisor) -> House:
    """Start the servers and make the schema. Raises LaunchError."""
    given, password = settings.load(), secrets.token_hex(8)
    postgres.create_cluster(
        Postgres(
            binaries=binaries.postgres(where.account, where.binaries, given.pg_bin),
            cluster=where.postgres,
            password=password,
            account=where.account,
        )
    )
    with (where.postgres / "postgresql.conf").open("a") as configuration:
        configuration.write(MORE_SETTINGS)
    _, database_url = servers.start_postgres(
        keeper, where, password=password, environment=os.environ, given_binaries=given.pg_bin
    )
    _, broker_url = servers.start_valkey(keeper, where, password=secrets.token_hex(8), environment=os.environ)
    engine = database.connect(database_url)
    migrate.upgrade(engine)
    engine.dispose()
    return House(where=where, keeper=keeper, database_url=database_url, broker_url=broker_url)


def wait_until(holds: Callable[[], bool], within_s: float, every_s: float = LOOK_EVERY_S) -> None:
    """Wait until a condition holds. Raises TimeoutError."""
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {within_s:g} s in vain")
        time.sleep(every_s)
