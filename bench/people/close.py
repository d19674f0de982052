"""Classes that end at one instant, through beat, broker and a worker: ended, closed and measured.

Three herds of one size: without people; with twenty in each of whom nobody was marked, so that all are written down as
absent; and with twenty who were all checked in, so that all their stays are counted. What is told is the slower of the
last two. Lateness is that of commits, as in `bench herd`.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import quantiles
from typing import Final, NamedTuple

import psycopg

from bench import house, stock
from bench.herd import due
from bench.people import ground
from bench.report import Figure
from bench.stock import Due

LASTS_S: Final = 8  # how long a class is: its start is a herd, too, and is over by then
TAKES_S: Final = 20.0  # how long storing may take at first
OVER_WITHIN_S: Final = 120.0

ENDED: Final = """
    SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - effective_at) FROM transition
    WHERE kind = 'end' AND effective_at = %(at)s"""
MEASURED: Final = """
    SELECT count(*), extract(epoch FROM max(pg_xact_commit_timestamp(xmin)) - %(at)s) FROM session_metrics"""
WAITING: Final = "SELECT EXISTS (SELECT FROM session WHERE next_due_at <= %(at)s AND next_step IS NOT NULL)"
WRONG: Final = """
    SELECT count(*) FROM session_metrics WHERE expected <> %(people)s OR present <> %(came)s OR enrolled <> expected"""


class Herd(NamedTuple):
    """How late the ends were (seconds, in order), and after how many seconds all was measured."""

    late_s: list[float]
    whole_s: float

    def p99_s(self) -> float:
        """The lateness of ends that 99 of a hundred do not exceed."""
        return quantiles(self.late_s, n=100, method="inclusive")[98]


def measured(_: str, sessions: int) -> Sequence[Figure]:
    """The figures, on servers of their own: a commit's instant is kept there."""
    with house.standing() as where, where.sql() as sql, where.running(where.crew(), house.CONSUMERS):
        alone = herd(sql, sessions, None, TAKES_S)
        absent = herd(sql, sessions, False, TAKES_S)
        came = herd(sql, sessions, True, TAKES_S)
    slower = max(absent, came, key=lambda one: one.whole_s)
    parts = {
        "close_unmarked_s": absent.whole_s,
        "close_checked_in_s": came.whole_s,
        "close_without_people_s": alone.whole_s,
        "end_late_p99_s": max(absent.p99_s(), came.p99_s()),
        "end_late_without_people_p99_s": alone.p99_s(),
    }
    words = f"{sessions:,} classes of {ground.OF_A_CLASS} that end at one instant: all closed and measured"
    return [Figure(key="close_all_s", value=slower.whole_s, unit=" s", least=8, aim=3, ceiling=True, words=words,
                   parts=parts)]  # fmt: skip


def herd(sql: psycopg.Connection, sessions: int, came: bool | None, takes_s: float) -> Herd:
    """One herd; came: None: nobody is in it. When storing took too long, it is tried again with twice the time."""
    starts_at = due.clock(sql) + timedelta(seconds=takes_s)
    ends_at = starts_at + timedelta(seconds=LASTS_S)
    stock.fill(sql, sessions, 0, [Due(starts_at, 1, 1)], f"{LASTS_S} s")
    if came is not None:
        ground.enrol(sql, sessions, starts_at, came)
    if due.clock(sql) > starts_at - timedelta(seconds=due.LEAD_S):
        return herd(sql, sessions, came, 2 * takes_s)
    wait_for(sql, ends_at)
    late_s = sorted(float(late) for (late,) in sql.execute(ENDED, {"at": ends_at}))
    [[count, whole_s]] = sql.execute(MEASURED, {"at": ends_at}).fetchall()
    assert (len(late_s), count) == (sessions, sessions)
    people = 0 if came is None else ground.OF_A_CLASS
    [[wrong]] = sql.execute(WRONG, {"people": people, "came": people if came else 0}).fetchall()
    assert wrong == 0, f"{wrong} records are wrong"
    return Herd(late_s, float(whole_s))


def wait_for(sql: psycopg.Connection, ends_at: datetime) -> None:
    """Until everything that was due at that instant is done, without a look before it has passed."""
    time.sleep(max(0.0, (ends_at - due.clock(sql)).total_seconds() + 1.0))

    def over() -> bool:
        [[waiting]] = sql.execute(WAITING, {"at": ends_at}).fetchall()
        return not waiting

    house.wait_until(over, OVER_WITHIN_S, every_s=0.5)
