"""A worker that nobody killed stays the process that it was, whatever becomes of its broker and of its children.

A real worker with a Valkey of its own. Its task is kept waiting by a lock on the table of sessions, so the worker holds
a hint that it has not acknowledged when the broker is killed.
"""

import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from celery import Celery

from launcher import account, place, processes, servers, valkey
from launcher.place import Place
from launcher.supervisor import Supervisor
from tests.chaos.process import children
from tests.integration.launcher.waiting import is_alive, until

READY_WITHIN_S = 30.0  # a worker takes some seconds to start
BACK_WITHIN_S = 30.0  # with what it takes to put the pool right
SOON_S = 4.0  # it looks each second, then connects and consumes
PASSWORD = secrets.token_hex(8)

WAITING = """SELECT count(*) FROM pg_locks WHERE relation = 'session'::regclass AND NOT granted"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """A worker of the transitions with its broker and its database."""

    where: Place
    keeper: Supervisor
    port: int
    broker_url: str
    database_url: str

    @property
    def pid(self) -> int:
        """The worker's main process."""
        return self.keeper.pids()["worker"]

    def answers(self) -> bool:
        """Whether the worker consumes from the broker."""
        if not valkey.answers(self.broker_url):
            return False
        with Celery(broker=self.broker_url, set_as_current=False) as app, app.connection_for_write() as connection:
            return bool(app.control.ping(timeout=1.0, limit=1, connection=connection))

    def start_worker(self) -> None:
        """Start the worker; does not wait until it answers."""
        known = os.environ | {"DATABASE_URL": self.database_url, "BROKER_URL": self.broker_url}
        self.keeper.start(processes.workers(self.where, known)[0])

    def hint(self, *asked_at: str) -> None:
        """Send the worker a hint, or one for each of these instants at which it was asked for."""
        with Celery(broker=self.broker_url, set_as_current=False) as app:
            for one in asked_at or (None,):
                app.send_task("sessions.start", (one,), queue="transitions")

    def kill_broker(self) -> None:
        """Kill Valkey, at once."""
        os.kill(self.keeper.pids()["valkey"], signal.SIGKILL)
        until(lambda: self.keeper.has_ended("valkey"))

    def start_broker(self) -> None:
        """Start Valkey again at its old port, empty."""
        servers.start_valkey(self.keeper, self.where, password=PASSWORD, environment=os.environ, wanted_port=self.port)

    def has_noticed(self) -> bool:
        """Whether the worker knows that its broker is gone, and looks for it; or has given up."""
        said = self.said()
        return "Trying again in" in said or "Unrecoverable error" in said

    def said(self) -> str:
        """The worker's log."""
        return self.where.log("worker").read_text()


@pytest.fixture
def workplace(database_url: str) -> Iterator[Workplace]:
    """A broker that answers, and no worker yet."""
    above = Path(tempfile.mkdtemp(prefix="sessionbeat-test-"))
    above.chmod(0o711)
    where = Place(root=above / "data", account=account.for_servers())
    place.make(where)
    keeper = Supervisor(lock=None, say=print)
    try:
        at, broker = servers.start_valkey(keeper, where, password=PASSWORD, environment=os.environ)
        yield Workplace(where=where, keeper=keeper, port=at, broker_url=broker, database_url=database_url)
    finally:
        keeper.stop()
        shutil.rmtree(above)


@contextmanager
def task_kept_waiting(workplace: Workplace) -> Iterator[None]:
    """A hint that the worker has taken, and whose task waits for a lock until the end."""
    with (
        psycopg.connect(workplace.database_url) as holder,
        psycopg.connect(workplace.database_url, autocommit=True) as looker,
    ):
        holder.execute("LOCK TABLE session IN ACCESS EXCLUSIVE MODE")
        workplace.hint()
        until(lambda: looker.execute(WAITING).fetchone() != (0,))
        yield
        holder.rollback()


@pytest.fixture
def busy(workplace: Workplace) -> Iterator[int]:
    """A worker that looks for its broker, which was killed under it while a task ran: the worker's process."""
    workplace.start_worker()
    until(workplace.answers, READY_WITHIN_S)
    with task_kept_waiting(workplace):
        workplace.kill_broker()
        until(workplace.has_noticed, BACK_WITHIN_S)
        yield workplace.pid


@pytest.mark.slow
def test_a_worker_that_holds_a_hint_survives_the_death_of_its_broker(workplace: Workplace, busy: int) -> None:
    workplace.start_broker()

    until(lambda: not is_alive(busy) or workplace.answers(), BACK_WITHIN_S)
    assert is_alive(busy), workplace.said()[-3000:]


@pytest.mark.slow
def test_a_broker_that_was_away_for_long_is_found_as_soon_as_it_is_back(workplace: Workplace) -> None:
    workplace.start_worker()
    until(workplace.answers, READY_WITHIN_S)
    workplace.kill_broker()
    until(lambda: workplace.said().count("Trying again in") >= 4, BACK_WITHIN_S)

    workplace.start_broker()

    until(workplace.answers, SOON_S)


@pytest.mark.slow
def test_a_worker_whose_child_is_killed_before_its_first_connection_survives(workplace: Workplace) -> None:
    workplace.kill_broker()
    workplace.start_worker()
    until(lambda: workplace.has_noticed() and len(children(workplace.pid)) == 2, READY_WITHIN_S)
    worker = workplace.pid

    os.kill(children(worker)[0], signal.SIGKILL)
    workplace.start_broker()

    until(lambda: not is_alive(worker) or workplace.answers(), BACK_WITHIN_S)
    assert is_alive(worker), workplace.said()[-3000:]
    until(lambda: len(children(worker)) == 2)


@pytest.mark.slow
def test_hints_that_piled_up_while_no_worker_was_there_cost_a_look_or_two(workplace: Workplace) -> None:
    workplace.hint(*["2026-01-05T09:00:00+00:00"] * 200)

    workplace.start_worker()

    until(lambda: workplace.said().count("succeeded") == 200, READY_WITHIN_S)
    assert workplace.said().count("'spent': 1") > 150
    workplace.hint("9999-01-01T00:00:00+00:00")
    until(lambda: workplace.said().count("succeeded") == 201, READY_WITHIN_S)
    assert "'spent': 1" not in workplace.said().rpartition("succeeded")[2]
