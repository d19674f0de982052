"""A body becomes a change of a plan: what it says is read over what the plan has from the cut on.

`scheduledAt` is the new start of what the id names: a session, or the plan's first one; a start ahead, given with a
plan's id, is that of the first session ahead. The others move by as many days and to the same time of day. Without a
new rule, UNTIL keeps its last day, and so do extra starts at the plan's own time of day.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from api_stub import edit_rule, flat_fields, plan_dates, plan_draft, plan_rule, plan_times
from api_stub.edit_body import EditBody
from api_stub.errors import Invalid
from api_stub.faults import Fault
from api_stub.plan_body import ENDS
from api_stub.plan_times import Clockwork, Times
from db import segments
from db.models import AutoStart
from recurrence import Duration, RecurrenceError, Series
from services.plan_change import Base, PlanChange
from services.plan_draft import EXCLUSIVE, LATE_AFTER

PLAIN = (
    "title", "description", "routine_id", "program_id", "timeline_id", "space_id", "subject_id", "instructor_id",
    "capacity",
)  # fmt: skip
TIMES = (
    "scheduled_at", "scheduled_end_at", "duration", "time_zone", "gap", "fold", "recurring_time",
    "recurring_end_time", "recurring_duration", "recurring_time_zone",
)  # fmt: skip
DATES = ("recurring_exception_dates", "recurring_exclude_dates", "recurring_include_dates")
RULE = ("recurrence", "recurring_year", *flat_fields.READERS, *flat_fields.BOTH)
NULLS = (*RULE, "gap", "fold")  # times of which null says something: what a new plan would have
GRACE = ("misfire", "misfire_grace")
LENGTHS = ("scheduled_end_at", *ENDS)


def change_of(body: EditBody) -> PlanChange:
    """The change that a body asks for. Raises Invalid."""
    given = body.model_fields_set
    if "title" in given and body.title is None:
        raise Invalid([Fault(pointer="/title", message="got null, expected a title: a plan has one")])
    moves = any(
        name in given and (name in NULLS or getattr(body, name) is not None) for name in (*TIMES, *DATES, *RULE)
    )
    return PlanChange(
        values=values_of(body),
        grace=None if given.isdisjoint(GRACE) else lambda was: grace_of(body, was),
        participants=None if "participants" not in given else tuple(dict.fromkeys(body.participants or ())),
        times=(lambda base: series_of(body, base)) if moves else None,
        one_tail=has_rule(body),
        has_exdates=has_exact(body),
        sync_dtstart=body.sync_dtstart is not False,
        skip_clashes=body.on_clash == "skip",
    )


def has_rule(body: EditBody) -> bool:
    """Whether the rule itself is given, and not just dates beside it."""
    flat = any(name in body.model_fields_set for name in RULE if name != "recurrence")
    whole = "recurrence" in body.model_fields_set and body.recurrence is None
    return flat or whole or (body.recurrence is not None and "rrule" in body.recurrence.model_fields_set)


def values_of(body: EditBody) -> Mapping[str, Any]:
    """The columns that a body sets; null takes a value away, or gives back what a new plan would have."""
    given = body.model_fields_set
    values: dict[str, Any] = {name: getattr(body, name) for name in PLAIN if name in given}
    if "exclusive" in given:
        values["exclusive"] = sorted(EXCLUSIVE if body.exclusive is None else set(body.exclusive))
    if "auto_start" in given:
        values["auto_start"] = body.auto_start or AutoStart.SCHEDULED
    if "auto_end" in given:
        values["auto_end"] = body.auto_end is not False
    if "late_after" in given:
        values["late_after"] = LATE_AFTER if body.late_after is None else plan_draft.exactly(body.late_after)
    if "completion_threshold" in given:
        values["completion_threshold"] = 1.0 if body.completion_threshold is None else body.completion_threshold
    if "sync_dtstart" in given:
        values["sync_dtstart"] = body.sync_dtstart is not False
    return values


def grace_of(body: EditBody, was: timedelta | None) -> timedelta | None:
    """The misfire grace that a body makes of what it was; None: CATCH_UP. Raises Invalid."""
    given, updates = body.model_fields_set, dict[str, Any]()
    if "misfire" not in given and was is not None:
        updates["misfire"] = "MISS"
    grace = plan_draft.misfire_grace_of(body.model_copy(update=updates))
    return was if grace is not None and was is not None and "misfire_grace" not in given else grace


def series_of(body: EditBody, base: Base) -> Series:
    """What the rest of a segment becomes. Raises Invalid."""
    faults: list[Fault] = []
    parts = edit_rule.parts_of(body, faults)
    if faults:
        raise Invalid(faults, plan_draft.CODE)
    clockwork, named = start_of(body, base)
    dtstart = moved(body, base, clockwork, named)
    span = span_of(body, base, clockwork, named)
    try:
        series = replace(
            base.series,
            dtstart=dtstart,
            time_zone=clockwork.zone,
            gap=clockwork.gap,
            fold=clockwork.fold,
            duration=span.duration if span else duration_of(body, base, clockwork, named),
            rule=edit_rule.up_to(edit_rule.of_body(body, parts, base, clockwork, dtstart), base, span, dtstart),
            rdates=rdates_of(body, base, clockwork, dtstart),
            exdates=exdates_of(body, base, clockwork),
        )
        return series if body.recurring_year is None else plan_rule.of_year(series, body.recurring_year)
    except RecurrenceError as error:
        pointer = plan_draft.pointer_of(error.part, body, parts)
        raise Invalid([Fault(pointer=pointer, message=str(error))], plan_draft.CODE) from None


def start_of(body: EditBody, base: Base) -> tuple[Clockwork, datetime]:
    """The new start of what the id names, a wall time, and what leads from wall times to instants. Raises Invalid."""
    series = base.series
    zone = plan_times.zone_of(body, series.zone)
    given: dict[str, Any] = {"gap": body.gap if "gap" in body.model_fields_set else series.gap}
    if body.scheduled_at is None:
        clock = body.recurring_time or base.anchor.time()
        given |= {
            "scheduled_at": datetime.combine(base.anchor.date(), clock),
            "fold": body.fold if "fold" in body.model_fields_set else series.fold,
        }
    return plan_times.start_of(body.model_copy(update=given), zone)


def moved(body: EditBody, base: Base, clockwork: Clockwork, named: datetime) -> datetime:
    """The start of the first session that changes: moved as what the id names is. Raises Invalid."""
    dtstart = base.series.dtstart
    if body.scheduled_at is None and body.recurring_time is None:
        return dtstart
    begins = clockwork.instant(named)
    ahead = base.of_plan and begins is not None and begins > base.now
    days = (named.date() - (base.cut if ahead else base.anchor).date()).days if body.scheduled_at is not None else 0
    try:
        return datetime.combine(dtstart.date() + timedelta(days=days), named.time())
    except OverflowError:
        message = "got a start beyond the years 1 to 9999, expected one within"
        raise Invalid([Fault(pointer="/scheduledAt", message=message)]) from None


def span_of(body: EditBody, base: Base, clockwork: Clockwork, named: datetime) -> Times | None:
    """The times of a daily range whose end is given: its last day, and the end of each; else None. Raises Invalid."""
    if not base.daily_range or body.scheduled_end_at is None:
        return None
    return plan_times.of_range(body, clockwork, named)


def duration_of(body: EditBody, base: Base, clockwork: Clockwork, named: datetime) -> Duration:
    """How long a session lasts, by what is given; else as before. Raises Invalid."""
    if all(getattr(body, name) is None for name in LENGTHS):
        return base.series.duration
    return plan_times.duration_of(body, clockwork, named)


def rdates_of(body: EditBody, base: Base, clockwork: Clockwork, dtstart: datetime) -> tuple[Any, ...]:
    """The extra starts: those that are given and lie ahead, else as before. Raises Invalid."""
    canonical = body.recurrence.model_fields_set if body.recurrence else set[str]()
    if "recurrence" in body.model_fields_set and body.recurrence is None:
        return ()
    if "rdates" in canonical or "recurring_include_dates" in body.model_fields_set:
        low = clockwork.local(base.now) if base.total and base.since == base.cut else base.since
        walls = {one: wall_of(one, base, clockwork) for one in plan_dates.of_body(body, clockwork).rdates}
        return tuple(one for one, wall in walls.items() if low <= wall and (base.until is None or wall < base.until))
    before = base.series.dtstart.time()
    return tuple(
        datetime.combine(one.date(), dtstart.time())
        if isinstance(one, datetime) and one.tzinfo is None and one.time() == before
        else one
        for one in all_of(base, "rdates")
    )


def all_of(base: Base, name: str) -> list[Any]:
    """Extra starts or exceptions of all that is replaced."""
    return [one for series in (base.series, *base.later) for one in getattr(series, name)]


def wall_of(moment: datetime | date, base: Base, clockwork: Clockwork) -> datetime:
    """The local start that an extra start means."""
    return segments.wall_of(moment, replace(base.series, time_zone=clockwork.zone))


def has_exact(body: EditBody) -> bool:
    """Whether exact exceptions are given; or none are left, because the plan no longer repeats."""
    if "recurrence" in body.model_fields_set and body.recurrence is None:
        return True
    canonical = body.recurrence.model_fields_set if body.recurrence else set[str]()
    return "exdates" in canonical or "recurring_exception_dates" in body.model_fields_set


def exdates_of(body: EditBody, base: Base, clockwork: Clockwork) -> tuple[Any, ...]:
    """The exceptions: those that are given and lie ahead; days, where none are given, as before. Raises Invalid."""
    canonical = body.recurrence.model_fields_set if body.recurrence else set[str]()
    if "recurrence" in body.model_fields_set and body.recurrence is None:
        return ()
    given = plan_dates.of_body(body, clockwork).exdates
    exact = [one for one in given if isinstance(one, datetime)]
    days = [one for one in given if not isinstance(one, datetime)]
    if not days and "excluded_days" not in canonical and "recurring_exclude_dates" not in body.model_fields_set:
        days = [one for one in all_of(base, "exdates") if not isinstance(one, datetime)]
    first = base.since.date()
    exact = [one for one in exact if clockwork.local(one).date() >= first]
    if base.until is not None:
        exact = [one for one in exact if clockwork.local(one) < base.until]
    return (*exact, *(one for one in days if one >= first))
