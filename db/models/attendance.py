"""Who came to a session, from when until when, and who left it in the last moment."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.schema import Base, one_of
from db.models.sessions import OfSession, of_session


class Mark(StrEnum):
    """Whether a person came."""

    EXPECTED = "EXPECTED"
    """Enrolled; nothing is known yet."""

    PRESENT = "PRESENT"
    """Came."""

    LATE = "LATE"
    """Came late."""

    ABSENT = "ABSENT"
    """Did not come."""

    EXCUSED = "EXCUSED"
    """Said beforehand, or was allowed, not to come; never overwritten by the close."""


def of_user() -> ForeignKeyConstraint:
    """The foreign key of a row that is about a person."""
    return ForeignKeyConstraint(["tenant_id", "user_id"], ["app_user.tenant_id", "app_user.id"])


class Attendance(OfSession, Base):
    """Whether one person came to one session; written at the first mark or at the close.

    No foreign key to the session: whoever writes holds it, and looking it up once more for each person would cost the
    close of a herd a third of its time. A trigger takes the rows of a deleted session along.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        of_user(),
        # all that a report about a person asks: their rows lie on as many pages as there were sessions
        Index(
            "attendance_of_person_idx",
            "tenant_id",
            "user_id",
            "series_id",
            "recurrence_id",
            postgresql_include=["mark", "marked_at"],
        ),
        one_of("mark", Mark),
    )
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    mark: Mapped[str]
    marked_at: Mapped[datetime]
    marked_by: Mapped[str]  # `system`, or the id of the key
    done: Mapped[list[str] | None]  # which activities of the routine the person did; null: nobody has said


class Presence(OfSession, Base):
    """An interval in which a person was at a session; open until checked out. Where they overlap their union counts."""

    __tablename__ = "presence"
    __table_args__ = (
        of_session(),
        of_user(),
        Index(None, "tenant_id", "user_id"),
        CheckConstraint("checked_out_at >= checked_in_at", name="in_before_out"),
    )
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    checked_in_at: Mapped[datetime] = mapped_column(primary_key=True)
    checked_out_at: Mapped[datetime | None]


class Withdrawal(OfSession, Base):
    """A place that a person gave up less than twelve hours before the session's start: a late cancel."""

    __tablename__ = "withdrawal"
    __table_args__ = (of_session(), of_user(), Index(None, "tenant_id", "user_id"))
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    withdrawn_at: Mapped[datetime]
