"""The faults. Each is a generator: it does harm, and yields how many seconds to wait until it goes on.

What it chooses comes from its own random numbers, so that a run follows from its seed. What it left broken,
`House.heal` mends; what it holds open itself, it lets go when it is closed.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, cast

import psycopg
import redis

from tests.chaos.house import BEATS, WORKERS, House

Fault = Callable[[House, Random, int], Iterator[float]]

FOR_EVER = 3600.0
QUEUES = ("transitions", "bulk")
CLOCKS = ("worker1", "beat1")  # programs whose clock a fault may turn


def often(rng: Random) -> float:
    """Every fifth to half of a second."""
    return rng.uniform(0.2, 0.5)


def children_of(*names: str) -> Fault:
    """A process of these workers' pools is killed, again and again."""

    def fault(house: House, rng: Random, _: int) -> Iterator[float]:
        while True:
            pool = [(name, pid) for name in names for pid in house.children(name)]
            if pool:
                house.kill_child(*rng.choice(pool))
            yield often(rng)

    return fault


def killing(*names: str, pause: Callable[[Random], float] = often) -> Fault:
    """These programs are killed together and started again at once, again and again."""

    def fault(house: House, rng: Random, _: int) -> Iterator[float]:
        while True:
            house.kill(*names)
            for name in names:
                house.start(name)
            yield pause(rng)

    return fault


def seldom(rng: Random) -> float:
    """Every four to eight seconds: long enough to come back, short enough to be hit again."""
    return rng.uniform(4.0, 8.0)


def broker_flushed(house: House, rng: Random, _: int) -> Iterator[float]:
    """Everything in the broker is thrown away, again and again."""
    while True:
        with suppress(redis.RedisError), house.broker() as broker:
            broker.flushall()
        yield often(rng)


def broker_away(house: House, _: Random, seconds: int) -> Iterator[float]:
    """No broker for 30 s."""
    yield 3.0
    house.kill("valkey")
    yield min(30.0, seconds - 8.0)
    house.start("valkey")
    yield FOR_EVER


def halted(name: str, for_s: float, every_s: float) -> Fault:
    """A server stops where it is, its connections open, and goes on later."""

    def fault(house: House, _: Random, seconds: int) -> Iterator[float]:
        yield 4.0
        while True:
            house.halt(name)
            yield min(for_s, seconds - 8.0)
            house.go_on(name)
            yield every_s

    return fault


def database_stopping(least_s: float, most_s: float) -> Fault:
    """PostgreSQL ends at once (immediate shutdown) and starts again, again and again after such a pause."""

    def fault(house: House, rng: Random, _: int) -> Iterator[float]:
        while True:
            yield rng.uniform(least_s, most_s)
            house.kill("postgres", by=signal.SIGQUIT)
            house.start("postgres")

    return fault


def backends_terminated(house: House, rng: Random, _: int) -> Iterator[float]:
    """Connections of ours are ended by the server in a stream."""
    pids = "SELECT pid FROM pg_stat_activity WHERE application_name = 'sessionbeat' ORDER BY pid"
    with psycopg.connect(house.database_url, autocommit=True) as connection:
        while True:
            found = connection.execute(pids).fetchall()
            if found:
                connection.execute("SELECT pg_terminate_backend(%s)", rng.choice(found))
            yield rng.uniform(0.02, 0.2)


REWIND = """
    WITH chosen AS (
        SELECT tenant_id, series_id, from_local FROM segment
        WHERE rrule IS NOT NULL AND CAST(substr(description, 7) AS int) < 1000
          AND CAST(substr(description, 7) AS int) %% 4 = %s
        ORDER BY series_id FOR UPDATE
    ), back AS (
        DELETE FROM session s USING chosen c
        WHERE (s.tenant_id, s.series_id) = (c.tenant_id, c.series_id) AND s.starts_at >= now() + interval '6 h'
          AND s.seq = 0 AND s.version = 1 AND s.removed_at IS NULL
    )
    UPDATE segment g SET materialized_until = least(g.materialized_until, now() + interval '6 h'),
                         next_materialize_at = now()
    FROM chosen c WHERE (g.tenant_id, g.series_id, g.from_local) = (c.tenant_id, c.series_id, c.from_local)"""


def materializing(house: House, rng: Random, _: int) -> Iterator[float]:
    """Every few seconds a quarter of the series has rows for six hours only, and wants a week of them."""
    yield 4.0
    for turn in count():
        with suppress(psycopg.OperationalError), psycopg.connect(house.database_url, connect_timeout=2) as connection:
            connection.execute("SET lock_timeout = '1s'")
            connection.execute(REWIND, (turn % 4,))
        yield rng.uniform(2.0, 4.0)


def stopped_while_materializing(house: House, rng: Random, seconds: int) -> Iterator[float]:
    """PostgreSQL ends at once shortly after series wanted rows."""
    for wait_s in materializing(house, rng, seconds):
        yield rng.uniform(0.05, 0.6)
        house.kill("postgres", by=signal.SIGQUIT)
        house.start("postgres")
        yield wait_s + 4.0


HERD = """
    SELECT series_id, recurrence_id FROM session WHERE next_step IS NOT NULL
      AND next_due_at BETWEEN now() + interval '1 s' AND now() + interval '8 s'
    ORDER BY next_due_at, series_id LIMIT 25 FOR UPDATE SKIP LOCKED"""


def rows_held(house: House, _: Random, seconds: int) -> Iterator[float]:
    """A transaction holds rows of the herd for 60 s; the others must not wait."""
    yield 8.0
    with psycopg.connect(house.database_url) as connection:
        house.held |= {(row[0], row[1]) for row in connection.execute(HERD)}
        house.notes.append(f"{len(house.held)} rows held")
        yield min(60.0, seconds - 9.0)
        connection.rollback()
    yield FOR_EVER


def connections_exhausted(house: House, rng: Random, _: int) -> Iterator[float]:
    """Some seconds long every connection of the server is taken, and those of ours are ended as they come."""
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sessionbeat'"
    taken: list[psycopg.Connection[Any]] = []
    try:
        while True:
            yield rng.uniform(4.0, 7.0)
            taken.append(psycopg.connect(house.database_url, autocommit=True))
            for _turn in range(rng.randint(10, 20)):
                taken[0].execute(others)
                take_all(house.database_url, taken)
                yield 0.2
            house.notes.append(f"{len(taken)} connections taken")
            while taken:
                taken.pop().close()
    finally:
        while taken:
            taken.pop().close()


def take_all(url: str, taken: list[psycopg.Connection[Any]]) -> None:
    """Connect until the server refuses."""
    with suppress(psycopg.OperationalError):
        while True:
            taken.append(psycopg.connect(url, connect_timeout=2))


def clock_file(folder: Path, name: str) -> Path:
    """Where the clock of a program is told how far off it is."""
    return folder / f"clock.{name}"


def clocks_stepped(house: House, rng: Random, _: int) -> Iterator[float]:
    """The clocks of a worker and of a beat jump by an hour, forward and back, each on its own."""
    while True:
        for name in CLOCKS:
            clock_file(house.where.root, name).write_text(rng.choice(("+0", "+3600", "-3600")))
        yield rng.uniform(3.0, 6.0)


def hints_disordered(house: House, rng: Random, _: int) -> Iterator[float]:
    """Hints are taken off the queues before a worker gets them: dropped, doubled, or given back late in wrong order."""
    kept: list[tuple[bytes, bytes]] = []
    told = {"dropped": 0, "doubled": 0, "reordered": 0}
    broker = house.broker()
    try:
        while True:
            found = cast("tuple[bytes, bytes] | None", broker.brpop(list(QUEUES), timeout=0.1))
            yield 0.005
            if found is None:
                continue
            fate = rng.choice(tuple(told))
            told[fate] += 1
            if fate == "doubled":
                broker.lpush(found[0], found[1], found[1])
            elif fate == "reordered":
                kept.append(found)
                if len(kept) >= 4:
                    for queue, hint in reversed(kept):
                        broker.lpush(queue, hint)
                    kept.clear()
    finally:
        house.notes.append(", ".join(f"{number} {fate}" for fate, number in told.items()))
        broker.close()


def points(house: House, _: Random, __: int) -> Iterator[float]:
    """Programs that die at their fault points are started again as soon as they are down."""
    while True:
        for name in house.programs:
            if name not in house.born and name not in house.absent:
                house.start(name)
        yield 0.1


ONE_BEAT, ALL_BEATS = killing(BEATS[0]), killing(*BEATS)
CHILDREN = children_of(*WORKERS)
ONE_WORKER, ALL_WORKERS = killing(WORKERS[0]), killing(*WORKERS)
LIFELINE = killing("lifeline")
BROKER = killing("valkey", pause=seldom)
