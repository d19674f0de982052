"""What the two reports ask for: parameters to a question, and the cursor that binds its pages."""

from fractions import Fraction
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from api_stub import cursor, wire
from api_stub.cursor import Cursor
from api_stub.errors import Invalid
from api_stub.faults import Fault
from api_stub.filters import When
from api_stub.wire import Id, Strict
from services.reports import EVERYTHING, By, Place, Question, Scope

DEFAULT_LIMIT = 100
MOST = 1_000  # rows on one page
MOST_DROPPED = 1_000
SHORTEST = 20  # characters of a pass mark; nobody needs more


def read_mark(value: Any) -> Fraction:
    """A part of the whole, exactly as it is written. Raises ValueError."""
    text = wire.text_of(value)
    try:
        found = Fraction(text) if len(text) <= SHORTEST and text.isascii() else None
    except (ValueError, ZeroDivisionError):
        found = None
    if found is None or not 0 < found <= 1:
        raise ValueError(f"got {wire.shown(value)}, expected a number above 0 and at most 1, like 0.8")
    return found


PassMark = Annotated[Fraction, BeforeValidator(read_mark), wire.schema(type="number", exclusiveMinimum=0, maximum=1)]


class ReportQuery(Strict):
    """Which sessions are counted, by what they are grouped, and which page of it."""

    by: By = Field(description="what to group by; weekdays and hours are those of each session's own zone")
    from_: When | None = Field(default=None, alias="from", description="planned start from then on; left out: any")
    to: When | None = Field(default=None, description="planned start before then; left out: any")
    user_id: Id | None = Field(default=None, description="this person's attendance alone")
    series_id: Id | None = None
    routine_id: Id | None = None
    program_id: Id | None = None
    timeline_id: Id | None = None
    subject_id: Id | None = None
    space_id: Id | None = None
    instructor_id: Id | None = None
    format: Literal["json", "csv"] | None = Field(default=None, description="left out: as the Accept header says")
    limit: int | None = Field(default=None, ge=1, le=MOST, description=f"rows on a page, {DEFAULT_LIMIT} unless given")
    cursor: str | None = None


class CompletionQuery(ReportQuery):
    """What `GET /reports/completion` asks for."""


class AttendanceQuery(ReportQuery):
    """What `GET /reports/attendance` asks for."""

    pass_mark: PassMark | None = Field(default=None, description="by person: the rate that is enough, like 0.8")
    drop_lowest: int = Field(
        default=0, ge=0, le=MOST_DROPPED, description="by person: how many of the worst counted sessions are left out"
    )


UNBOUND = frozenset({"limit", "cursor", "format"})
"""Parameters that may change from page to page."""


def question_of(query: ReportQuery, after: Cursor | None, whole: bool) -> Question:
    """The question of a query; `whole`: all rows at once."""
    mark, drop = (query.pass_mark, query.drop_lowest) if isinstance(query, AttendanceQuery) else (None, 0)
    return Question(
        by=query.by,
        scope=Scope(
            since=query.from_,
            until=query.to,
            user_id=query.user_id,
            series_id=query.series_id,
            routine_id=query.routine_id,
            program_id=query.program_id,
            timeline_id=query.timeline_id,
            subject_id=query.subject_id,
            space_id=query.space_id,
            instructor_id=query.instructor_id,
        ),
        limit=EVERYTHING if whole else query.limit or DEFAULT_LIMIT,
        after=None if after is None else Place(*after.position),
        mark=mark,
        drop_lowest=drop,
        records=not isinstance(query, AttendanceQuery),
    )


def cursor_of(tenant_id: UUID, query: ReportQuery) -> Cursor | None:
    """The cursor that a query came with. Raises Invalid for one of another report."""
    return None if query.cursor is None else cursor.read(query.cursor, binding(tenant_id, query), len(Place._fields))


def binding(tenant_id: UUID, query: ReportQuery) -> str:
    """What binds a cursor to its report."""
    return cursor.bind(tenant_id, (type(query).__name__, sorted(query.model_dump(exclude=set(UNBOUND)).items())))


def refuse_pages(query: ReportQuery) -> None:
    """Refuse a page of what is told whole. Raises Invalid."""
    given = [name for name in ("limit", "cursor") if getattr(query, name) is not None]
    if given:
        message = "got it with CSV, expected it with JSON alone: CSV has all rows"
        raise Invalid([Fault(pointer=f"/{name}", message=message) for name in given])
