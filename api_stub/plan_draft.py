"""A body becomes one value: the two spellings are normalised here, once, at the door.

The order of refusals: fields that are missing or wrong by themselves (the model), times, then the recurrence.
What contradicts is refused by name. The type is derived where it is left out: a plan with a rule or extra starts is
RECURRING, any other ONE_TIME.
"""

from datetime import timedelta
from types import MappingProxyType

from api_stub import flat_fields, plan_dates, plan_rule, plan_times
from api_stub.errors import Invalid
from api_stub.faults import Fault
from api_stub.flat_fields import Part
from api_stub.plan_body import PlanBody
from api_stub.plan_times import Times
from db.models import AutoStart, PlanType
from lifecycle import MISFIRE_GRACE
from recurrence import Duration, RecurrenceError, Series
from services.plan_draft import EXCLUSIVE, LATE_AFTER, PlanDraft

CODE = "invalid_recurrence"

PARTS = MappingProxyType(
    {"DTSTART": "scheduled_at", "TZID": "time_zone", "DURATION": "duration", "RDATE": "rdates", "EXDATE": "exdates"}
)
"""Parts of a series, as the engine names them, and the field that they come from; any other belongs to the rule."""


def of_body(body: PlanBody, tenant_zone: str) -> PlanDraft:
    """The plan that a body asks for. `tenant_zone` holds where the body names none. Raises Invalid."""
    times = plan_times.of_body(body, tenant_zone)
    series = series_of(body, times)
    return PlanDraft(
        series=series,
        type=type_of(body, series),
        title=body.title,
        description=body.description,
        routine_id=body.routine_id,
        program_id=body.program_id,
        timeline_id=body.timeline_id,
        space_id=body.space_id,
        subject_id=body.subject_id,
        instructor_id=body.instructor_id,
        participants=tuple(dict.fromkeys(body.participants or ())),
        exclusive=EXCLUSIVE if body.exclusive is None else frozenset(body.exclusive),
        capacity=body.capacity,
        late_after=LATE_AFTER if body.late_after is None else exactly(body.late_after),
        completion_threshold=1.0 if body.completion_threshold is None else body.completion_threshold,
        auto_start=body.auto_start or AutoStart.SCHEDULED,
        auto_end=body.auto_end is not False,
        misfire_grace=misfire_grace_of(body),
        sync_dtstart=body.sync_dtstart is not False,
        skip_clashes=body.on_clash == "skip",
    )


def misfire_grace_of(body: PlanBody) -> timedelta | None:
    """How late a session may be started before it is a miss; None: it is caught up, however late. Raises Invalid."""
    if body.misfire != "MISS":
        if body.misfire_grace is not None:
            raise Invalid(
                [Fault(pointer="/misfireGrace", message="got a grace, expected it beside misfire MISS alone")]
            )
        return None
    if body.misfire_grace is None:
        return MISFIRE_GRACE
    return exactly(body.misfire_grace)


def exactly(length: Duration) -> timedelta:
    """A length that does not depend on the clocks: a day has 24 hours."""
    return timedelta(days=length.days, seconds=length.seconds)


def series_of(body: PlanBody, times: Times) -> Series:
    """The series of a body. Raises Invalid."""
    faults: list[Fault] = []
    parts = flat_fields.parts_of(body, faults)
    if faults:
        raise Invalid(faults, CODE)
    rule = plan_rule.of_body(body, parts, times.clockwork)
    if times.last_day is not None:
        rule = plan_rule.of_range(rule, times, times.last_day)
    dates = plan_dates.of_body(body, times.clockwork)
    try:
        series = Series(
            dtstart=times.start,
            time_zone=times.clockwork.zone,
            duration=times.duration,
            rule=rule,
            rdates=dates.rdates,
            exdates=dates.exdates,
            gap=times.clockwork.gap,
            fold=times.clockwork.fold,
        )
        return series if body.recurring_year is None else plan_rule.of_year(series, body.recurring_year)
    except RecurrenceError as error:
        raise Invalid([Fault(pointer=pointer_of(error.part, body, parts), message=str(error))], CODE) from None


def type_of(body: PlanBody, series: Series) -> PlanType:
    """What kind of plan it is; a type that contradicts the rule is refused."""
    repeats = series.rule is not None or bool(series.rdates)
    if body.type is PlanType.ONE_TIME and repeats:
        raise Invalid(
            [Fault(pointer="/type", message="got ONE_TIME, expected RECURRING: there is a rule, or more starts")], CODE
        )
    if body.type is PlanType.RECURRING and not repeats:
        raise Invalid([Fault(pointer="/type", message="got RECURRING, expected a rule or more starts beside it")], CODE)
    if not repeats and series.exdates:
        raise Invalid(
            [
                Fault(
                    pointer=pointers_of(body, {})["exdates"],
                    message="got dates to leave out, expected a rule that gives them",
                )
            ],
            CODE,
        )
    return body.type or (PlanType.RECURRING if repeats else PlanType.ONE_TIME)


def pointers_of(body: PlanBody, parts: dict[str, Part]) -> dict[str, str]:
    """Under which name the client gave what the services know as `rrule`, `rdates`, `exdates`, `duration` and so on."""
    canonical = body.recurrence
    flat_rule = next((part.pointer for part in parts.values()), plan_rule.RRULE)
    return {
        "rrule": plan_rule.RRULE if canonical and canonical.rrule is not None else flat_rule,
        "rdates": "/recurringIncludeDates" if body.recurring_include_dates else "/recurrence/rdates",
        "exdates": exdates_pointer(body),
        "duration": duration_pointer(body) or crowding_pointer(body, parts),
        "time_zone": "/recurringTimeZone" if body.recurring_time_zone and not body.time_zone else "/timeZone",
        "scheduled_at": "/scheduledAt",
    }


def exdates_pointer(body: PlanBody) -> str:
    """Where the exceptions stand in a body."""
    if body.recurring_exception_dates:
        return "/recurringExceptionDates"
    if body.recurring_exclude_dates:
        return "/recurringExcludeDates"
    days_alone = body.recurrence and body.recurrence.excluded_days and not body.recurrence.exdates
    return "/recurrence/excludedDays" if days_alone else "/recurrence/exdates"


def duration_pointer(body: PlanBody) -> str | None:
    """Where the length stands in a body; None: an edit that keeps it."""
    if body.duration is not None:
        return "/duration"
    if body.recurring_duration is not None:
        return "/recurringDuration"
    if body.scheduled_end_at is not None:
        return "/scheduledEndAt"
    return "/recurringEndTime" if body.recurring_end_time is not None else None


def crowding_pointer(body: PlanBody, parts: dict[str, Part]) -> str:
    """Where a body that keeps the length says that sessions come closer: extra starts, the rule, or the start."""
    if body.recurring_include_dates:
        return "/recurringIncludeDates"
    if body.recurrence is not None and body.recurrence.rdates:
        return "/recurrence/rdates"
    if body.recurrence is not None and body.recurrence.rrule is not None:
        return plan_rule.RRULE
    flat_rule = next((part.pointer for part in parts.values()), None)
    return flat_rule or ("/recurringTime" if body.recurring_time is not None else "/scheduledAt")


def pointer_of(part: str, body: PlanBody, parts: dict[str, Part]) -> str:
    """The pointer to the field that a refused part of the series came from."""
    if part in parts:
        return parts[part].pointer
    return pointers_of(body, parts)[PARTS.get(part, "rrule")]


def pointers(body: PlanBody) -> dict[str, str]:
    """Under which name the client gave each field, for what the services refuse later."""
    return pointers_of(body, flat_fields.parts_of(body, []))
