"""One run of a scenario: a house, clients, faults by the seed; then everything is healed, waited for, and judged."""

import heapq
import math
import os
import random
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis

from launcher.place import PROJECT
from tests.chaos import courses, invariants, lateness, oracle, ruled, stored
from tests.chaos import house as houses
from tests.chaos import journal as journals
from tests.chaos.faults import CLOCKS, clock_file
from tests.chaos.house import DOOMED, TURNED, House, Wrap
from tests.chaos.lateness import Late
from tests.chaos.plans import MOVE, TAIL
from tests.chaos.scenarios import Scenario

HEALED_WITHIN_S = 15.0
HEALED = f"{HEALED_WITHIN_S:g} s after healing, and after the last session, nothing is due"
SAME = "who was not killed is still the process that it was"
LEDGER = "the ledger is the one that the oracle expects, in both directions"
WRITES = "what was acknowledged is there, and what was refused could be"
ROWS = "rows are exactly the rule's, up to the watermark"
ON_TIME = "nothing was later than promised"
ENDED = "the run came to its end"
CLIENTS_WITHIN_S = 60.0  # after healing

LIBFAKETIME = tuple(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


@dataclass(slots=True, kw_only=True)
class Result:
    """What a run showed."""

    scenario: str
    seed: int
    seconds: int
    began: float = 0.0  # when the load began (seconds since 1970)
    lives: int = 0
    requests: dict[str, int] = field(default_factory=dict)
    late: dict[str, Late] = field(default_factory=dict)
    backlog_s: float | None = None
    behind_s: float = 0.0  # by how much the clients were late themselves with 99 of 100 requests
    points: list[str] = field(default_factory=list)  # fault points at which a process died
    notes: list[str] = field(default_factory=list)
    found: dict[str, list[str]] = field(default_factory=dict)  # the exceptions from each invariant that was asked
    skipped: str | None = None

    @property
    def violations(self) -> list[str]:
        """Every exception, a sentence each."""
        return [f"{rule}; but: {one}" for rule, exceptions in self.found.items() for one in exceptions]


def run(scenario: Scenario, seed: int, seconds: int, points: str | None = None, keep: Path | None = None) -> Result:
    """Do it all, for so many seconds of load; what was seen is told however it ends.

    keep: where to leave logs and journal, for whoever looks into it.
    """
    result = Result(scenario=scenario.name, seed=seed, seconds=seconds)
    if scenario.clocks and not LIBFAKETIME:
        result.skipped = "libfaketime is not installed (Debian: apt-get install faketime)"
        return result
    result.found[ENDED] = []
    try:
        whole(scenario, points or scenario.points, keep, result)
    except Exception as error:  # noqa: BLE001  (the outermost: the next scenario goes on)
        traceback.print_exc()
        result.found[ENDED].append(f"{type(error).__name__}: {' '.join(str(error).split())}")
    return result


def whole(scenario: Scenario, points: str, keep: Path | None, result: Result) -> None:
    """One run from an empty folder to the verdict."""
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sessionbeat-chaos-")))
        folder.mkdir(parents=True, exist_ok=keep is None)
        house = houses.enter(folder, wrapped(scenario, folder, points), scenario.absent, scenario.beats)
        stack.callback(house.keeper.stop)
        journal, finished = under_load(house, scenario, folder, result)
        result.points = sorted(point.name for point in house.deaths.iterdir())
        judge(house, scenario, journal, result)
        if finished:
            ask_oracles(house, journal, result)


def wrapped(scenario: Scenario, folder: Path, points: str) -> dict[str, Wrap]:
    """The programs that die at fault points, and those with a clock that can be turned."""
    found = {}
    for name in scenario.doomed:
        told = {"SESSIONBEAT_FAULT": points, "SESSIONBEAT_FAULT_NAME": name}
        found[name] = Wrap(module=DOOMED, environment={**told, "SESSIONBEAT_FAULT_DIR": str(folder / "deaths")})
    for name in CLOCKS if scenario.clocks else ():
        file = clock_file(folder / "data", name)
        file.parent.mkdir(exist_ok=True)
        file.write_text("+0")
        told = {"LD_PRELOAD": str(LIBFAKETIME[0]), "FAKETIME_TIMESTAMP_FILE": str(file)}
        found[name] = Wrap(module=TURNED, environment={**told, "FAKETIME_NO_CACHE": "1",
                                                       "FAKETIME_DONT_FAKE_MONOTONIC": "1"})  # fmt: skip
    return found


def under_load(house: House, scenario: Scenario, folder: Path, result: Result) -> tuple[list[dict[str, Any]], bool]:
    """Clients at work and faults among them; then healing, and waiting until nothing is due.

    Answers the journal, and whether the clients finished: else there are requests that it does not know of.
    """
    began, seconds = math.ceil(time.time()) + 2, result.seconds
    result.began = began
    file = folder / "journal"
    load = scenario.load
    told = [result.seed, seconds, load.rate, load.bursts, load.edited, load.series, load.reworked, began,
            house.api_port, file]  # fmt: skip
    clients = subprocess.Popen(
        [sys.executable, "-m", "tests.chaos.clients", *map(str, told)],
        cwd=PROJECT,
        env=os.environ | {"CHAOS_KEY": house.key},
    )
    try:
        time.sleep(max(0.0, began - time.time()))
        break_things(house, scenario, result.seed, seconds)
        house.heal()
        recover(house, result)
        finished = await_clients(clients, result)
        settle(house, began + seconds + TAIL + MOVE, result)
    finally:
        clients.kill()
        clients.wait()
    return journals.read(file), finished


def await_clients(clients: subprocess.Popen[bytes], result: Result) -> bool:
    """Whether the clients come to the end of their schedule."""
    try:
        ended = clients.wait(CLIENTS_WITHIN_S)
    except subprocess.TimeoutExpired:
        clients.kill()
        result.found[ENDED].append(f"the clients had not finished {CLIENTS_WITHIN_S:g} s after healing")
        return False
    if ended != 0:
        result.found[ENDED].append(f"the clients ended with {ended}")
    return ended == 0


def break_things(house: House, scenario: Scenario, seed: int, seconds: int) -> None:
    """Let the faults take their turns until the time is over."""
    began = time.monotonic()
    faults = [
        fault(house, random.Random(f"{seed} {scenario.name} {number}"), seconds)
        for number, fault in enumerate(scenario.faults)
    ]
    turns = [(0.0, number) for number in range(len(faults))] or [(math.inf, 0)]
    while turns[0][0] < seconds:
        at, number = turns[0]
        time.sleep(max(0.0, began + at - time.monotonic()))
        try:
            wait_s = next(faults[number])
        except (
            psycopg.OperationalError,
            redis.RedisError,
            OSError,
        ) as error:  # another fault was in its way: it is over
            house.notes.append(f"a fault ended early: {' '.join(str(error).split())[:80]}")
            wait_s = math.inf
        heapq.heapreplace(turns, (max(at, time.monotonic() - began - 1.0) + wait_s, number))
    time.sleep(max(0.0, began + seconds - time.monotonic()))
    for fault in faults:
        fault.close()  # type: ignore[attr-defined]  # each is a generator, though typed as what it yields


def recover(house: House, result: Result) -> None:
    """Wait until nothing is due that was so when everything was healed."""
    result.backlog_s = await_nothing_due(house, time.time())
    result.found[HEALED] = [] if result.backlog_s is not None else ["after healing something was"]


def settle(house: House, over: float, result: Result) -> None:
    """Wait until the last session is over, and what it and the clients' last edits left is done."""
    time.sleep(max(0.0, over - time.time()))
    if await_nothing_due(house, time.time()) is None:
        result.found[HEALED].append("after the last session something was")


def await_nothing_due(house: House, instant: float) -> float | None:
    """How long it took until nothing was due that was so by `instant` (seconds); None when it took too long."""
    due = """SELECT (SELECT count(*) FROM session WHERE next_due_at <= to_timestamp(%(instant)s)),
                    (SELECT count(*) FROM segment WHERE next_materialize_at <= to_timestamp(%(instant)s))"""
    began = time.time()
    while time.time() < began + HEALED_WITHIN_S:
        try:
            with psycopg.connect(house.database_url, connect_timeout=2) as connection:
                if connection.execute(due, {"instant": instant}).fetchone() == (0, 0):
                    return time.time() - began
        except psycopg.OperationalError:  # the database is on its way back
            pass
        time.sleep(0.1)
    return None


def judge(house: House, scenario: Scenario, journal: list[dict[str, Any]], result: Result) -> None:
    """Ask the database and the processes."""
    world = quiet_world(house)
    behind = sorted(told["sent"] - result.began - told["at"] for told in journal if "sent" in told)
    result.behind_s = behind[len(behind) * 99 // 100] if behind else 0.0
    result.lives = sum(
        one.state in ("COMPLETED", "MISSED", "CANCELLED") for many in world.sessions.values() for one in many
    )
    result.requests = dict(Counter("skipped" if told.get("skipped") else journals.verdict(told) for told in journal))
    result.late = lateness.of_world(world, house.held)
    lost = [f"{name} has another one now, or none" for name in house.lost()]
    result.found |= {
        **invariants.broken(house.database_url),
        SAME: [*lost, *(f"{name} is down after healing" for name in house.programs if house.is_down(name))],
        ON_TIME: lateness.too_late(world, house.held, scenario.late_within_s),
    }
    result.notes += house.notes


def ask_oracles(house: House, journal: list[dict[str, Any]], result: Result) -> None:
    """Compare what is stored with what follows from the journal, of which nothing may be missing."""
    world = quiet_world(house)
    result.found |= {
        LEDGER: list(oracle.ledgers(journal, world)),
        WRITES: list(oracle.writes(journal, world)),
        ROWS: [*ruled.judge(journal, world), *courses.judge(journal, world)],
    }


def quiet_world(house: House) -> stored.World:
    """What is stored, at an instant at which nothing is half done."""
    while not (world := stored.read(house.database_url)).is_quiet():
        time.sleep(0.5)
    return world
