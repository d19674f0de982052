"""From a rule and its DTSTART to a walk: what was left out is filled in, and the simplest way through is
chosen.

What DTSTART lends (RFC 5545 3.3.10): the time of day always; a weekly rule without BYDAY its weekday; a
monthly one without any day part its day of the month; a yearly one its month and day. `YEARLY;BYMONTHDAY=15`
without BYMONTH means every month's 15th, and `YEARLY;BYWEEKNO=20` without BYDAY all seven days of that week
(decision 11). An interval counts from the period in which DTSTART lies; with BYWEEKNO that is its week-year
(decision 12).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from math import lcm

from recurrence import timeline
from recurrence.days import Days, picked_inner
from recurrence.kinds import Months, Weeks, Years, offsets_of
from recurrence.parts import ByDay, Frequency, Skip, Weekday
from recurrence.period import DayParts
from recurrence.rule import Rule
from recurrence.timeline import DAY, WEEK
from recurrence.times import UNITS, Times, allowed_starts, day_times, inner_times
from recurrence.walk import MANY, Dense, Steady, Walk


def completed(rule: Rule, dtstart: datetime) -> Rule:
    """The same rule with the days written out that it takes from DTSTART; times stay with DTSTART."""
    parts = day_parts(rule, dtstart)
    return replace(rule, bymonth=parts.bymonth, bymonthday=parts.bymonthday, byday=parts.byday)


def day_parts(rule: Rule, dtstart: datetime) -> DayParts:
    """The parts of a rule that choose days, with those that it takes from DTSTART."""
    freq, byday, bymonthday, bymonth = rule.freq, rule.byday, rule.bymonthday, rule.bymonth
    if not (byday or bymonthday or rule.byyearday or rule.byweekno):
        if freq is Frequency.WEEKLY:
            byday = (ByDay(0, Weekday(dtstart.weekday())),)
        elif freq is Frequency.MONTHLY:
            bymonthday = (dtstart.day,)
        elif freq is Frequency.YEARLY:
            bymonthday = (dtstart.day,)
            bymonth = bymonth or (dtstart.month,)
    skip = rule.skip if freq in (Frequency.MONTHLY, Frequency.YEARLY) else Skip.OMIT  # elsewhere days only limit
    return DayParts(bymonth, rule.byweekno, rule.byyearday, bymonthday, byday, skip, rule.wkst)


def walk_of(rule: Rule, dtstart: datetime) -> Walk:
    """The walk over a rule's starts; it does not know COUNT, UNTIL, or that nothing lies before DTSTART."""
    freq = rule.freq
    if freq is Frequency.WEEKLY:
        return week_walk(rule, dtstart)
    if freq is Frequency.DAILY:
        return day_walk(rule, dtstart)
    if freq in UNITS:
        return fine_walk(rule, dtstart)
    parts = day_parts(rule, dtstart)
    times = day_times(rule, dtstart)
    if freq is Frequency.MONTHLY:
        return months_walk(by_month(rule, dtstart), parts, times, rule.bysetpos)
    yearly_days = rule.byyearday or (not rule.bymonth and any(ordinal for ordinal, _ in rule.byday))
    if not (rule.byweekno or rule.bysetpos or yearly_days):
        months = Steady(dtstart.year * 12, 12 * rule.interval, months_of(parts))
        return months_walk(months, parts, times, ())
    start = week_year(dtstart.date(), rule.wkst) if rule.byweekno else dtstart.year
    if 366 * len(times) <= MANY or rule.bysetpos:
        return Years(start, rule.interval, parts, times, rule.bysetpos)
    return Dense(Years(start, rule.interval, parts, (0,), ()), times)


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
    times = day_times(rule, dtstart)
    weekday = dtstart.weekday()
    start = dtstart.toordinal() - (weekday - rule.wkst) % 7
    days = sorted([(day - rule.wkst) % 7 for _, day in rule.byday or ((0, weekday),)])
    if rule.bymonth:
        wanted = frozenset(rule.bymonth)
        if 7 * len(times) <= MANY or rule.bysetpos:
            return Weeks(start, 7 * rule.interval, wanted, days, times, rule.bysetpos)
        return Dense(Weeks(start, 7 * rule.interval, wanted, days, (0,), ()), times)
    step = rule.interval * WEEK
    if 7 * len(times) <= MANY or rule.bysetpos:
        return Steady(start * DAY, step, offsets_of(days, times, rule.bysetpos))
    return Dense(Steady(start * DAY, step, offsets_of(days, (0,), ())), times)


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
