"""From a rule and its DTSTART to a walk: what was left out is filled in, and the simplest way through is
chosen.

What DTSTART lends (RFC 5545 3.3.10): the time of day always; a weekly rule without BYDAY its weekday; a
monthly one without any day part its day of the month; a yearly one its month and day. `YEARLY;BYMONTHDAY=15`
without BYMONTH means every month's 15th, and `YEARLY;BYWEEKNO=20` without BYDAY all seven days of that week
(decision 11). An interval counts from the period in which DTSTART lies; with BYWEEKNO that is its week-year
(decision 12).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from math import lcm
from typing import Final

from recurrence.days import Days, picked_inner
from recurrence.kinds import Months, Weeks, Years, offsets_of
from recurrence.parts import OMIT, ByDay, Frequency, Weekday
from recurrence.rule import Rule
from recurrence.steady import MANY, Steady
from recurrence.timeline import DAY, WEEK
from recurrence.times import UNITS, Times, allowed_starts, day_times, inner_times
from recurrence.walk import Dense, Walk

LAST_DAY: Final = date.max.toordinal()
BY_NOTHING: Final = frozenset(("freq", "interval", "wkst", "count", "until"))
BY_DAYS_ALONE: Final = BY_NOTHING | {"byday"}


def completed(rule: Rule, dtstart: datetime) -> Rule:
    """The same rule with the days written out that it takes from DTSTART; times stay with DTSTART."""
    if rule.byday or rule.bymonthday or rule.byyearday or rule.byweekno:
        return rule
    if rule.freq is Frequency.WEEKLY:
        return rule.but(byday=(ByDay(0, Weekday(dtstart.weekday())),))
    if rule.freq is Frequency.MONTHLY:
        return rule.but(bymonthday=(dtstart.day,))
    if rule.freq is Frequency.YEARLY:
        return rule.but(bymonthday=(dtstart.day,), bymonth=rule.bymonth or (dtstart.month,))
    return rule


def year_walk(rule: Rule, dtstart: datetime, time: int) -> Walk:
    """YEARLY: by months where the days of each stand for themselves, else by years or week-years."""
    rule, times = completed(rule, dtstart), day_times(rule, time)
    yearly_days = rule.byyearday or (not rule.bymonth and any(ordinal for ordinal, _ in rule.byday))
    if not (rule.byweekno or rule.bysetpos or yearly_days):
        months = Steady(dtstart.year * 12, 12 * rule.interval, months_of(rule))
        return months_walk(months, rule, times)
    start = week_year(dtstart.date(), rule.wkst) if rule.byweekno else dtstart.year
    if 366 * len(times) <= MANY or rule.bysetpos:
        return Years(start, rule.interval, rule, times, rule.bysetpos)
    return Dense(Years(start, rule.interval, rule, (0,), ()), times)


def month_walk(rule: Rule, dtstart: datetime, time: int) -> Walk:
    """MONTHLY: by months."""
    return months_walk(by_month(rule, dtstart), completed(rule, dtstart), day_times(rule, time))


def months_of(rule: Rule) -> Sequence[int]:
    """The months of a year that are wanted, January being 0."""
    return [n - 1 for n in rule.bymonth] or range(12)


def by_month(rule: Rule, dtstart: datetime) -> Steady:
    """The months of a MONTHLY rule: those that the interval meets, in the pattern that they make with BYMONTH."""
    start, step = dtstart.year * 12 + dtstart.month - 1, rule.interval
    if not rule.bymonth:
        return Steady(start, step, (0,))
    whole = lcm(step, 12)
    return Steady(start, whole, [n for n in range(0, whole, step) if (start + n) % 12 + 1 in rule.bymonth])


def months_walk(indices: Steady, rule: Rule, times: Times) -> Walk:
    """The days that a rule names in these months."""
    if 31 * len(times) <= MANY or rule.bysetpos:
        return Months(indices, rule, times, rule.bysetpos)
    return Dense(Months(indices, rule, (0,), ()), times)


def week_walk(rule: Rule, dtstart: datetime, time: int) -> Walk:
    """WEEKLY: steady, unless some months are left out."""
    wkst = rule.wkst
    weekday = (dtstart.weekday() - wkst) % 7
    start = dtstart.toordinal() - weekday
    if BY_DAYS_ALONE.issuperset(rule.__dict__):  # as most are
        midnights = [entry[1] * DAY for entry in rule.byday]
        if wkst:
            midnights = sorted([(midnight - wkst * DAY) % WEEK for midnight in midnights])
        return Steady(start * DAY + time, rule.interval * WEEK, midnights or [weekday * DAY])
    times = day_times(rule, time)
    days = sorted([(day - wkst) % 7 for _, day in rule.byday]) or [weekday]
    if 7 * len(times) <= MANY or rule.bysetpos:
        return weeks(rule, start, days, times, rule.bysetpos)
    return Dense(weeks(rule, start, days, (0,), ()), times)


def weeks(rule: Rule, start: int, days: Sequence[int], times: Times, positions: Sequence[int]) -> Steady | Weeks:
    """The days of a week, counted from its first, that a weekly rule names; `start` is the ordinal of such a first."""
    if rule.bymonth:
        return Weeks(start, 7 * rule.interval, frozenset(rule.bymonth), days, times, positions)
    return Steady(start * DAY, rule.interval * WEEK, offsets_of(days, times, positions))


def day_walk(rule: Rule, dtstart: datetime, time: int) -> Walk:
    """DAILY: steady, also with weekdays; by months, with other filters; by the day, with an interval beside them."""
    midnight = dtstart.toordinal() * DAY
    if BY_NOTHING.issuperset(rule.__dict__):  # as most are
        return Steady(midnight, rule.interval * DAY, (time,))
    times = picked_inner(day_times(rule, time), rule.bysetpos)
    if not (rule.bymonth or rule.bymonthday):
        if not rule.byday:
            return Steady(midnight, rule.interval * DAY, times)
        if 7 * len(times) <= MANY:
            return Steady(midnight, lcm(rule.interval, 7) * DAY, offsets_of(weekdays(rule, dtstart), times, ()))
    elif rule.interval == 1 and 31 * len(times) <= MANY:
        return Months(Steady(0, 12, months_of(rule)), limiting(rule), times, ())
    return Days(midnight, rule.interval * DAY, limiting(rule), None, times)


def limiting(rule: Rule) -> Rule:
    """The rule without SKIP: the days that a finer rule names only limit."""
    return rule.but(skip=OMIT)


def weekdays(rule: Rule, dtstart: datetime) -> list[int]:
    """The days of the pattern that an interval of days makes with BYDAY, counted from DTSTART's."""
    wanted = {day for _, day in rule.byday}
    first, step = dtstart.weekday(), rule.interval
    return [n for n in range(0, lcm(step, 7), step) if (first + n) % 7 in wanted]


def fine_walk(rule: Rule, dtstart: datetime, time: int) -> Walk:
    """HOURLY, MINUTELY and SECONDLY: steady, unless days are filtered, or times of day on an uneven grid are."""
    unit = UNITS[rule.freq]
    midnight = dtstart.toordinal() * DAY
    anchor, step, allowed = midnight + time - time % unit, rule.interval * unit, allowed_starts(rule)
    inner = picked_inner(inner_times(rule, time), rule.bysetpos)
    filtered = rule.bymonth or rule.byyearday or rule.bymonthday or rule.byday
    if not filtered and allowed is None:
        return Steady(anchor, step, inner)
    days = Days(anchor, step, limiting(rule), allowed, inner)
    if not filtered and DAY % step == 0:
        return Steady(midnight, DAY, days.listed(range(anchor % step, DAY, step)))
    return days


def week_year(day: date, wkst: int) -> int:
    """The week-year of a date: the year in which most days of its week lie, weeks starting on `wkst`."""
    middle = day.toordinal() - (day.weekday() - wkst) % 7 + 3
    if not 0 < middle <= LAST_DAY:  # the calendar begins, or ends, with some days of a week that is not its own
        return 0 if middle < 1 else date.max.year + 1
    return date.fromordinal(middle).year


WALKS: Final[Mapping[Frequency, Callable[[Rule, datetime, int], Walk]]] = {
    Frequency.YEARLY: year_walk,
    Frequency.MONTHLY: month_walk,
    Frequency.WEEKLY: week_walk,
    Frequency.DAILY: day_walk,
    **dict.fromkeys(UNITS, fine_walk),
}
"""The walk over a rule's starts, by its frequency, from DTSTART and its time of day in seconds; it knows
neither COUNT nor UNTIL, nor that DTSTART is the first.
"""
