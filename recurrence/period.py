"""The days of one period: which of its dates a rule names (RFC 5545 3.3.10, the table of BY parts).

A month is told completely by its length and the weekday of its first, a year by its length and the weekday of
1 January. So each of the few kinds of month (28), year (14) and week-year is compiled once into day offsets
from its first day, and expansion is `first + offset`.

A date that does not exist (31 April) is left out, or with SKIP moved to the last day before or the first day
after it; it still belongs to its own month (decision 5). Parts that are both given restrict each other, as
dateutil and the Google ports read the table (decision 11). A week belongs to the week-year that holds most of
its days (decision 12).
"""

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import Final

from recurrence.calendar import month_length
from recurrence.parts import ByDay, Skip
from recurrence.rule import Rule

MONTHS: Final = tuple(range(1, 13))


def month_days(rule: Rule, length: int, weekday: int) -> Sequence[int]:
    """Offsets, in order, of the days of a month that BYMONTHDAY and BYDAY name; `weekday` is that of its first day.

    With SKIP an offset may be -1 or `length`: the day beside the month that stands in for a missing one.
    """
    if not rule.byday:
        return numbered_days(rule, length)
    days = weekdays_of(rule.byday, length, weekday)
    if not rule.bymonthday:
        return days
    every = [day for ordinal, day in rule.byday if not ordinal]
    return [day for day in numbered_days(rule, length) if day in days or (weekday + day) % 7 in every]


def numbered_days(rule: Rule, length: int) -> Sequence[int]:
    """Offsets, in order, of the days of a month that BYMONTHDAY names, negative numbers counting from its end; of all
    without it.
    """
    if not rule.bymonthday:
        return range(length)
    days = set()
    for n in rule.bymonthday:
        offset = n - 1 if n > 0 else length + n
        if 0 <= offset < length:
            days.add(offset)
        elif rule.skip is Skip.BACKWARD:
            days.add(length - 1 if n > 0 else -1)
        elif rule.skip is Skip.FORWARD:
            days.add(length if n > 0 else 0)
    return sorted(days)


def weekdays_of(byday: Sequence[ByDay], length: int, weekday: int) -> list[int]:
    """Offsets, in order, of the weekdays named, in a stretch of `length` days that begins on `weekday`."""
    week = None  # whether each day of it is one of those without an ordinal
    days = []
    for ordinal, day in byday:
        first = (day - weekday) % 7
        if not ordinal:
            if week is None:
                week = [False] * 7
            week[first] = True
            continue
        found = first + 7 * (ordinal - 1 if ordinal > 0 else (length - 1 - first) // 7 + ordinal + 1)
        if 0 <= found < length:
            days.append(found)
    if week is not None:
        every = compress(range(length), week * (length // 7 + 1))
        return sorted({*days, *every}) if days else list(every)
    return sorted(set(days)) if len(days) > 1 else days


def year_days(rule: Rule, leap: bool, weekday: int) -> list[int]:
    """Offsets from 1 January, in order, of the days of a year that the parts name; `weekday` is that of 1
    January.
    """
    length = 365 + leap
    days = set(days_of_months(rule, leap, weekday))
    if rule.byyearday:
        days &= {n - 1 if n > 0 else length + n for n in rule.byyearday if abs(n) <= length}
    if rule.byday and not rule.bymonth:
        days.intersection_update(weekdays_of(rule.byday, length, weekday))
    return sorted(days)


def days_of_months(rule: Rule, leap: bool, weekday: int) -> Iterator[int]:
    """The days of a year that BYMONTH, BYMONTHDAY and BYDAY name; without BYMONTH, BYDAY is left to the whole
    year.
    """
    start = 0
    for month in MONTHS:
        length = month_length(month, leap)
        if not rule.bymonth:
            yield from [start + day for day in numbered_days(rule, length)]
        elif month in rule.bymonth:
            yield from [start + day for day in month_days(rule, length, (weekday + start) % 7)]
        start += length


def week_year_days(rule: Rule, before: bool, leap: bool, after: bool, weekday: int) -> list[int]:
    """Offsets from 1 January, in order, of the days of a week-year that the parts name; they may lie beside the year.

    `before`, `leap` and `after` say whether the years before, itself and after are leap years.
    """
    length = 365 + leap
    named = set(year_days(rule, leap, weekday))
    earlier = 365 + before
    named.update(day - earlier for day in year_days(rule, before, (weekday - earlier) % 7))
    named.update(day + length for day in year_days(rule, after, (weekday + length) % 7))
    start = first_week(weekday, rule.wkst)
    weeks = (length + first_week((weekday + length) % 7, rule.wkst) - start) // 7
    chosen = {n - 1 if n > 0 else weeks + n for n in rule.byweekno}
    return [day for day in range(start, start + 7 * weeks) if (day - start) // 7 in chosen and day in named]


def first_week(weekday: int, wkst: int) -> int:
    """Offset from 1 January, -3 to 3, of the first week that has at least four days in the year."""
    offset = (wkst - weekday) % 7
    return offset - 7 if offset > 3 else offset
