"""The rule of a plan, from either spelling or both.

`recurrence.rrule` is the whole rule: a flat field beside it agrees when saying its part changes nothing. UNTIL is
compared as the instant it means. `recurringYear` cuts the rule to one year: the first start becomes the first one that
the rule gives in that year, so that "every other week" keeps its weeks, and UNTIL becomes the end of that year or
stays, if it is earlier.
"""

from dataclasses import replace
from datetime import date, datetime, time

import recurrence
from api_stub import instants
from api_stub.errors import Invalid
from api_stub.faults import Fault
from api_stub.flat_fields import Part
from api_stub.plan_body import PlanBody
from api_stub.plan_times import Clockwork, Times
from recurrence import Frequency, RecurrenceError, Rule, Series

RRULE = "/recurrence/rrule"
CODE = "invalid_recurrence"


def of_body(body: PlanBody, parts: dict[str, Part], clockwork: Clockwork) -> Rule | None:
    """The rule that the two spellings give; None: the plan does not repeat. Raises Invalid."""
    text = body.recurrence.rrule if body.recurrence else None
    if text is not None:
        canonical = parsed(text, {})
        for part in parts.values():
            check_agrees(canonical, part, clockwork)
        return canonical
    if not parts:
        return None
    return parsed(";".join(f"{part.name}={part.text}" for part in parts.values()), parts)


def parsed(text: str, parts: dict[str, Part]) -> Rule:
    """A rule from its text; a refusal points to the field that said the part. Raises Invalid."""
    try:
        return Rule.parse(text)
    except RecurrenceError as error:
        said = parts.get(error.part)
        raise refused(said.pointer if said else RRULE, str(error)) from None


def check_agrees(canonical: Rule, part: Part, clockwork: Clockwork) -> None:
    """Refuse a flat field that would change the canonical rule."""
    texts = dict(piece.split("=", 1) for piece in str(canonical).split(";"))
    texts[part.name] = part.text
    try:
        changed = Rule.parse(";".join(f"{name}={text}" for name, text in texts.items()))
    except RecurrenceError as error:
        raise refused(part.pointer, str(error)) from None
    same = replace(changed, until=None) == replace(canonical, until=None)
    if not same or until_of(changed, clockwork) != until_of(canonical, clockwork):
        raise refused(part.pointer, f"got {part.name}={part.text}, expected what recurrence.rrule says: {canonical}")


def until_of(rule: Rule, clockwork: Clockwork) -> datetime | None:
    """The instant up to which a rule gives starts, inclusive; a date means the end of that local day."""
    until = rule.until
    if until is None:
        return None
    if not isinstance(until, datetime):
        until = datetime.combine(until, time(23, 59, 59))
    return until if until.tzinfo is not None else clockwork.instant(until)


def of_range(rule: Rule | None, times: Times, last_day: datetime) -> Rule:
    """The rule of a daily range; one that is given beside must be the same. Raises Invalid."""
    daily = Rule(freq=Frequency.DAILY, until=last_day)
    if rule is None:
        return daily
    clockwork = times.clockwork
    same = replace(rule, until=None) == replace(daily, until=None)
    if not same or until_of(rule, clockwork) != until_of(daily, clockwork):
        raise refused(RRULE, f"got {rule}, expected none, or {daily}: a daily range has this rule")
    return rule


def of_year(series: Series, year: int) -> Series:
    """The same series, sessions of one year alone. Raises Invalid."""
    if not instants.FIRST_YEAR <= year <= instants.LAST_YEAR:
        raise in_year(f"got {year}, expected a year from 2 to 9998")
    if series.rule is None:
        raise in_year("got a year, expected a rule that it bounds: this plan does not repeat")
    if series.rule.count is not None:
        raise in_year("got a year beside a count, expected one of the two: both say where the rule ends")
    clockwork = Clockwork(zone=series.time_zone or "UTC", gap=series.gap, fold=series.fold)
    first = first_in(series, year)
    if first is None:
        raise in_year(f"got {year}, expected a year in which the rule gives a session from {series.dtstart} on")
    ends = end_of(year)
    until = until_of(series.rule, clockwork)
    end_of_year = clockwork.instant(ends)
    if until is None or end_of_year is None or until > end_of_year:
        rule = replace(series.rule, until=ends)
    else:
        rule = series.rule
    return replace(series, dtstart=first, rule=rule)


def end_of(year: int) -> datetime:
    """The last second of a year, as a wall time."""
    return datetime.combine(date(year, 12, 31), time(23, 59, 59))


def first_in(series: Series, year: int) -> datetime | None:
    """The first start that the rule gives in a year; the plan's own start when that lies in it."""
    if series.dtstart.year == year:
        return series.dtstart
    if series.dtstart.year > year:
        return None
    zone = series.time_zone or "UTC"
    start = recurrence.localize(datetime(year, 1, 1), zone)
    end = recurrence.localize(datetime(year + 1, 1, 1), zone)
    if start is None or end is None:
        return None
    rule_alone = replace(series, rdates=(), exdates=())
    first = next(iter(recurrence.expand(rule_alone, start, end)), None)
    return first.recurrence_id if first else None


def in_year(message: str) -> Invalid:
    """recurringYear is wrong."""
    return refused("/recurringYear", message)


def refused(pointer: str, message: str) -> Invalid:
    """One wrong field of the recurrence."""
    return Invalid([Fault(pointer=pointer, message=message)], CODE)
