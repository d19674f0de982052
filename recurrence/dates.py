"""The third proof: no date of the year can be one of both series.

The first and the second Monday of a month never share a date, whatever the year: one is the 1st to 7th, the other the
8th to 14th. Nor do March and April, or the months of two quarterly plans that begin in different months. Only for
series by months, or by weeks within some, in one zone, whose sessions stay within their date and away from changes of
the clock.
"""

from collections.abc import Iterator
from math import gcd
from typing import Final

from recurrence.kinds import Months, Weeks
from recurrence.pattern import BY_DAYS, calm, wall_length
from recurrence.rule import Rule
from recurrence.series import Series
from recurrence.timeline import DAY

NOTE: Final = "dates"  # the name under which a series keeps its dates
DAYS: Final = 31  # bits of a month
MONTH: Final = (1 << DAYS) - 1
YEAR: Final = (1 << 12 * DAYS) - 1
SEVEN: Final = (1 << 7) - 1
LENGTHS: Final = (28, 29, 30, 31)


def apart(a: Series, b: Series) -> bool:
    """Whether no date can be one of both."""
    return a.time_zone == b.time_zone and not dates(a) & dates(b) and calm(a) and calm(b)


def dates(series: Series) -> int:
    """The dates of a year that a series can ever take, one bit each: 31 of January, 31 of February and so on."""
    found = series.notes.get(NOTE)
    if found is None:
        found = series.notes[NOTE] = possible_dates(series)
    return found


def possible_dates(series: Series) -> int:
    """The same, found out: all of them where that is not easily said."""
    walk = series.walk
    if not isinstance(walk, BY_DAYS) or (walk.times[-1] if walk.times else 0) + wall_length(series) > DAY:
        return YEAR
    if isinstance(walk, Weeks):
        return sum([MONTH << DAYS * (month - 1) for month in walk.wanted])
    if not isinstance(walk, Months) or walk.rule.skip != "OMIT":
        return YEAR
    days = numbered(walk.rule) & weekdays(walk.rule)
    step = gcd(walk.indices.step, 12)
    months = {(walk.indices.anchor + offset) % step for offset in walk.indices.offsets}
    return sum([days << DAYS * month for month in range(12) if month % step in months])


def numbered(rule: Rule) -> int:
    """The days of a month that BYMONTHDAY can mean; a negative one depends on the length of the month."""
    if not rule.bymonthday:
        return MONTH
    return union(1 << place for n in rule.bymonthday for place in places(n, 1) if place >= 0)


def weekdays(rule: Rule) -> int:
    """The days of a month that BYDAY can mean: the second Monday is one of the second seven days."""
    if not rule.byday or any(not ordinal for ordinal, _ in rule.byday):
        return MONTH
    sevens = (place for ordinal in {ordinal for ordinal, _ in rule.byday} for place in places(ordinal, 7))
    return union(SEVEN << place if place >= 0 else SEVEN >> -place for place in sevens)


def places(n: int, size: int) -> list[int]:
    """Offsets at which the n-th piece of so many days can begin in a month, negative n counting from its end."""
    return [(n - 1) * size] if n > 0 else [length + n * size for length in LENGTHS]


def union(masks: Iterator[int]) -> int:
    """All the bits that are set, within a month."""
    found = 0
    for mask in masks:
        found |= mask
    return found & MONTH
