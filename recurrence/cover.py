"""What minutes of the week a series can ever take: one bit a minute, Monday 00:00 first.

Two series that share no minute never clash, however long they run. For series in one zone the minutes are
those that the wall clock shows; for different zones they are UTC, a session smeared over every offset that
the zone has from its first session on. Where a session comes near a time at which the zone ever changes its
clocks, it is widened on both sides by the largest jump: the clock may show it that much earlier or later. A
cover may be too wide, never too narrow.
"""

from collections.abc import Callable
from functools import lru_cache
from math import gcd
from typing import Final, NamedTuple

from recurrence import timeline, zone
from recurrence.kinds import Months, Weeks, Years
from recurrence.moment import Moment, Period
from recurrence.period import month_days
from recurrence.series import Series
from recurrence.steady import MANY, Steady
from recurrence.timeline import DAY, WEEK

MINUTE: Final = 60
BITS: Final = WEEK // MINUTE
FULL: Final = (1 << BITS) - 1
ALL_DATES: Final = (1 << 12 * 31) - 1
MONDAY: Final = DAY  # 1 January of year 1 was one


class Clock(NamedTuple):
    """How a zone's clock behaves from an instant on."""

    offsets: tuple[int, ...]  # every offset in use, in seconds
    jump: int  # the largest change, in seconds
    changes: tuple[int, ...]  # seconds of the day at which the clock begins or ends a change


@lru_cache(maxsize=256)
def clock(name: str, year: int) -> Clock:
    """The behaviour of a zone from the beginning of a year on."""
    where = zone.load(name)
    start = timeline.FIRST + (year - 1) * 365 * DAY
    at = [n for n, instant in enumerate(where.instants) if instant >= start]
    first = at[0] if at else len(where.instants)
    jumps = [abs(where.offsets[n + 1] - where.offsets[n]) for n in at]
    changes = {(where.instants[n] + where.offsets[n + k]) % DAY for n in at for k in (0, 1)}
    return Clock(tuple(sorted(set(where.offsets[first:]))), max(jumps, default=0), tuple(sorted(changes)))


def clock_of(series: Series) -> Clock:
    """The behaviour of the series' zone, from the decade of its first session on."""
    return clock(series.zone, max(1, (series.dtstart.year - 1) // 10 * 10))


def apart(a: Series, b: Series) -> bool:
    """Whether no minute of the week is ever taken by both."""
    of = of_walls if a.zone == b.zone else of_instants
    return not noted(a, of) & noted(b, of)


def noted(series: Series, of: Callable[[Series], int]) -> int:
    """What `of` says of a series, kept with it."""
    found = series.notes.get(of.__name__)
    if found is None:
        found = series.notes[of.__name__] = of(series)
    return found


def on_other_dates(a: Series, b: Series) -> bool:
    """Whether no date of a year can be one of both, and no session of either reaches into another date.

    For series in one zone whose sessions keep away from changes of its clocks.
    """
    return not noted(a, of_dates) & noted(b, of_dates)


def of_walls(series: Series) -> int:
    """The cover in the minutes that the clock of its zone shows."""
    starts = weekly_starts(series)
    if starts is None:
        return FULL
    length = wall_length(series)
    found = clock_of(series)
    mask = 0
    for start in starts:
        if found.jump and near_change(start % DAY, length, found):
            mask |= bits(start - found.jump, length + 2 * found.jump)
        else:
            mask |= bits(start, length)
    return mask


def of_instants(series: Series) -> int:
    """The cover in minutes of UTC."""
    shown = noted(series, of_walls)
    mask = 0
    for offset in clock_of(series).offsets:
        early, late = -(offset // MINUTE) % BITS, (offset // -MINUTE) % BITS
        mask |= turned(shown, early) | turned(shown, late)
    return mask


def of_dates(series: Series) -> int:
    """The dates of a year that a series by months can ever take, one bit each: 31 of January, 31 of February…"""
    walk = series.walk
    if not isinstance(walk, Months) or walk.parts.skip != "OMIT":
        return ALL_DATES
    if max(walk.times, default=0) + wall_length(series) > DAY:
        return ALL_DATES
    days = {day for length in (28, 29, 30, 31) for first in range(7) for day in month_days(walk.parts, length, first)}
    month = sum(1 << day for day in days)
    step = gcd(walk.indices.step, 12)
    months = {(walk.indices.anchor + offset) % step for offset in walk.indices.offsets}
    return sum(month << 31 * n for n in range(12) if n % step in months)


def turned(mask: int, minutes: int) -> int:
    """The cover moved on by so many minutes, round the week."""
    moved = mask << minutes
    return (moved & FULL) | (moved >> BITS)


def bits(start: int, length: int) -> int:
    """The minutes from a second of the week on, `length` seconds long, round the week."""
    first = start // MINUTE
    count = min(-(-(start + length) // MINUTE) - first, BITS)
    return turned((1 << count) - 1, first % BITS)


def weekly_starts(series: Series) -> list[int] | None:
    """Seconds of the week at which sessions can start; None when they can everywhere, or in too many places."""
    walk = series.walk
    if walk is None or series.rule is None:
        return [series.first - MONDAY]
    if isinstance(walk, Steady):
        if walk.step % WEEK == 0:
            return [walk.anchor + offset - MONDAY for offset in walk.offsets] if len(walk.offsets) < MANY else None
        if walk.step % DAY == 0 and len(walk.offsets) < MANY // 7:
            return [day * DAY + walk.anchor + offset for offset in walk.offsets for day in range(7)]
        return None
    if not isinstance(walk, Months | Years | Weeks) or len(walk.times) >= MANY // 7:
        return None
    days = {day for _, day in series.rule.byday} if series.rule.skip == "OMIT" else set()
    return [day * DAY + time for day in (days or range(7)) for time in walk.times]


def near_change(time: int, length: int, found: Clock) -> bool:
    """Whether a session comes within a jump of a second of the day at which clocks change."""
    low, high = time - found.jump, time + length + found.jump
    if found.changes[-1] < low and high < DAY + found.changes[0]:
        return False  # most sessions are in the daytime, most changes in the night
    return any((change - low) % DAY <= high - low for change in found.changes)


def wall_length(series: Series) -> int:
    """How long a session is on the wall clock, clock changes apart, in seconds."""
    return series.duration.days * DAY + series.duration.seconds


def slack(series: Series) -> int:
    """The distance that proofs about walls must keep: the largest jump if a session can come near one, else
    nothing.
    """
    return noted(series, needed_slack)


def needed_slack(series: Series) -> int:
    """The same, found out."""
    found = clock_of(series)
    starts = weekly_starts(series)
    if not found.jump:
        return 0
    if starts is not None and not any(near_change(start % DAY, wall_length(series), found) for start in starts):
        return 0
    return found.jump


def period_length(moment: Moment) -> int:
    """An upper bound of a PERIOD's length in seconds; other entries have the series' own."""
    if not isinstance(moment, Period):
        return 0
    if moment.duration is not None:
        return moment.duration.longest
    assert moment.end is not None
    return int((moment.end - moment.start).total_seconds()) + DAY
