"""When the walls of two endless series in one zone meet, from some time on, or that they never do.

*Congruence*: two steady rules meet where the distance of their starts, modulo the common divisor of their steps, is
shorter than a session. *Calendar*: the Gregorian calendar repeats every 400 years, so rules whose intervals divide that
cycle are compared wall by wall for one cycle.
"""

from contextlib import suppress
from enum import Enum
from itertools import chain
from math import gcd
from typing import Final

from recurrence.calendar import CYCLE
from recurrence.counting import walls
from recurrence.errors import BudgetError
from recurrence.pattern import LONGEST, wall_length
from recurrence.series import Series
from recurrence.steady import Steady
from recurrence.timeline import DAY, END
from recurrence.work import Work, watched

MOST_PAIRS: Final = 1_024  # starts of two steady rules, and distances between them, compared
WALLS: Final = 6  # walls compared in one cycle are as much work as a step


class Nowhere(Enum):
    """A proof that walls never meet."""

    YES = "yes"


def meeting(a: Series, b: Series, low: int, work: Work) -> int | Nowhere | None:
    """The first wall from about `low` on at which a session begins that meets one of the other; None: cannot be
    said, with the work that is left.
    """
    reach = max(wall_length(a), wall_length(b))
    if reach > LONGEST:
        return None
    start = max(low - reach - DAY, a.first, b.first)
    return steady_meeting(a, b, start) if steady(a, b) else cycle_meeting(a, b, start, work)


def steady(a: Series, b: Series) -> bool:
    """Whether both rules are steady, with few enough starts."""
    first, second = a.walk, b.walk
    if not isinstance(first, Steady) or not isinstance(second, Steady):
        return False
    return len(first.offsets) * len(second.offsets) <= MOST_PAIRS


def steady_meeting(a: Series, b: Series, start: int) -> int | Nowhere | None:
    """The first start of `a` from `start` on at which two steady rules meet: x and x + d do when d is a distance modulo
    the common divisor of the steps, and shorter than a session.
    """
    first, second = a.walk, b.walk
    assert isinstance(first, Steady)
    assert isinstance(second, Steady)
    common = gcd(first.step, second.step)
    mine, theirs = wall_length(a), wall_length(b)
    if (mine + theirs) // common > MOST_PAIRS // (len(first.offsets) * len(second.offsets) or 1):
        return None
    found = [
        first_common(first.anchor + x, first.step, second.anchor + y - distance, second.step, start)
        for x in first.offsets
        for y in second.offsets
        for distance in close_distances((second.anchor + y - first.anchor - x) % common, common, mine, theirs)
    ]
    return min(found, default=Nowhere.YES)


def close_distances(rest: int, common: int, mine: int, theirs: int) -> list[int]:
    """The distances congruent to `rest` at which a session of length `mine` and a later one of `theirs` overlap;
    neither is without length.
    """
    return [*range(rest, mine, common), *range(rest - common, -theirs, -common)]


def first_common(x: int, step: int, y: int, other: int, low: int) -> int:
    """The least number from `low` on that is x modulo `step` and y modulo `other`, which must agree modulo
    their divisor.
    """
    common = gcd(step, other)
    cycle = other // common
    rounds = (y - x) // common * pow(step // common, -1, cycle) % cycle if cycle > 1 else 0
    first = x + rounds * step
    whole = step * cycle
    return first + -((first - low) // whole) * whole


def cycle_meeting(a: Series, b: Series, start: int, work: Work) -> int | Nowhere | None:
    """The first wall from `start` on at which sessions meet, by comparing the walls of one whole cycle."""
    lengths = (wall_length(a), wall_length(b))
    end = start + CYCLE + max(lengths)  # who begins at the very end still meets who begins a little later
    if not (cyclic(a) and cyclic(b)) or end >= END:
        return None
    streams = [chain.from_iterable(walls(watched(series, work), start, end)) for series in (a, b)]
    with suppress(BudgetError):
        heads = [next(stream, END) for stream in streams]
        while True:
            work.spend(1)
            for _ in range(WALLS):
                early = 0 if heads[0] <= heads[1] else 1
                late = heads[1 - early]
                if late == END:
                    return Nowhere.YES
                if late < heads[early] + lengths[early] and lengths[1 - early]:
                    return heads[early]
                heads[early] = next(streams[early], END)
    return None


def cyclic(series: Series) -> bool:
    """Whether the starts of an endless series repeat with the Gregorian calendar: its interval divides the cycle."""
    rule = series.rule
    assert rule is not None
    cycle = {"YEARLY": 400, "MONTHLY": 4_800, "WEEKLY": CYCLE // DAY // 7, "DAILY": CYCLE // DAY}
    seconds = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
    whole = cycle[rule.freq] if rule.freq in cycle else CYCLE // seconds[rule.freq]
    return whole % rule.interval == 0
