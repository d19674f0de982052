"""Marks that came in bulk: what was sent, and what became of each row."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from db.models.attendance import Mark
from db.models.schema import Base, Owned, one_of, readable
from db.types import WallTime


class RowOutcome(StrEnum):
    """What became of a row where it was not simply marked."""

    UNCHANGED = "UNCHANGED"
    """All of it was known."""

    REFUSED = "REFUSED"
    """It can't be marked; why, stands beside it."""


class AttendanceImport(Owned, Base):
    """One delivery of rows; those up to `done_until` are marked. It is whole at any moment, whoever dies."""

    __tablename__ = "attendance_import"
    __table_args__ = (
        readable("instants_readable", "created_at", "finished_at"),
        Index("attendance_import_waiting_idx", "created_at", postgresql_where=text("finished_at IS NULL")),
        Index(None, "finished_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    created_by: Mapped[str]  # the id of the key
    rows: Mapped[int] = mapped_column(Integer)
    done_until: Mapped[int] = mapped_column(Integer)  # the last line that was looked at
    unchanged: Mapped[int] = mapped_column(Integer)
    refused: Mapped[int] = mapped_column(Integer)
    marked: Mapped[int] = mapped_column(Integer)
    finished_at: Mapped[datetime | None]


class AttendanceImportRow(Base):
    """One row as it was sent, and as it was understood; null: it was not said, or not understood."""

    __tablename__ = "attendance_import_row"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "import_id"], ["attendance_import.tenant_id", "attendance_import.id"], ondelete="CASCADE"
        ),
        one_of("mark", Mark),
        one_of("outcome", RowOutcome),
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)  # of the file, or in the list
    session: Mapped[str | None]  # as it was sent
    person: Mapped[str | None]  # likewise: an id or an e-mail address
    series_id: Mapped[UUID | None]
    recurrence_id: Mapped[datetime | None] = mapped_column(WallTime)
    user_id: Mapped[UUID | None]
    mark: Mapped[str | None]  # null: it follows from the check-in
    checked_in_at: Mapped[datetime | None]
    checked_out_at: Mapped[datetime | None]
    outcome: Mapped[str | None]  # null: marked, or waiting
    detail: Mapped[str | None]  # why it was refused
