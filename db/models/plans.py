"""Plans: the series, its segments, who is enrolled and who waits for a place."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    Date,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from db.models.schema import Base, Owned, one_of, readable
from db.types import WallTime, ZoneName
from recurrence import Fold, Gap


class PlanType(StrEnum):
    """What kind of plan a series is."""

    ONE_TIME = "ONE_TIME"
    """One session."""

    RECURRING = "RECURRING"
    """As the rule says."""

    ONE_TIME_RANGE = "ONE_TIME_RANGE"
    """Each day from one date to another."""


class AutoStart(StrEnum):
    """How a session starts."""

    SCHEDULED = "SCHEDULED"
    """By itself, at its planned start."""

    FIRST_CHECK_IN = "FIRST_CHECK_IN"
    """When the first person checks in, even before the plan; missed when nobody does before its end."""

    MANUAL = "MANUAL"
    """By hand; missed when nobody does before its end."""


def referring(*names: str) -> list[ForeignKeyConstraint | Index]:
    """Foreign keys `(tenant_id, NAME_id)` to the tables of these names, each with its index."""
    made: list[ForeignKeyConstraint | Index] = []
    for name in names:
        table = "app_user" if name == "instructor" else name
        made.append(ForeignKeyConstraint(["tenant_id", f"{name}_id"], [f"{table}.tenant_id", f"{table}.id"]))
        made.append(Index(None, "tenant_id", f"{name}_id", postgresql_where=text(f"{name}_id IS NOT NULL")))
    return made


class Series(Owned, Base):
    """The identity of a plan; a one-time session is a series of one."""

    __tablename__ = "series"
    __table_args__ = (
        UniqueConstraint("tenant_id", "uid"),
        one_of("type", PlanType),
        readable("instants_readable", "tracked_from", "created_at", "updated_at", "removed_at"),
        Index(None, "tenant_id", "created_at", "id", postgresql_where=text("removed_at IS NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[str]
    uid: Mapped[str | None]  # the UID of the calendar entry it was imported from
    tracked_from: Mapped[datetime]  # sessions that start before are answered, never written
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(Integer, default=1)


PLAIN = """
    duration LIKE 'PT%' AND NOT all_day AND rdates = '{}'
    AND (rrule IS NULL OR rrule NOT LIKE ALL ('{%HOUR%,%MINUTE%,%SECOND%}'))
"""
BEGINS_S = f"CASE WHEN {PLAIN} THEN CAST(date_part('epoch', CAST(dtstart AS time)) AS integer) END"
LASTS_S = f"""
    CASE WHEN {PLAIN} THEN coalesce(CAST(substring(duration, '([0-9]+)H') AS integer) * 3600, 0)
        + coalesce(CAST(substring(duration, '([0-9]+)M') AS integer) * 60, 0)
        + coalesce(CAST(substring(duration, '([0-9]+)S') AS integer), 0) END
"""
"""Of a plain segment, one start a day and shorter than a day: time of day and length in seconds (`db.clashes`)."""


LISTS_READABLE = """
    array_position(rdates || exdates, NULL) IS NULL AND array_position(excluded_days, NULL) IS NULL
    AND '0001-01-01' <= ALL (excluded_days) AND '9999-12-31' >= ALL (excluded_days)
"""


class Segment(Base):
    """A stretch of a series with one start, zone, rule, duration, title and place."""

    __tablename__ = "segment"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "series_id"], ["series.tenant_id", "series.id"], ondelete="CASCADE"),
        *referring("routine", "program", "timeline", "space", "subject", "instructor"),
        one_of("auto_start", AutoStart),
        one_of("gap", Gap),
        one_of("fold", Fold),
        readable("wall_times_readable", "from_local", "dtstart", "counted_until"),
        readable("instants_readable", "materialized_until", "next_materialize_at", "removed_at"),
        CheckConstraint(LISTS_READABLE, name="lists_readable"),
        CheckConstraint(
            "least(late_after, misfire_grace) >= '0' AND greatest(late_after, misfire_grace) <= '36525 days'",
            name="lengths_readable",
        ),
        CheckConstraint("(counted_until IS NULL) = (counted IS NULL)", name="cursor_whole"),
        CheckConstraint("capacity > 0", name="capacity_positive"),
        CheckConstraint("late_after >= '0'", name="late_after_positive"),
        CheckConstraint("completion_threshold > 0 AND completion_threshold <= 1", name="completion_threshold_fraction"),
        Index(None, "next_materialize_at", postgresql_where=text("next_materialize_at IS NOT NULL")),
        Index(None, "tenant_id", "series_id", postgresql_where=text("set_aside IS NOT NULL")),
        Index(None, "tzdata_version"),
        Index("segment_mismatch_idx", "tenant_id", "series_id", postgresql_where=text("mismatch IS NOT NULL")),
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    series_id: Mapped[UUID] = mapped_column(primary_key=True)
    from_local: Mapped[datetime] = mapped_column(WallTime, primary_key=True)
    dtstart: Mapped[datetime] = mapped_column(WallTime)
    time_zone: Mapped[str] = mapped_column(ZoneName)
    all_day: Mapped[bool]
    duration: Mapped[str]  # ISO 8601, days nominal and the rest exact
    rrule: Mapped[str | None]
    rdates: Mapped[list[str]]  # RFC 5545 basic form: local, instant (Z), date or period
    exdates: Mapped[list[str]]
    excluded_days: Mapped[list[date]] = mapped_column(ARRAY(Date))
    left_out: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")  # exdates of ours, and why
    gap: Mapped[str]
    fold: Mapped[str]
    title: Mapped[str]
    description: Mapped[str | None]
    routine_id: Mapped[UUID | None]
    program_id: Mapped[UUID | None]
    timeline_id: Mapped[UUID | None]
    space_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
    instructor_id: Mapped[UUID | None]
    exclusive: Mapped[list[str]]
    capacity: Mapped[int | None] = mapped_column(Integer)  # how many may come to one session; null: any number
    late_after: Mapped[timedelta] = mapped_column(server_default="PT5M")  # who comes so long after the start is late
    completion_threshold: Mapped[float] = mapped_column(Float, server_default="1")  # the part of its activities
    auto_start: Mapped[str]
    auto_end: Mapped[bool]
    misfire_grace: Mapped[timedelta | None]  # a start later than this is a miss; null: however late, it is caught up
    sync_dtstart: Mapped[bool] = mapped_column(server_default=true())  # whether a start off the rule was to be moved
    materialized_until: Mapped[datetime]  # rows exist for all that start before
    next_materialize_at: Mapped[datetime | None]  # null: the rule gives nothing more
    counted_until: Mapped[datetime | None] = mapped_column(WallTime)  # the count cursor: before this wall time
    counted: Mapped[int | None] = mapped_column(
        Integer
    )  # the rule gave so many; null: it has no COUNT, or none is kept
    set_aside: Mapped[str | None]  # why materializing it was given up
    tzdata_version: Mapped[str]  # the oldest that any of its rows was computed with
    mismatch: Mapped[str | None]  # what the auditor last found wrong with its rows
    begins_s: Mapped[int | None] = mapped_column(Integer, Computed(BEGINS_S, persisted=True), deferred=True)
    lasts_s: Mapped[int | None] = mapped_column(Integer, Computed(LASTS_S, persisted=True), deferred=True)
    removed_at: Mapped[datetime | None]  # this stretch of the plan was removed
    version: Mapped[int] = mapped_column(Integer, default=1)


class Former(Base):
    """What a plan gave from some local time on until it was edited: which ids there were that there are no more."""

    __tablename__ = "former"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "series_id"], ["series.tenant_id", "series.id"], ondelete="CASCADE"),
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    series_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    replaced_at: Mapped[datetime]
    from_local: Mapped[datetime] = mapped_column(WallTime)
    dtstart: Mapped[datetime] = mapped_column(WallTime)
    time_zone: Mapped[str] = mapped_column(ZoneName)
    all_day: Mapped[bool]
    duration: Mapped[str]
    rrule: Mapped[str | None]
    rdates: Mapped[list[str]]
    exdates: Mapped[list[str]]
    excluded_days: Mapped[list[date]] = mapped_column(ARRAY(Date))
    gap: Mapped[str]
    fold: Mapped[str]


class Enrolment(Base):
    """Who is expected at the sessions of a series, from when until when (local, until exclusive).

    A drop-in is expected at one session: from its recurrence id until a second later. Who waits is not here.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "series_id"], ["series.tenant_id", "series.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["app_user.tenant_id", "app_user.id"]),
        Index(None, "tenant_id", "user_id"),
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    series_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    from_local: Mapped[datetime] = mapped_column(WallTime, primary_key=True)
    until_local: Mapped[datetime | None] = mapped_column(WallTime)
    drop_in: Mapped[bool] = mapped_column(server_default=false())


class Waiting(Base):
    """Who waits for a place in a series or, as a drop-in, in one session of it; in the order of `since`.

    look_at: when a session of the plan begins next, so that there may be a place in what is left of it.
    """

    __tablename__ = "waiting"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "series_id"], ["series.tenant_id", "series.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["tenant_id", "user_id"], ["app_user.tenant_id", "app_user.id"]),
        Index(None, "tenant_id", "user_id"),
        readable("look_at_readable", "look_at"),
        Index("waiting_look_at_idx", "look_at", postgresql_where=text("look_at IS NOT NULL")),
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    series_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    from_local: Mapped[datetime] = mapped_column(WallTime, primary_key=True)
    until_local: Mapped[datetime | None] = mapped_column(WallTime)
    drop_in: Mapped[bool] = mapped_column(primary_key=True, server_default=false())
    since: Mapped[datetime]
    look_at: Mapped[datetime | None]
