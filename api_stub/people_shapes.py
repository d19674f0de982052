"""The shapes of what is told of people at sessions: places, marks, presence, progress."""

from typing import Literal

from pydantic import Field

from api_stub.shapes import Id, Instant, Page, Shape
from db.models import Mark
from services.roster import Standing


class Stay(Shape):
    """From when until when somebody was there."""

    checked_in_at: Instant
    checked_out_at: Instant | None


class Attendance(Shape):
    """One person at one session."""

    user_id: Id
    status: Mark
    marked_at: Instant | None
    marked_by: str | None
    presence: list[Stay]
    done: list[str] | None


class AttendanceImport(Shape):
    """How far a delivery of marks is."""

    id: Id
    state: Literal["WAITING", "MARKING", "DONE"]
    rows: int
    marked: int
    unchanged: int
    refused: int
    waiting: int
    created_at: Instant
    finished_at: Instant | None


class ImportedRow(Shape):
    """What became of one row."""

    line: int
    session: str | None
    person: str | None
    outcome: Literal["WAITING", "MARKED", "UNCHANGED", "REFUSED"]
    detail: str | None


class AttendanceImportReport(AttendanceImport, Page):
    """How far a delivery of marks is, and a page of its rows."""

    data: list[ImportedRow]


class Progress(Shape):
    """Which activities of a routine are done, in a session or by a person at it."""

    user_id: Id | None
    activities: list[str]
    done: list[str] | None
    progress: float | None


class Attendances(Shape):
    """Everybody expected or marked."""

    data: list[Attendance]


class Waits(Shape):
    """The place in the line of somebody who waits, and what for."""

    position: int
    since: Instant
    from_: str = Field(alias="from")
    until: str | None
    drop_in: bool


class Enrolment(Shape):
    """One person who has a place in a plan or at a session, or waits for one."""

    user_id: Id
    status: Standing
    from_: str = Field(alias="from")
    until: str | None
    drop_in: bool
    waiting: Waits | None


class Enrolments(Shape):
    """Everybody who has a place, and then everybody who waits for one, in order."""

    data: list[Enrolment]
