"""From a rule and its DTSTART to a walk: what was left out is filled in, and the simplest way through is
chosen.

What DTSTART lends (RFC 5545 3.3.10): the time of day always; a weekly rule without BYDAY its weekday; a
monthly one without any day part its day of the month; a yearly one its month and day. `YEARLY;BYMONTHDAY=15`
without BYMONTH means every month's 15th, and `YEARLY;BYWEEKNO=20` without BYDAY all seven days of that week
(decision 11). An interval counts from the period in which DTSTART lies; with BYWEEKNO that is its week-year
(decision 12).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from math import lcm
from typing import Final

from recurrence import timeline
from recurrence.days import Days, picked_inner
from recurrence.kinds import Months, Weeks, Years, offsets_of
from recurrence.parts import ByDay, Frequency, Skip, Weekday
from recurrence.period import DayParts
from recurrence.rule import Rule
from recurrence.steady import MANY, Steady
from recurrence.timeline import DAY, WEEK
from recurrence.times import UNITS, Times, allowed_starts, day_times, inner_times
from recurrence.walk import Dense, Walk


def completed(rule: Rule, dtstart: datetime) -> Rule:
    """The same rule with the days written out that it takes from DTSTART; times stay with DTSTART."""
    parts = day_parts(rule, dtstart)
    return replace(rule, bymonth=parts.bymonth, bymonthday=parts.bymonthday, byday=parts.byday)


def day_parts(rule: Rule, dtstart: datetime) -> DayParts:
    """The parts of a rule that choose days, with those that it takes from DTSTART."""
    freq, byday, bymonthday, bymonth, skip = rule.freq, rule.byday, rule.bymonthday, rule.bymonth, rule.skip
    if not (byday or bymonthday or rule.byyearday or rule.byweekno):
        if freq is Frequency.WEEKLY:
            byday = (ByDay(0, Weekday(dtstart.weekday())),)
        elif freq is Frequency.MONTHLY:
            bymonthday = (dtstart.day,)
        elif freq is Frequency.YEARLY:
            bymonthday = (dtstart.day,)
            bymonth = bymonth or (dtstart.month,)
    if skip != "OMIT" and freq not in (Frequency.MONTHLY, Frequency.YEARLY):
        skip = Skip.OMIT  # elsewhere days only limit
    return DayParts(bymonth, rule.byweekno, rule.byyearday, bymonthday, byday, skip, rule.wkst)


def year_walk(rule: Rule, dtstart: datetime) -> Walk:
    """YEARLY: by months where the days of each stand for themselves, else by years or week-years."""
    parts, times = day_parts(rule, dtstart), day_times(rule, dtstart)
    yearly_days = rule.byyearday or (not rule.bymonth and any(ordinal for ordinal, _ in rule.byday))
    if not (rule.byweekno or rule.bysetpos or yearly_days):
        months = Steady(dtstart.year * 12, 12 * rule.interval, months_of(parts))
        return months_walk(months, parts, times, ())
    start = week_year(dtstart.date(), rule.wkst) if rule.byweekno else dtstart.year
    if 366 * len(times) <= MANY or rule.bysetpos:
        return Years(start, rule.interval, parts, times, rule.bysetpos)
    return Dense(Years(start, rule.interval, parts, (0,), ()), times)


def month_walk(rule: Rule, dtstart: datetime) -> Walk:
    """MONTHLY: by months."""
    return months_walk(by_month(rule, dtstart), day_parts(rule, dtstart), day_times(rule, dtstart), rule.bysetpos)


def months_of(parts: DayParts) -> Sequence[int]:
    """The months of a year that are wanted, January being 0."""
    return [n - 1 for n in parts.bymonth] or range(12)


def by_month(rule: Rule, dtstart: datetime) -> Steady:
    """The months of a MONTHLY rule: those that the interval meets, in the pattern that they make with BYMONTH."""
    start, step = dtstart.year * 12 + dtstart.month - 1, rule.interval
    if not rule.bymonth:
        return Steady(start, step, (0,))
    whole = lcm(step, 12)
    return Steady(start, whole, [n for n in range(0, whole, step) if (start + n) % 12 + 1 in rule.bymonth])


def months_walk(indices: Steady, parts: DayParts, times: Times, positions: Sequence[int]) -> Walk:
    """The days that a rule names in these months."""
    if 31 * len(times) <= MANY or positions:
        return Months(indices, parts, times, positions)
    return Dense(Months(indices, parts, (0,), ()), times)


def week_walk(rule: Rule, dtstart: datetime) -> Walk:
    """WEEKLY: steady, unless some months are left out."""
    wkst, step, times, positions = rule.wkst, rule.interval, day_times(rule, dtstart), rule.bysetpos
    ordinal = dtstart.toordinal()
    weekday = (ordinal - 1 - wkst) % 7
    start = ordinal - weekday
    days: list[int] = [day for _, day in rule.byday] if rule.byday else [weekday + wkst]
    if wkst:
        days = sorted([(day - wkst) % 7 for day in days])
    listed = 7 * len(times) <= MANY or positions
    if rule.bymonth:
        wanted = frozenset(rule.bymonth)
        if listed:
            return Weeks(start, 7 * step, wanted, days, times, positions)
        return Dense(Weeks(start, 7 * step, wanted, days, (0,), ()), times)
    if listed:
        return Steady(start * DAY, step * WEEK, offsets_of(days, times, positions))
    return Dense(Steady(start * DAY, step * WEEK, offsets_of(days, (0,), ())), times)


def day_walk(rule: Rule, dtstart: datetime) -> Walk:
    """DAILY: steady, also with weekdays; by months, with other filters; by the day, with an interval beside them."""
    midnight = dtstart.toordinal() * DAY
    times = picked_inner(day_times(rule, dtstart), rule.bysetpos)
    if not (rule.bymonth or rule.bymonthday):
        if not rule.byday:
            return Steady(midnight, rule.interval * DAY, times)
        if 7 * len(times) <= MANY:
            return Steady(midnight, lcm(rule.interval, 7) * DAY, offsets_of(weekdays(rule, dtstart), times, ()))
    elif rule.interval == 1 and 31 * len(times) <= MANY:
        parts = day_parts(rule, dtstart)
        return Months(Steady(0, 12, months_of(parts)), parts, times, ())
    return Days(midnight, rule.interval * DAY, day_parts(rule, dtstart), None, times)


def weekdays(rule: Rule, dtstart: datetime) -> list[int]:
    """The days of the pattern that an interval of days makes with BYDAY, counted from DTSTART's."""
    wanted = {day for _, day in rule.byday}
    first, step = dtstart.weekday(), rule.interval
    return [n for n in range(0, lcm(step, 7), step) if (first + n) % 7 in wanted]


def fine_walk(rule: Rule, dtstart: datetime) -> Walk:
    """HOURLY, MINUTELY and SECONDLY: steady, unless days are filtered, or times of day on an uneven grid are."""
    second = timeline.of_wall(dtstart)
    unit = UNITS[rule.freq]
    anchor, step, allowed = second - second % unit, rule.interval * unit, allowed_starts(rule)
    inner = picked_inner(inner_times(rule, dtstart), rule.bysetpos)
    filtered = rule.bymonth or rule.byyearday or rule.bymonthday or rule.byday
    if not filtered and allowed is None:
        return Steady(anchor, step, inner)
    days = Days(anchor, step, day_parts(rule, dtstart), allowed, inner)
    if not filtered and days.same:
        return Steady(dtstart.toordinal() * DAY, DAY, days.grid(anchor % step))
    return days


def week_year(day: date, wkst: int) -> int:
    """The week-year of a date: the year in which most days of its week lie, weeks starting on `wkst`."""
    middle = day.toordinal() - (day.weekday() - wkst) % 7 + 3
    return date.fromordinal(middle).year


WALKS: Final[Mapping[Frequency, Callable[[Rule, datetime], Walk]]] = {
    Frequency.YEARLY: year_walk,
    Frequency.MONTHLY: month_walk,
    Frequency.WEEKLY: week_walk,
    Frequency.DAILY: day_walk,
    **dict.fromkeys(UNITS, fine_walk),
}
"""The walk over a rule's starts, by its frequency; it knows neither COUNT nor UNTIL, nor that DTSTART is the first."""
