"""The second proof: the starts of both series lie on patterns that repeat, and the patterns never meet.

A pattern is a steady walk that holds all starts of a series, and perhaps more. "Every second week from 5 January" is
one itself; "the first Monday of the month" lies on all Mondays. Two patterns are bent round a circle as long as the
common divisor of their steps: starts x and y come to lie d apart for some day exactly if d is their distance on the
circle. So "every two weeks" from two neighbouring weeks never meets (congruence), nor do Mondays and Tuesdays.

On one zone's wall that says something about instants while both series stay in the calm part of the day (`clock.py`).
Otherwise, and in two zones, the circle is one of instants: one pattern is turned by every difference that the offsets
of the two zones can have.
"""

from bisect import bisect_left
from collections.abc import Sequence
from math import gcd
from typing import Final

from recurrence import daytime
from recurrence.clock import DECADE, FOREVER, clock, clock_of, shifts
from recurrence.kinds import Months, Weeks, Years
from recurrence.parts import Skip
from recurrence.series import Series
from recurrence.steady import MANY, Steady
from recurrence.timeline import DAY, WEEK

NOTE: Final = "calm"  # the name under which a series keeps what `calm` found
LONGEST: Final = 360 * DAY  # nothing is proven for longer sessions
MONDAY: Final = DAY  # 1 January of year 1 was one
ALONE: Final = 0  # the step of a series that starts once
WHOLE_WEEK: Final = 7
BY_DAYS: Final = (Months, Years, Weeks)  # walks by days, with the same times on each


def apart(a: Series, b: Series) -> bool:
    """Whether two series without RDATE never meet, whenever their patterns do start."""
    mine, theirs = wall_length(a), wall_length(b)
    if max(mine, theirs) > LONGEST:
        return False
    one, other = pattern(a), pattern(b)
    if one is None or other is None:
        return False
    turns: tuple[int, ...] = (0,)
    if a.time_zone != b.time_zone or not (calm(a) and calm(b)):
        decade = max(a.first, b.first) // DECADE
        turns = shifts(a.time_zone, b.time_zone, decade)
        mine += clock(a.time_zone, decade).spread if a.duration.days else 0
        theirs += clock(b.time_zone, decade).spread if b.duration.days else 0
    return not any(meet(one, other, turn, mine, theirs) for turn in turns)


def meet(one: Steady, other: Steady, turn: int, mine: int, theirs: int) -> bool:
    """Whether sessions of length `mine` and `theirs` on two patterns overlap somewhere, the second moved by `turn`."""
    around = gcd(one.step, other.step)
    if around < mine + theirs:
        return True  # also when both start once: that is quickly looked up
    base = other.anchor - one.anchor + turn
    if len(one.offsets) == len(other.offsets) == 1:
        return not mine <= (base + other.offsets[0] - one.offsets[0]) % around <= around - theirs
    here = {x % around for x in one.offsets}
    there = sorted({(base + y) % around for y in other.offsets})
    for x in here:
        place = bisect_left(there, x)
        ahead = (there[place % len(there)] - x) % around
        behind = (x - there[place - 1]) % around
        if ahead < mine or behind < theirs:
            return True
    return False


def pattern(series: Series) -> Steady | None:
    """A pattern that holds all starts of the rule, or None where there are too many to be worth it."""
    walk, rule = series.walk, series.rule
    if walk is None or rule is None:
        return Steady(series.first, ALONE, (0,))
    if isinstance(walk, Steady):
        return walk if 0 < len(walk.offsets) < MANY else None
    if isinstance(walk, BY_DAYS):
        times: Sequence[int] = walk.times
    elif series.sub_daily or rule.byhour or rule.byminute or rule.bysecond:
        return None
    else:
        times = (series.first % DAY,)
    if not 0 < len(times) * WHOLE_WEEK < MANY:
        return None
    days = {day for _, day in rule.byday}
    if not 0 < len(days) < WHOLE_WEEK or rule.skip is not Skip.OMIT:
        return Steady(0, DAY, times)
    return Steady(MONDAY, WEEK, [day * DAY + time for day in days for time in times])


def calm(series: Series) -> bool:
    """Whether no session comes near a change of its zone's clock, so that walls tell the order of instants."""
    if daytime.plain(series):
        return True
    found = series.notes.get(NOTE)
    if found is None:
        found = series.notes[NOTE] = stays_calm(series)
    return bool(found)


def stays_calm(series: Series) -> bool:
    """The same, found out."""
    found = clock_of(series)
    if found.calm_for == FOREVER:
        return True
    starts = pattern(series)
    if starts is None or starts.step % DAY:
        return False
    base, room = starts.anchor - found.calm_from, found.calm_for - series.duration.seconds
    return all((base + offset) % DAY <= room for offset in starts.offsets)


def wall_length(series: Series) -> int:
    """How long a session is on the wall clock, changes of it apart, in seconds."""
    return series.duration.days * DAY + series.duration.seconds
