"""The shapes of a plan and of a session, for the OpenAPI document: see `shapes.py`."""

from typing import Literal

from pydantic import Field, RootModel

from api_stub.shapes import Day, Id, Instant, Named, Page, Routine, Shape, User
from db.models import AutoStart, PlanType
from lifecycle import State
from recurrence import Fold, Gap


class Metrics(Shape):
    """The completion record of one session."""

    planned_minutes: float
    actual_minutes: float
    start_lateness_seconds: float
    end_lateness_seconds: float
    enrolled: int
    expected: int
    present: int
    late: int
    absent: int
    excused: int
    attendance_rate: float | None
    presence_minutes: float | None
    progress: float | None
    completed: bool
    fill_rate: float | None
    measured_at: Instant


class Clash(Shape):
    """A session that takes what is wanted, from when until when."""

    session_id: str
    resource: Id
    from_: Instant = Field(alias="from")
    to: Instant


class Life(Shape):
    """What plans and sessions share: names, times, life, and what is referred to; then what `expand` carries along."""

    id: str
    type: PlanType
    title: str
    description: str | None
    time_zone: str
    scheduled_at: Instant
    scheduled_end_at: Instant
    started_at: Instant | None
    ended_at: Instant | None
    removed_at: Instant | None
    state: State | None
    tracked: bool | None
    materialized: bool
    recurrence_id: str | None
    progress: float | None
    clash: str | None
    routine_id: Id | None
    program_id: Id | None
    timeline_id: Id | None
    space_id: Id | None
    subject_id: Id | None
    instructor_id: Id | None
    capacity: int | None
    notes: list[str]
    version: int
    routine: Routine | None = None
    program: Named | None = None
    timeline: Named | None = None
    space: Named | None = None
    subject: Named | None = None
    instructor: User | None = None
    metrics: Metrics | None = None


class Session(Life):
    """One session."""

    session_id: Id | None
    participants: list[User] = Field(default_factory=list)


class RecurrenceAnswer(Shape):
    """How a plan repeats, in the canonical spelling."""

    rrule: str | None
    rdates: list[str]
    exdates: list[str]
    excluded_days: list[Day]


class Segment(Shape):
    """A stretch of a plan in which the same holds."""

    from_: str = Field(alias="from")
    until: str | None
    removed_at: Instant | None
    title: str
    time_zone: str
    rrule: str | None
    duration: str
    space_id: Id | None
    instructor_id: Id | None


class FlatRule(Shape):
    """The rule of a plan in the flat spelling."""

    repeat_cycle_type: str | None
    recurring_frequency: str | None
    recurring_interval_unit: str | None
    recurring_interval: int | None
    recurring_interval_count: int | None
    recurring_interval_year: int | None
    recurring_interval_month: int | None
    recurring_interval_week: int | None
    recurring_interval_day: int | None
    recurring_interval_hour: int | None
    recurring_interval_minute: int | None
    recurring_interval_second: int | None
    recurring_count: int | None
    recurring_until: Instant | None
    recurring_by_day: list[str] | None
    recurring_day_of_week: list[str] | None
    recurring_by_month_day: list[int] | None
    recurring_day_of_month: list[int] | None
    recurring_by_month: list[int] | None
    recurring_month: list[str] | None
    recurring_week: list[int] | None
    recurring_year: int | None
    recurring_by_set_pos: list[int] | None
    recurring_week_start: str | None
    recurring_time: str
    recurring_end_time: str | None
    recurring_duration: str
    recurring_time_zone: str
    recurring_exception_dates: list[str] | None
    recurring_exclude_dates: list[Day] | None
    recurring_include_dates: list[str] | None


class Plan(Life, FlatRule):
    """A plan, or one session with what it takes from its plan."""

    session_id: Id | None
    duration: str
    recurrence: RecurrenceAnswer | None
    recurrence_text: str | None
    participants: list[Id] | list[User]
    exclusive: list[Literal["space", "instructor", "participants"]]
    auto_start: AutoStart
    auto_end: bool
    misfire: Literal["CATCH_UP", "MISS"]
    misfire_grace: str | None
    gap: Gap
    fold: Fold
    sync_dtstart: bool
    late_after: str
    completion_threshold: float
    segments: list[Segment]
    materialized_until: Instant
    created_at: Instant
    updated_at: Instant
    clashes: list[Clash] | None = None


class SessionPage(Page):
    """A page of sessions, or of plans with `view=plans`."""

    data: list[Session] | list[Plan]


class PlanOrSession(RootModel[Plan]):
    """A plan, or one session of it; a one-time session is its own plan."""


class Times(Shape):
    """When a session is planned."""

    scheduled_at: Instant
    scheduled_end_at: Instant


class PlannedSession(Times):
    """A session that would be."""

    recurrence_id: str
    tracked: bool


class PlannedSessions(FlatRule):
    """The first sessions of a plan that is not made, its rule in words, and what would be in the way."""

    data: list[PlannedSession]
    has_more: bool
    duration: str
    time_zone: str
    recurrence: RecurrenceAnswer | None
    recurrence_text: str | None
    notes: list[str]
    clashes: list[Clash]
