"""Sessions, and what belongs to one: its ledger, bookings and completion record."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from db.models.plans import referring
from db.models.schema import Base, one_of, readable
from db.types import WallTime
from lifecycle import Event, Outcome, State, Step

START_AT = (
    "CASE WHEN next_step = 'START' THEN next_due_at WHEN next_step = 'END' AND state = 'IN_PROGRESS' THEN starts_at END"
)
"""Of a session that will start by itself: when. Of one that runs: its planned start, which is the same instant."""

LATER_STEP = "CASE next_step WHEN 'START' THEN 'END' ELSE next_step END"
LATER_AT = "CASE next_step WHEN 'START' THEN end_due_at ELSE next_due_at END"
"""What comes next, or after the start that comes next, and when."""


INSTANTS = ("starts_at", "ends_at", "end_due_at", "started_at", "ended_at", "next_due_at", "removed_at")


class Session(Base):
    """One concrete session of a series; named by the wall time its rule gave it."""

    __tablename__ = "session"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "series_id", "segment_from"],
            ["segment.tenant_id", "segment.series_id", "segment.from_local"],
            ondelete="CASCADE",
        ),
        *referring("space", "instructor"),
        one_of("state", State),
        one_of("next_step", Step),
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        readable("wall_times_readable", "recurrence_id", "moved_to_local"),
        readable("instants_readable", *INSTANTS),
        CheckConstraint("misfire_grace BETWEEN '0' AND '36525 days'", name="misfire_grace_readable"),
        CheckConstraint("(next_step IS NULL) = (next_due_at IS NULL)", name="step_has_due"),
        CheckConstraint("capacity > 0", name="capacity_positive"),
        Index("session_start_idx", "start_at", "series_id", postgresql_where=text("start_at IS NOT NULL")),
        Index("session_later_idx", "later_step", "later_at", postgresql_where=text("later_at IS NOT NULL")),
        Index(None, "tenant_id", "starts_at", "series_id", "recurrence_id"),
        Index(None, "tenant_id", "ends_at"),
        Index("session_clash_idx", "tenant_id", "starts_at", postgresql_where=text("clash IS NOT NULL")),
        Index(None, "tenant_id", "series_id", postgresql_where=text("set_aside IS NOT NULL")),
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    series_id: Mapped[UUID] = mapped_column(primary_key=True)
    recurrence_id: Mapped[datetime] = mapped_column(WallTime, primary_key=True)
    segment_from: Mapped[datetime] = mapped_column(WallTime)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    end_due_at: Mapped[datetime]  # when it ends by itself: ends_at, or the longest overrun after it
    state: Mapped[str]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    progress: Mapped[float | None] = mapped_column(Float)
    next_step: Mapped[str | None]
    next_due_at: Mapped[datetime | None]
    # what finds it when it is due (`db.due`); a start changes none of these, and so touches no index
    start_at: Mapped[datetime | None] = mapped_column(Computed(START_AT, persisted=True), deferred=True)
    later_step: Mapped[str | None] = mapped_column(Computed(LATER_STEP, persisted=True), deferred=True)
    later_at: Mapped[datetime | None] = mapped_column(Computed(LATER_AT, persisted=True), deferred=True)
    misfire_grace: Mapped[timedelta | None]  # as the segment had it; null where only its end is waited for
    tracked: Mapped[bool]
    # what was edited for this session alone; null: as the segment says
    moved_to_local: Mapped[datetime | None] = mapped_column(WallTime)
    moved_duration: Mapped[str | None]
    title: Mapped[str | None]
    description: Mapped[str | None]
    space_id: Mapped[UUID | None]
    instructor_id: Mapped[UUID | None]
    capacity: Mapped[int | None] = mapped_column(Integer)
    done: Mapped[list[str] | None]  # which activities of its routine were done; null: nobody has said
    clash: Mapped[str | None]  # what it could not book, found while materializing or rezoning
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")  # people's edits
    seq: Mapped[int] = mapped_column(Integer, default=0, server_default="0")  # its transitions so far
    set_aside: Mapped[str | None]
    removed_at: Mapped[datetime | None]


def of_session() -> ForeignKeyConstraint:
    """The foreign key of a row that belongs to one session and goes with it."""
    return ForeignKeyConstraint(
        ["tenant_id", "series_id", "recurrence_id"],
        ["session.tenant_id", "session.series_id", "session.recurrence_id"],
        ondelete="CASCADE",
    )


class OfSession:
    """The key of what belongs to one session."""

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-4)
    series_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-3)
    recurrence_id: Mapped[datetime] = mapped_column(WallTime, primary_key=True, sort_order=-2)


class Transition(OfSession, Base):
    """The ledger: what happened to a session. Append-only; `seq` makes each transition exactly one row.

    No foreign key: every row is written by the statement that moves its session, or beside the session's lock, and
    looking the session up once more would cost a herd a quarter of its time. A trigger takes the rows of a deleted
    session along.
    """

    __tablename__ = "transition"
    __table_args__ = (
        # time before the series: what a herd writes lies together, however long the past of its plans is
        PrimaryKeyConstraint("tenant_id", "recurrence_id", "series_id", "seq"),
        one_of("kind", Event),
        one_of("outcome", Outcome),
        # rows come in the order of this column, so a few bytes for each stretch of them tell where to look
        Index(
            "transition_applied_at_idx",
            "applied_at",
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 32, "autosummarize": "true"},
        ),
    )
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str]
    effective_at: Mapped[datetime]
    applied_at: Mapped[datetime]
    actor: Mapped[str]  # `system`, or the id of the key
    outcome: Mapped[str]


class Booking(OfSession, Base):
    """A space or an instructor taken by a session. Half-open: back-to-back is no clash."""

    __tablename__ = "booking"
    __table_args__ = (
        of_session(),
        ExcludeConstraint(("resource", "="), ("during", "&&"), name="booking_no_clash_excl", using="gist"),
        CheckConstraint(
            "NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)", name="during_bounded"
        ),
    )
    resource: Mapped[UUID] = mapped_column(primary_key=True)  # the id of a space or of a user
    during: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)


class SessionMetrics(OfSession, Base):
    """The completion record of one session; recomputed whole, never incremented."""

    __tablename__ = "session_metrics"
    __table_args__ = (of_session(),)
    planned_minutes: Mapped[float] = mapped_column(Float)
    actual_minutes: Mapped[float] = mapped_column(Float)
    start_lateness_s: Mapped[float] = mapped_column(Float)
    end_lateness_s: Mapped[float] = mapped_column(Float)
    enrolled: Mapped[int] = mapped_column(Integer, server_default="0")  # for the plan, at its start
    expected: Mapped[int] = mapped_column(Integer)  # they, and who was to come to it alone
    present: Mapped[int] = mapped_column(Integer)
    late: Mapped[int] = mapped_column(Integer)
    absent: Mapped[int] = mapped_column(Integer)
    excused: Mapped[int] = mapped_column(Integer)
    attendance_rate: Mapped[float | None] = mapped_column(Float)  # null: nobody was expected
    presence_minutes: Mapped[float | None] = mapped_column(Float)  # mean of those who came; null: nobody came
    progress: Mapped[float | None] = mapped_column(Float)  # 0 to 1; null: its routine has no activities
    completed: Mapped[bool] = mapped_column(server_default=false())
    fill_rate: Mapped[float | None] = mapped_column(Float)  # who came, of how many may; null: any number may
    measured_at: Mapped[datetime]
