"""When the walls of two series in one zone meet, and the proof that they never do.

*Congruence*: two steady rules meet only where their distance, modulo the common divisor of their steps, is shorter
than a session. *Calendar*: the Gregorian calendar repeats every 400 years, so rules whose intervals divide that cycle
are compared wall by wall for one cycle.
"""

from enum import Enum
from itertools import chain
from math import gcd
from typing import Final

from recurrence import cover
from recurrence.calendar import CYCLE
from recurrence.counting import walls
from recurrence.series import Series
from recurrence.steady import Steady
from recurrence.timeline import DAY, END

MOST_PAIRS: Final = 1_024  # offsets of two steady rules compared
MOST_WALLS: Final = 320_000  # walls compared in one cycle


class Nowhere(Enum):
    """A proof that walls never meet."""

    YES = "yes"


def steady_meeting(a: Series, b: Series, low: int) -> "int | Nowhere | None":
    """The first wall from `low` on at which sessions of two steady rules meet on the wall clock of their one zone.

    Nowhere.YES when there is none, None when the rules are not of that kind. By congruence: starts x and x +
    d meet when d is a difference modulo the greatest common divisor of the steps, and shorter than a session.
    """
    first, second = a.walk, b.walk
    if a.zone != b.zone or not isinstance(first, Steady) or not isinstance(second, Steady):
        return None
    if len(first.offsets) * len(second.offsets) > MOST_PAIRS:
        return None
    start = max(low - 2 * DAY, a.first, b.first)
    common = gcd(first.step, second.step)
    mine, theirs = cover.wall_length(a), cover.wall_length(b)
    found = [
        meeting_of(first.anchor + x, first.step, second.anchor + y - distance, second.step, start)
        for x in first.offsets
        for y in second.offsets
        for distance in close_distances((second.anchor + y - first.anchor - x) % common, common, mine, theirs)
    ]
    return min(found, default=Nowhere.YES)


def close_distances(rest: int, common: int, mine: int, theirs: int) -> list[int]:
    """The differences congruent to `rest` at which a session of length `mine` and a later one of `theirs`
    overlap.
    """
    if not mine or not theirs:
        return []
    ahead = range(rest, mine, common)
    behind = range(rest - common, -theirs, -common)
    return [*ahead[:MOST_PAIRS], *behind[:MOST_PAIRS]]


def meeting_of(x: int, step: int, y: int, other: int, low: int) -> int:
    """The least number from `low` on that is x modulo `step` and y modulo `other`, which must agree modulo
    their divisor.
    """
    common = gcd(step, other)
    cycle = other // common
    rounds = (y - x) // common * pow(step // common, -1, cycle) % cycle if cycle > 1 else 0
    first = x + rounds * step
    whole = step * cycle
    return first + -((first - low) // whole) * whole


def cycle_meeting(a: Series, b: Series, low: int) -> "int | Nowhere | None":
    """The first wall at which sessions meet, found by comparing the walls of one whole cycle; None: cannot be
    said.
    """
    start = max(a.first, b.first, low - DAY)
    if not (cyclic(a) and cyclic(b)) or start + CYCLE >= END:
        return None
    lengths = (cover.wall_length(a), cover.wall_length(b))
    streams = [chain.from_iterable(walls(series, start, start + CYCLE)) for series in (a, b)]
    heads = [next(stream, END) for stream in streams]
    for _ in range(MOST_WALLS):
        early = 0 if heads[0] <= heads[1] else 1
        late = heads[1 - early]
        if late == END:
            return Nowhere.YES
        if late < heads[early] + lengths[early] and lengths[1 - early]:
            return heads[early]
        heads[early] = next(streams[early], END)
    return None


def cyclic(series: Series) -> bool:
    """Whether the rule's starts repeat with the Gregorian calendar: its interval divides the cycle."""
    rule = series.rule
    if rule is None:
        return False
    cycle = {"YEARLY": 400, "MONTHLY": 4_800, "WEEKLY": CYCLE // DAY // 7, "DAILY": CYCLE // DAY}
    seconds = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
    whole = cycle[rule.freq] if rule.freq in cycle else CYCLE // seconds[rule.freq]
    return whole % rule.interval == 0
