"""From a rule and its DTSTART to a walk: what was left out is filled in, and the simplest way through is
chosen.

What DTSTART lends (RFC 5545 3.3.10): the time of day always; a weekly rule without BYDAY its weekday; a
monthly one without any day part its day of the month; a yearly one its month and day. `YEARLY;BYMONTHDAY=15`
without BYMONTH means every month's 15th, and `YEARLY;BYWEEKNO=20` without BYDAY all seven days of that week
(decision 11). An interval counts from the period in which DTSTART lies; with BYWEEKNO that is its week-year
(decision 12).
"""

from dataclasses import replace
from datetime import date, datetime

from recurrence import timeline
from recurrence.days import Days, picked_inner
from recurrence.period import DayParts
from recurrence.rule import ByDay, Frequency, Rule, Weekday
from recurrence.timeline import DAY, WEEK
from recurrence.times import UNITS, allowed_starts, day_times, inner_times, pick
from recurrence.walk import MANY, Kind, Months, Steady, Walk, Weeks, Years


def completed(rule: Rule, dtstart: datetime) -> Rule:
    """The same rule with the days written out that it takes from DTSTART; times stay with DTSTART."""
    if rule.freq is Frequency.WEEKLY and not rule.byday:
        return replace(rule, byday=(ByDay(0, Weekday(dtstart.weekday())),))
    if rule.byday or rule.bymonthday or rule.byyearday or rule.byweekno:
        return rule
    if rule.freq is Frequency.MONTHLY:
        return replace(rule, bymonthday=(dtstart.day,))
    if rule.freq is Frequency.YEARLY:
        return replace(rule, bymonth=rule.bymonth or (dtstart.month,), bymonthday=(dtstart.day,))
    return rule


def walk_of(rule: Rule, dtstart: datetime) -> Walk:
    """The walk over a rule's starts; it does not know COUNT, UNTIL, or that nothing lies before DTSTART."""
    if rule.freq in UNITS or rule.freq is Frequency.DAILY:
        return day_walk(rule, dtstart)
    rule = completed(rule, dtstart)
    parts = day_parts(rule)
    times = day_times(rule, dtstart)
    if rule.freq is Frequency.WEEKLY:
        return week_walk(rule, dtstart, parts, times)
    if rule.freq is Frequency.MONTHLY:
        return Months(dtstart.year * 12 + dtstart.month - 1, rule.interval, parts, times, rule.bysetpos)
    if rule.byweekno:
        return Years(week_year(dtstart.date(), rule.wkst), rule.interval, parts, times, rule.bysetpos)
    yearly_days = rule.byyearday or (not rule.bymonth and any(ordinal for ordinal, _ in rule.byday))
    if rule.bysetpos or yearly_days:
        return Years(dtstart.year, rule.interval, parts, times, rule.bysetpos)
    return Months(dtstart.year * 12, 1, parts, times, (), years=rule.interval)


def week_walk(rule: Rule, dtstart: datetime, parts: DayParts, times: tuple[int, ...]) -> Walk:
    """WEEKLY: steady, unless some months are left out or a week has more starts than are worth listing."""
    start = dtstart.toordinal() - (dtstart.weekday() - rule.wkst) % 7
    days = sorted((weekday - rule.wkst) % 7 for weekday in {weekday for _, weekday in rule.byday})
    if rule.bymonth or len(days) * len(times) > MANY:
        return Weeks(start, 7 * rule.interval, parts, times, rule.bysetpos)
    kind: Kind = [(day, times) for day in days]
    if rule.bysetpos:
        kind = pick(kind, rule.bysetpos)
    offsets = [day * DAY + time for day, kept in kind for time in kept]
    return Steady(start * DAY, rule.interval * WEEK, offsets)


def day_walk(rule: Rule, dtstart: datetime) -> Walk:
    """DAILY and finer: steady, unless days are filtered, or times of day on an uneven grid are."""
    second = timeline.of_wall(dtstart)
    if rule.freq is Frequency.DAILY:
        anchor, step, allowed = dtstart.toordinal() * DAY, rule.interval * DAY, None
        inner = picked_inner(day_times(rule, dtstart), rule.bysetpos)
    else:
        unit = UNITS[rule.freq]
        anchor, step, allowed = second - second % unit, rule.interval * unit, allowed_starts(rule)
        inner = picked_inner(inner_times(rule, dtstart), rule.bysetpos)
    parts = day_parts(rule)
    filtered = bool(parts.bymonth or parts.byyearday or parts.bymonthday or parts.byday)
    if not filtered and allowed is None:
        return Steady(anchor, step, inner)
    days = Days(anchor, step, parts, allowed, inner)
    if not filtered and days.same:
        return Steady(dtstart.toordinal() * DAY, DAY, days.grid(anchor % step))
    return days


def day_parts(rule: Rule) -> DayParts:
    """The parts of a rule that choose days."""
    return DayParts(rule.bymonth, rule.byweekno, rule.byyearday, rule.bymonthday, rule.byday, rule.skip, rule.wkst)


def week_year(day: date, wkst: int) -> int:
    """The week-year of a date: the year in which most days of its week lie, weeks starting on `wkst`."""
    middle = day.toordinal() - (day.weekday() - wkst) % 7 + 3
    return date.fromordinal(middle).year
