"""A stored series in the flat spelling: every `recurring*` field and every alias, null where the plan does not say it.

The reverse of `flat_fields.py`: what is answered here can be sent back beside `recurrence` and agrees with it.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import recurrence
from api_stub import instants, plan_rule
from api_stub.flat_fields import MONTHS, UNITS, WEEKDAYS
from api_stub.plan_times import Clockwork
from recurrence import Frequency, Rule, Series

CYCLES = frozenset({Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY, Frequency.YEARLY})
"""Frequencies that `repeatCycleType` has a word for."""

NO_RULE: dict[str, Any] = dict.fromkeys(
    (
        "repeatCycleType",
        "recurringFrequency",
        "recurringIntervalUnit",
        "recurringInterval",
        "recurringIntervalCount",
        "recurringIntervalYear",
        "recurringIntervalMonth",
        "recurringIntervalWeek",
        "recurringIntervalDay",
        "recurringIntervalHour",
        "recurringIntervalMinute",
        "recurringIntervalSecond",
        "recurringCount",
        "recurringUntil",
        "recurringByDay",
        "recurringDayOfWeek",
        "recurringByMonthDay",
        "recurringDayOfMonth",
        "recurringByMonth",
        "recurringMonth",
        "recurringWeek",
        "recurringYear",
        "recurringBySetPos",
        "recurringWeekStart",
    )
)


def of_series(series: Series) -> dict[str, Any]:
    """All flat fields of a series that has a zone."""
    clockwork = Clockwork(zone=series.time_zone or "UTC", gap=series.gap, fold=series.fold)
    return {**NO_RULE, **of_rule(series, clockwork), **times(series, clockwork), **dates(series)}


def of_rule(series: Series, clockwork: Clockwork) -> dict[str, Any]:
    """The fields that say the rule."""
    rule = series.rule
    if rule is None:
        return {}
    unit = next(unit for unit, frequency in UNITS.items() if frequency == rule.freq)
    return {
        "repeatCycleType": rule.freq.value if rule.freq in CYCLES else None,
        "recurringFrequency": rule.freq.value,
        "recurringIntervalUnit": unit,
        "recurringInterval": rule.interval,
        "recurringIntervalCount": rule.interval,
        f"recurringInterval{unit.capitalize()}": rule.interval,
        "recurringCount": rule.count,
        "recurringUntil": until(rule, clockwork),
        **days(rule),
        "recurringWeek": some(rule.byweekno),
        "recurringYear": year(series, clockwork),
        "recurringBySetPos": some(rule.bysetpos),
        "recurringWeekStart": rule.wkst.name,
    }


def days(rule: Rule) -> dict[str, Any]:
    """The days and months of a rule, with ordinals and as names."""
    plain = [WEEKDAYS[day.weekday] for day in rule.byday if not day.ordinal]
    return {
        "recurringByDay": some([f"{day.ordinal or ''}{day.weekday.name}" for day in rule.byday]),
        "recurringDayOfWeek": plain if plain and len(plain) == len(rule.byday) else None,
        "recurringByMonthDay": some(rule.bymonthday),
        "recurringDayOfMonth": some(rule.bymonthday),
        "recurringByMonth": some(rule.bymonth),
        "recurringMonth": some([MONTHS[month - 1] for month in rule.bymonth]),
    }


def some(values: Sequence[Any]) -> list[Any] | None:
    """The values as a list; null for none."""
    return list(values) or None


def until(rule: Rule, clockwork: Clockwork) -> str | None:
    """The inclusive end of a rule, as an instant."""
    end = plan_rule.until_of(rule, clockwork)
    return None if end is None else instants.show(end)


def year(series: Series, clockwork: Clockwork) -> int | None:
    """The year that a rule is bounded by, when it begins in it and ends with it."""
    end = None if series.rule is None else plan_rule.until_of(series.rule, clockwork)
    bounded = end is not None and end == clockwork.instant(plan_rule.end_of(series.dtstart.year))
    return series.dtstart.year if bounded else None


def times(series: Series, clockwork: Clockwork) -> dict[str, Any]:
    """The time of day at which sessions start and end, how long they last, and in which zone."""
    end = clockwork.after(series.dtstart, series.duration)
    return {
        "recurringTime": series.dtstart.time().isoformat("seconds"),
        "recurringEndTime": None if end is None else clockwork.local(end).time().isoformat("seconds"),
        "recurringDuration": str(series.duration),
        "recurringTimeZone": series.time_zone,
    }


def dates(series: Series) -> dict[str, Any]:
    """Extra starts, exceptions and excluded days, both spellings' values."""
    return {
        "recurringExceptionDates": some(exact(series)),
        "recurringExcludeDates": some(excluded_days(series)),
        "recurringIncludeDates": some([moment(value) for value in series.rdates]),
    }


def exact(series: Series) -> list[str]:
    """The exact starts that are left out."""
    return [moment(value) for value in series.exdates if isinstance(value, datetime)]


def excluded_days(series: Series) -> list[str]:
    """The whole local days that are left out."""
    return [moment(value) for value in series.exdates if not isinstance(value, datetime)]


def moment(value: datetime | date | recurrence.Period) -> str:
    """An extra start or an exception: local without offset, an instant with `Z`, a day as a date, a period as kept."""
    if isinstance(value, recurrence.Period):
        return recurrence.format_moment(value)
    if not isinstance(value, datetime):
        return value.isoformat()
    return instants.show_local(value) if value.tzinfo is None else instants.show(value)


def range_end(series: Series, clockwork: Clockwork) -> datetime | None:
    """The end of the last day of a daily range, an instant."""
    end = None if series.rule is None else plan_rule.until_of(series.rule, clockwork)
    if end is None:
        return None
    last = datetime.combine(clockwork.local(end).date(), series.dtstart.time())
    return clockwork.after(last, series.duration)
