"""Sessions fall due; how late was each of them committed?

Lateness is the instant of the commit that started a session less the instant it was due, both on the database's clock:
what a row waited for its batch counts.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Final, NamedTuple

import psycopg

from bench import house, stock
from bench.stock import Due

LEAD_S: Final = 3.0  # seconds between the last preparation and the first instant, at least
OVER_WITHIN_S: Final = 120.0
APART_S: Final = 8.0  # seconds between two herds of one filling

LATE: Final = """
    SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - effective_at) FROM transition
    WHERE kind = 'start' AND effective_at = ANY(%(instants)s)"""

WAITING: Final = (  # by the index of starts: a look at the whole table would cost the herd a core
    "SELECT EXISTS (SELECT FROM session WHERE start_at = ANY (%(instants)s) AND next_step = 'START')"
)


class Fallen(NamedTuple):
    """What became of sessions that were due: how late each was (seconds, in order)."""

    late_s: list[float]

    def percentile(self, percent: int) -> float:
        """The lateness that so many of a hundred do not exceed (seconds)."""
        return quantiles(self.late_s, n=100, method="inclusive")[percent - 1]

    def rate(self) -> float:
        """Sessions a second, from the instant they were due until the last was committed."""
        return len(self.late_s) / self.late_s[-1]


def clock(sql: psycopg.Connection) -> datetime:
    """The database's clock."""
    [[now]] = sql.execute("SELECT clock_timestamp()").fetchall()
    assert isinstance(now, datetime)
    return now


def herds(
    sql: psycopg.Connection, plans: int, ahead: int, sizes: Sequence[int], takes_s: float, behind: int = 0
) -> list[Fallen]:
    """Store `plans` plans with so many sessions ahead and behind, and let herds of these sizes fall due in turn.

    takes_s: how long storing will take (seconds); when that was too short, it is tried again with twice as long.
    """
    first = clock(sql) + timedelta(seconds=takes_s)
    instants = [first + timedelta(seconds=APART_S * number) for number in range(len(sizes))]
    falling = [Due(at, 1, plans // size) for at, size in zip(instants, sizes, strict=True)]
    stock.fill(sql, plans, ahead, falling, behind=behind)
    if clock(sql) > first - timedelta(seconds=LEAD_S):
        return herds(sql, plans, ahead, sizes, 2 * takes_s, behind)
    return [fallen(sql, [at]) for at in instants]


def alone(sql: psycopg.Connection, plans: int, ahead: int, instants: Sequence[float], takes_s: float) -> Fallen:
    """The same for single sessions: one plan each, due so many seconds after the first one can be."""
    first = clock(sql) + timedelta(seconds=takes_s)
    ats = [first + timedelta(seconds=after) for after in instants]
    stock.fill(sql, plans, ahead, [Due(at, 1 + number * (plans // len(ats)), plans) for number, at in enumerate(ats)])
    if clock(sql) > first - timedelta(seconds=LEAD_S):
        return alone(sql, plans, ahead, instants, 2 * takes_s)
    return fallen(sql, ats)


def fallen(sql: psycopg.Connection, instants: Sequence[datetime]) -> Fallen:
    """Wait until all that is due at these instants was started, without a look before the last of them has passed."""
    last = max(instants)
    time.sleep(max(0.0, (last - clock(sql)).total_seconds() + 1.0))

    def over() -> bool:
        [[waiting]] = sql.execute(WAITING, {"instants": list(instants)}).fetchall()
        return not waiting

    house.wait_until(over, OVER_WITHIN_S, every_s=0.5)
    rows = sql.execute(LATE, {"instants": list(instants)}).fetchall()
    return Fallen(sorted(float(late) for (late,) in rows))
