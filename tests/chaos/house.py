"""Real processes, each its own process group, that are killed and halted one by one and started again.

The launcher's own programs and servers, on free ports, in a folder of their own. Nothing comes back by itself: whoever
kills says when it starts again, so that a run follows from its seed. What was not killed has to be the same process to
the end. The database keeps what it promised (fsync stays on), or a killed one could forget an answer.
"""

import dataclasses
import os
import secrets
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import redis
from celery import Celery

from config.settings import Settings
from db import engine as database
from db import migrate
from db.models import Role
from launcher import account, binaries, place, port, postgres, probe, processes, program, valkey
from launcher.place import Place
from launcher.postgres import Postgres
from launcher.program import Program
from launcher.supervisor import Supervisor
from launcher.valkey import Valkey
from services import keys
from tests.chaos.process import children, send, send_group, wait_until
from tests.chaos.stored import Key

API_HORIZON_DAYS, WORKER_HORIZON_DAYS = 1, 7
"""The API writes a day of rows, the workers a week: so the materializer has work while the run lasts."""

READY_WITHIN_S = 60.0
WORKERS = ("worker1", "worker2", "bulk")
BEATS = ("beat1", "beat2")
OURS = ("api", *WORKERS, *BEATS, "lifeline")


DOOMED, TURNED = "tests.chaos.doomed", "tests.chaos.turned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrap:
    """The module that a program runs through, and what it finds in its environment."""

    module: str
    environment: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class House:
    """The running processes, by name; `born` has those that stand since the beginning and were never killed."""

    where: Place
    keeper: Supervisor
    database_url: str
    broker_url: str
    api_port: int
    key: str = ""
    programs: dict[str, Program] = field(default_factory=dict)
    born: dict[str, set[int]] = field(default_factory=dict)
    doomed: frozenset[str] = frozenset()  # programs that die at their fault points, while the file `armed` is there
    absent: tuple[str, ...] = ()  # programs that are not there until the house is healed
    held: set[Key] = field(default_factory=set)  # sessions whose rows a fault locked
    notes: list[str] = field(default_factory=list)  # what a fault wants to be told in the report

    @property
    def deaths(self) -> Path:
        """The folder in which fault points leave their names."""
        return self.where.root.parent / "deaths"

    @property
    def armed(self) -> Path:
        """The file that lets fault points kill."""
        return self.deaths / "armed"

    def start(self, name: str) -> None:
        """Start a program that does not run; does not wait until it answers."""
        if self.is_down(name):
            self.keeper.start(self.programs[name])

    def is_down(self, name: str) -> bool:
        """Whether the program is not there (a halted one is)."""
        return name not in self.keeper.pids() or self.keeper.has_ended(name)

    def kill(self, *names: str, by: signal.Signals = signal.SIGKILL) -> None:
        """Kill these programs with their process groups, and wait until they are gone."""
        for name in names:
            self.born.pop(name, None)
            if not self.is_down(name):
                send_group(self.keeper.pids()[name], by)
        wait_until(lambda: all(self.is_down(name) for name in names), 20.0)

    def kill_child(self, name: str, pid: int) -> None:
        """Kill one process that a program started itself; its other ones have to stay."""
        self.born.get(name, set()).discard(pid)
        send(pid, signal.SIGKILL)

    def halt(self, name: str) -> None:
        """Stop a program and its children where they are; they keep all they hold."""
        for pid in self.family(name):
            send(pid, signal.SIGSTOP)

    def go_on(self, name: str) -> None:
        """Let a halted program go on."""
        for pid in self.family(name):
            send(pid, signal.SIGCONT)

    def children(self, name: str) -> list[int]:
        """The processes that a program started itself."""
        return [] if self.is_down(name) else children(self.keeper.pids()[name])

    def family(self, name: str) -> list[int]:
        """The program's process and its children."""
        return [] if self.is_down(name) else [self.keeper.pids()[name], *self.children(name)]

    def heal(self) -> None:
        """Let everything go on, start whatever is down; nothing dies at a fault point any more."""
        self.armed.unlink(missing_ok=True)
        for name in self.programs:
            self.go_on(name)
            self.start(name)

    def lost(self) -> list[str]:
        """The programs of which a process that nobody killed is not there any more."""
        return [name for name, pids in self.born.items() if not pids <= set(self.family(name))]

    def broker(self, timeout_s: float = 1.0) -> "redis.Redis":
        """A client of the broker."""
        return redis.Redis.from_url(self.broker_url, socket_timeout=timeout_s, socket_connect_timeout=timeout_s,
                                    retry=valkey.ONCE)  # fmt: skip


def enter(folder: Path, wrapped: Mapping[str, Wrap], absent: tuple[str, ...], beats: int) -> House:
    """A house that answers.

    wrapped: programs that run through a module of ours. absent: programs that are not started. beats: how many.
    """
    folder.chmod(0o711)
    where = Place(root=folder / "data", account=account.for_servers())
    place.make(where)
    house = servers_of(where)
    house.deaths.mkdir()
    engine = database.connect(house.database_url)
    migrate.upgrade(engine)
    with database.transaction(engine) as (tx, now):
        house.key = keys.create(tx, "Chaos", Role.ADMIN, now)
    engine.dispose()
    house.absent, house.doomed = absent, frozenset(name for name, wrap in wrapped.items() if wrap.module == DOOMED)
    for one in crew(house, beats):
        house.programs[one.name] = wrap_up(one, wrapped[one.name]) if one.name in wrapped else one
    for name in house.programs:
        if name not in absent:
            house.start(name)
    await_ready(house)
    house.armed.touch()
    for name, pid in house.keeper.pids().items():
        if name not in house.doomed:
            house.born[name] = set(house.family(name)) if name in OURS else {pid}  # a server's children come and go
    return house


def wrap_up(one: Program, wrap: Wrap) -> Program:
    """A Python program that runs through a module of ours, with more in its environment."""
    argv = program.python(wrap.module, *one.argv[2:])
    return dataclasses.replace(one, argv=argv, environment={**one.environment, **wrap.environment})


def servers_of(where: Place) -> House:
    """The two servers, answering."""
    keeper = Supervisor(lock=None, say=lambda _: None)
    environment = {"PATH": os.environ.get("PATH", "")}
    store = Postgres(
        binaries=binaries.postgres(where.account, where.binaries, Settings().pg_bin),
        cluster=where.postgres,
        password=secrets.token_hex(8),
        account=where.account,
    )
    postgres.create_cluster(store)
    broker = Valkey(
        binary=binaries.valkey(where.account, where.binaries),
        folder=where.valkey,
        password=secrets.token_hex(8),
        account=where.account,
    )
    at, broker_at = port.any_free(), port.any_free()
    house = House(where=where, keeper=keeper, database_url=store.url(at), broker_url=broker.url(broker_at),
                  api_port=port.any_free())  # fmt: skip
    house.programs["postgres"] = postgres.program(store, at, where.log("postgres"), environment)
    house.programs["valkey"] = valkey.program(broker, broker_at, where.log("valkey"), environment)
    house.start("postgres")
    house.start("valkey")
    wait_until(lambda: postgres.answers(store.url(at, "postgres")), READY_WITHIN_S)
    wait_until(lambda: valkey.answers(house.broker_url), READY_WITHIN_S)
    postgres.create_database(store.url(at, "postgres"))
    return house


def crew(house: House, beats: int) -> list[Program]:
    """Our own programs: as `sessionbeat up` runs them, with a second worker for the transitions and more beats."""
    environment = os.environ | {"DATABASE_URL": house.database_url, "BROKER_URL": house.broker_url,
                                "SESSIONBEAT_RATE_PER_S": "0",
                                "SESSIONBEAT_HORIZON_DAYS": str(WORKER_HORIZON_DAYS)}  # fmt: skip
    few = {**environment, "SESSIONBEAT_HORIZON_DAYS": str(API_HORIZON_DAYS)}
    known = {one.name: one for one in processes.workers(house.where, environment)}
    second = tuple("transitions@second" if word == "transitions@%h" else word for word in known["worker"].argv)
    names = tuple(f"beat{number}" for number in range(1, beats + 1))
    return [
        dataclasses.replace(processes.api(house.where, few, house.api_port), name="api"),
        named(known["worker"], "worker1", house),
        named(dataclasses.replace(known["worker"], argv=second), "worker2", house),
        known["bulk"],
        *(named(known["beat"], name, house) for name in names),
        processes.lifeline(house.where, environment),
    ]


def named(one: Program, name: str, house: House) -> Program:
    """The same program under another name, with a log of its own."""
    return dataclasses.replace(one, name=name, log=house.where.log(name))


def await_ready(house: House) -> None:
    """Wait until the API and every worker answer."""
    wanted = len([name for name in WORKERS if name not in house.absent])

    def ready() -> bool:
        with Celery(broker=house.broker_url, set_as_current=False) as app:
            replies = app.control.ping(timeout=1.0, limit=wanted) or []
        return len(replies) >= wanted and probe.http_status(house.api_port, "/readyz") == 200

    wait_until(ready, READY_WITHIN_S)
