"""What a client asks for: a window, filters, and a page of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute

from db.models import Enrolment, PlanType, Segment, Series, Session
from lifecycle import State
from services import enrolments
from services.views import SessionView


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which sessions or plans; None: any. The window is [from_, to), by overlap, instants."""

    from_: datetime
    to: datetime
    user_id: UUID | None = None
    space_id: UUID | None = None
    routine_id: UUID | None = None
    program_id: UUID | None = None
    timeline_id: UUID | None = None
    subject_id: UUID | None = None
    series_id: UUID | None = None
    state: State | None = None
    type: PlanType | None = None
    include_removed: bool = False


class Position(NamedTuple):
    """Where a page begins: after the session that starts then, with this series and recurrence id."""

    starts_at: datetime
    series_id: UUID
    recurrence_id: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """How many, in which order, and after which position (None: from the beginning)."""

    limit: int = 25
    descending: bool = False
    after: Position | None = None


def of_plan(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions that a plan's segment meets; place and instructor of a single session are not looked at."""
    wanted: list[ColumnElement[bool]] = []
    named: dict[InstrumentedAttribute[Any], Any] = {
        Segment.routine_id: filters.routine_id,
        Segment.program_id: filters.program_id,
        Segment.timeline_id: filters.timeline_id,
        Segment.subject_id: filters.subject_id,
        Segment.series_id: filters.series_id,
        Series.type: filters.type,
    }
    wanted += [column == value for column, value in named.items() if value is not None]
    if not filters.include_removed:
        wanted.append(Series.removed_at.is_(None))
    return wanted


def near_place(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions on place and people as the segment has them, of people at whatever date."""
    wanted: list[ColumnElement[bool]] = []
    if filters.space_id is not None:
        wanted.append(Segment.space_id == filters.space_id)
    if filters.user_id is not None:
        wanted.append(or_(Segment.instructor_id == filters.user_id, Segment.series_id.in_(enrolled(filters.user_id))))
        planned = select(Segment.series_id).where(Segment.instructor_id == filters.user_id)
        wanted.append(Segment.series_id.in_(union(enrolled(filters.user_id), planned)))
    return wanted


def at_own_place(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions on place and people as each session has them, its own edits first.

    Each is said twice: exactly, and as a short list of series that may have such a session, from which the database can
    begin; of the exact condition no index could be made.
    """
    wanted: list[ColumnElement[bool]] = []
    if filters.space_id is not None:
        wanted.append(func.coalesce(Session.space_id, Segment.space_id) == filters.space_id)
        wanted.append(Session.series_id.in_(union(*with_own("space_id", filters.space_id))))
    if filters.user_id is not None:
        instructor = func.coalesce(Session.instructor_id, Segment.instructor_id)
        expected = enrolments.expects(filters.user_id, Session, Session.recurrence_id)
        wanted.append(or_(instructor == filters.user_id, expected))
        taught = with_own("instructor_id", filters.user_id)
        wanted.append(Session.series_id.in_(union(enrolled(filters.user_id), *taught)))
    return wanted


def with_own(column: str, id_: UUID) -> tuple[Any, Any]:
    """The series whose plan has this in a column, and those of which a session has it of its own."""
    plan, own = getattr(Segment, column), getattr(Session, column)
    return select(Segment.series_id).where(plan == id_), select(Session.series_id).where(own == id_)


def enrolled(user_id: UUID) -> Any:
    """The series that a person is enrolled in, at whatever date."""
    return select(Enrolment.series_id).where(Enrolment.user_id == user_id)


def position_of(view: SessionView) -> Position:
    """Where a session stands in the order of pages."""
    return Position(view.starts_at, view.series_id, view.recurrence_id)
