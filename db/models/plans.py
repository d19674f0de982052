"""Plans: the series, its segments, and who is enrolled."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKeyConstraint, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from db.models.schema import Base, Owned, one_of
from db.types import WallTime, ZoneName


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


class Segment(Base):
    """A stretch of a series with one start, zone, rule, duration, title and place."""

    __tablename__ = "segment"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "series_id"], ["series.tenant_id", "series.id"], ondelete="CASCADE"),
        *referring("routine", "program", "timeline", "space", "subject", "instructor"),
        one_of("auto_start", AutoStart),
        CheckConstraint("(counted_until IS NULL) = (counted IS NULL)", name="cursor_whole"),
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
    auto_start: Mapped[str]
    auto_end: Mapped[bool]
    misfire_grace: Mapped[timedelta | None]  # a start later than this is a miss; null: however late, it is caught up
    materialized_until: Mapped[datetime]  # rows exist for all that start before
    next_materialize_at: Mapped[datetime | None]  # null: the rule gives nothing more
    counted_until: Mapped[datetime | None] = mapped_column(WallTime)  # the count cursor: before this wall time
    counted: Mapped[int | None] = mapped_column(
        Integer
    )  # the rule gave so many; null: it has no COUNT, or none is kept
    set_aside: Mapped[str | None]  # why materializing it was given up
    tzdata_version: Mapped[str]  # the oldest that any of its rows was computed with
    mismatch: Mapped[str | None]  # what the auditor last found wrong with its rows
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
    """Who is expected at the sessions of a series, from when until when (local, until exclusive)."""

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
