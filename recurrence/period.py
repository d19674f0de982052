"""The days of one period: which of its dates a rule names (RFC 5545 3.3.10, the table of BY parts).

A month is told completely by its length and the weekday of its first, a year by its length and the weekday of
1 January. So each of the few kinds of month (28), year (14) and week-year is compiled once into day offsets
from its first day, and expansion is `first + offset`.

A date that does not exist (31 April) is left out, or with SKIP moved to the last day before or the first day
after it; it still belongs to its own month (decision 5). Parts that are both given restrict each other, as
dateutil and the Google ports read the table (decision 11). A week belongs to the week-year that holds most of
its days (decision 12).
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from recurrence.calendar import month_length
from recurrence.parts import ByDay, Skip

MONTHS: Final = tuple(range(1, 13))
IN_MONTH: Final = {  # by the length of a month and the first of its days: each week's
    (length, first): frozenset(range(first, length, 7)) for length in range(28, 32) for first in range(7)
}


class DayParts(NamedTuple):
    """The parts of a rule that choose days, with what they take from DTSTART filled in."""

    bymonth: tuple[int, ...]
    byweekno: tuple[int, ...]
    byyearday: tuple[int, ...]
    bymonthday: tuple[int, ...]
    byday: tuple[ByDay, ...]
    skip: Skip
    wkst: int


def month_days(parts: DayParts, length: int, weekday: int) -> set[int]:
    """Offsets of the days of a month that BYMONTHDAY and BYDAY name; `weekday` is that of its first day.

    With SKIP an offset may be -1 or `length`: the day beside the month that stands in for a missing one.
    """
    if parts.bymonthday:
        days = set(numbered_days(parts.bymonthday, length, parts.skip))
        return days & weekdays_of(parts.byday, length, weekday, beside=1) if parts.byday else days
    return weekdays_of(parts.byday, length, weekday) if parts.byday else set(range(length))


def numbered_days(numbers: Iterable[int], length: int, skip: Skip) -> Iterator[int]:
    """Offsets of the n-th days of a month, negative numbers counting from its end."""
    for n in numbers:
        offset = n - 1 if n > 0 else length + n
        if 0 <= offset < length:
            yield offset
        elif skip is Skip.BACKWARD:
            yield length - 1 if n > 0 else -1
        elif skip is Skip.FORWARD:
            yield length if n > 0 else 0


def weekdays_of(byday: Iterable[ByDay], length: int, weekday: int, beside: int = 0) -> set[int]:
    """Offsets of the weekdays named, in a stretch of `length` days that begins on `weekday`.

    With `beside` = 1 a weekday without ordinal also matches the day on either side, where SKIP may have moved
    a day.
    """
    days: set[int] = set()
    for ordinal, day in byday:
        first = (day - weekday) % 7
        if not ordinal:
            if beside or length > 31:
                days.update(range(first - 7 * (first == 6) * beside, length + beside, 7))
            else:
                days |= IN_MONTH[length, first]
            continue
        count = (length - first + 6) // 7
        index = ordinal - 1 if ordinal > 0 else count + ordinal
        if 0 <= index < count:
            days.add(first + 7 * index)
    return days


def year_days(parts: DayParts, leap: bool, weekday: int) -> list[int]:
    """Offsets from 1 January, in order, of the days of a year that the parts name; `weekday` is that of 1
    January.
    """
    length = 365 + leap
    days = set(days_of_months(parts, leap, weekday))
    if parts.byyearday:
        days &= {n - 1 if n > 0 else length + n for n in parts.byyearday if abs(n) <= length}
    if parts.byday and not parts.bymonth:
        days &= weekdays_of(parts.byday, length, weekday)
    return sorted(days)


def days_of_months(parts: DayParts, leap: bool, weekday: int) -> Iterator[int]:
    """The days of a year that BYMONTH, BYMONTHDAY and BYDAY name; without BYMONTH, BYDAY is left to the whole
    year.
    """
    inner = parts if parts.bymonth else parts._replace(byday=())
    start = 0
    for month in MONTHS:
        length = month_length(month, leap)
        if not parts.bymonth or month in parts.bymonth:
            for day in month_days(inner, length, (weekday + start) % 7):
                yield start + day
        start += length


def week_year_days(parts: DayParts, before: bool, leap: bool, after: bool, weekday: int) -> list[int]:
    """Offsets from 1 January, in order, of the days of a week-year that the parts name; they may lie beside the year.

    `before`, `leap` and `after` say whether the years before, itself and after are leap years.
    """
    rest = parts._replace(byday=tuple([ByDay(0, day) for _, day in parts.byday]))
    length = 365 + leap
    named = set(year_days(rest, leap, weekday))
    earlier = 365 + before
    named.update(day - earlier for day in year_days(rest, before, (weekday - earlier) % 7))
    named.update(day + length for day in year_days(rest, after, (weekday + length) % 7))
    start = first_week(weekday, parts.wkst)
    weeks = (length + first_week((weekday + length) % 7, parts.wkst) - start) // 7
    chosen = {n - 1 if n > 0 else weeks + n for n in parts.byweekno}
    return [day for day in range(start, start + 7 * weeks) if (day - start) // 7 in chosen and day in named]


def first_week(weekday: int, wkst: int) -> int:
    """Offset from 1 January, -3 to 3, of the first week that has at least four days in the year."""
    offset = (wkst - weekday) % 7
    return offset - 7 if offset > 3 else offset
