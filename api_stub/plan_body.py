"""The body of `POST /sessions`: every field of a plan, canonical and flat, as it is spelled on the wire.

Shapes only; what the fields mean together is decided in `plan_draft.py`. Two groups of fields are known and refused by
name rather than ignored: those that an answer tells and nobody sets, and those that are not supported yet.
"""

from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from api_stub import wire
from api_stub.never_set import Answered, Removed
from api_stub.wire import (
    Clock,
    Days,
    Entry,
    Flag,
    Id,
    Ids,
    Lateness,
    Length,
    Line,
    Moment,
    Number,
    Numbers,
    Part,
    Places,
    PlainDays,
    PlainEntries,
    Prose,
    RuleText,
    Starts,
    Strict,
    Words,
    Zone,
)
from db.models import AutoStart, PlanType
from recurrence import Fold, Gap

ENDS = ("duration", "recurring_duration", "recurring_end_time")
"""Fields that say the end when scheduledEndAt does not."""


class Recurrence(Strict):
    """How a plan repeats, in the canonical spelling."""

    rrule: RuleText | None = Field(default=None, description="RFC 5545, such as FREQ=WEEKLY;BYDAY=MO")
    rdates: PlainEntries | None = None
    exdates: PlainEntries | None = None
    excluded_days: PlainDays | None = None


class PlanBody(Strict):
    """A plan to be made."""

    title: Line
    description: Prose | None = None
    type: PlanType | None = None
    scheduled_at: Moment
    duration: Length | None = None
    time_zone: Zone | None = None
    recurrence: Recurrence | None = None

    routine_id: Id | None = None
    program_id: Id | None = None
    timeline_id: Id | None = None
    space_id: Id | None = None
    subject_id: Id | None = None
    instructor_id: Id | None = None
    participants: Ids | None = None
    exclusive: list[Literal["space", "instructor", "participants"]] | None = None
    capacity: Places | None = None
    late_after: Lateness | None = None
    completion_threshold: Part | None = None
    auto_start: AutoStart | None = None
    auto_end: Flag | None = None
    misfire: Literal["CATCH_UP", "MISS"] | None = None
    misfire_grace: Length | None = None
    gap: Gap | None = None
    fold: Fold | None = None
    sync_dtstart: Flag | None = None
    on_clash: Literal["reject", "skip"] | None = None

    repeat_cycle_type: Literal["DAILY", "WEEKLY", "MONTHLY", "YEARLY"] | None = None
    recurring_frequency: Literal["SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"] | None = None
    recurring_interval_unit: Literal["SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"] | None = None
    recurring_interval: Number | None = None
    recurring_interval_count: Number | None = None
    recurring_interval_year: Number | None = None
    recurring_interval_month: Number | None = None
    recurring_interval_week: Number | None = None
    recurring_interval_day: Number | None = None
    recurring_interval_hour: Number | None = None
    recurring_interval_minute: Number | None = None
    recurring_interval_second: Number | None = None
    recurring_count: Number | None = None
    recurring_until: Entry | None = None
    recurring_by_day: Words | None = None
    recurring_day_of_week: Words | None = None
    recurring_by_month_day: Numbers | None = None
    recurring_day_of_month: Numbers | None = None
    recurring_by_month: Numbers | None = None
    recurring_month: Words | None = None
    recurring_week: Numbers | None = None
    recurring_year: Number | None = None
    recurring_by_set_pos: Numbers | None = None
    recurring_week_start: str | None = None
    recurring_time: Clock | None = None
    recurring_end_time: Clock | None = None
    recurring_duration: Length | None = None
    recurring_time_zone: Zone | None = None
    recurring_exception_dates: Starts | None = None
    recurring_exclude_dates: Days | None = None
    recurring_include_dates: Starts | None = None

    id: Answered = None
    session_id: Answered = None
    started_at: Answered = None
    ended_at: Answered = None
    removed_at: Removed = None
    state: Answered = None
    tracked: Answered = None
    progress: Answered = None
    metrics: Answered = None
    recurrence_id: Answered = None
    recurrence_text: Answered = None
    segments: Answered = None
    materialized: Answered = None
    materialized_until: Answered = None
    notes: Answered = None
    version: Answered = None
    clash: Answered = None
    created_at: Answered = None
    updated_at: Answered = None

    scheduled_end_at: Moment | None = Field(default=None, validate_default=True)

    @field_validator("scheduled_end_at")
    @classmethod
    def some_end(cls, value: object, info: ValidationInfo) -> object:
        """A plan needs an end or a length; a field that is wrong itself has its own fault."""
        given = [name for name in ENDS if info.data.get(name, wire) is not None]
        if value is None and not given:
            raise ValueError("got no end, expected scheduledEndAt or a duration: one is required")
        return value
