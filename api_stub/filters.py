"""What `GET /sessions` and `GET /sessions/count` ask for: parameters to filters and a page.

The window is [from, to) by overlap; left out, it begins now and reaches as far as rows exist (the horizon). Every page
of one list is asked with the `now` of its first.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from api_stub import cursor, instants, wire
from api_stub.cursor import Cursor
from api_stub.errors import Invalid
from api_stub.faults import Fault
from api_stub.wire import Id, Strict
from db.models import PlanType
from lifecycle import State
from services.filters import Filters, Page, Position

DEFAULT_LIMIT = 25
MOST = 100  # items on one page


class Expand(StrEnum):
    """What an answer can carry along."""

    PARTICIPANTS = "participants"
    """The users expected at every session of the plan."""

    ROUTINE = "routine"
    """What it delivers."""

    PROGRAM = "program"
    """What it belongs to."""

    TIMELINE = "timeline"
    """What it is scheduled in."""

    SPACE = "space"
    """Where it takes place."""

    SUBJECT = "subject"
    """What it is about."""

    INSTRUCTOR = "instructor"
    """Who gives it."""

    METRICS = "metrics"
    """Its completion record."""


def read_expand(value: Any) -> tuple[Expand, ...]:
    """The comma-separated names. Raises ValueError."""
    names = [name.strip() for name in wire.text_of(value).split(",") if name.strip()]
    known = [one.value for one in Expand]
    for name in names:
        if name not in known:
            raise ValueError(f"got {name[:60]!r}, expected some of {', '.join(known)}")
    return tuple(Expand(name) for name in dict.fromkeys(names))


def read_instant(value: Any) -> datetime:
    """An instant; the `+` of an offset that a client forgot to escape arrives as a space. Raises ValueError."""
    text = wire.text_of(value)
    if len(text) > 6 and text[-6] == " ":
        text = f"{text[:-6]}+{text[-5:]}"
    return instants.parse_instant(text)


def read_flag(value: Any) -> bool:
    """A boolean in a query. Raises ValueError."""
    if value not in ("true", "false"):
        raise ValueError(f"got {wire.shown(value)}, expected true or false")
    return bool(value == "true")


Expanded = Annotated[
    tuple[Expand, ...], BeforeValidator(read_expand), wire.schema(type="string", example="space,instructor")
]
When = Annotated[datetime, BeforeValidator(read_instant), wire.schema(type="string", format="date-time")]
Choice = Annotated[bool, BeforeValidator(read_flag), wire.schema(type="boolean")]


class OneQuery(Strict):
    """The parameters of `GET /sessions/{id}`."""

    expand: Expanded = ()


class PlaceQuery(Strict):
    """Whose sessions are meant, where, and of what."""

    user_id: Id | None = Field(default=None, description="a participant or the instructor")
    space_id: Id | None = None
    routine_id: Id | None = None
    program_id: Id | None = None
    timeline_id: Id | None = None
    subject_id: Id | None = None
    series_id: Id | None = None


class CountQuery(PlaceQuery):
    """Which sessions are meant."""

    from_: When | None = Field(default=None, alias="from")
    to: When | None = None
    state: State | None = None
    type: PlanType | None = None
    include_removed: Choice = False
    view: Literal["sessions", "plans"] = "sessions"


class ListQuery(CountQuery):
    """Which sessions are meant, and which page of them."""

    sort: Literal["scheduledAt", "-scheduledAt"] = "scheduledAt"
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MOST)
    cursor: str | None = None
    expand: Expanded = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A list that is asked for: of which tenant, the query, and the cursor it came with."""

    tenant_id: UUID
    query: ListQuery
    cursor: Cursor | None

    def now(self, now: datetime) -> datetime:
        """The `now` of the first page; on the first page, this one."""
        return now if self.cursor is None else self.cursor.now

    def page(self) -> Page:
        """The page that is asked for. Raises Invalid for a cursor that was made up."""
        after = None
        if self.cursor is not None:
            starts_at, series_id, recurrence_id = self.cursor.position
            after = Position(
                cursor.position_time(starts_at, aware=True),
                cursor.position_id(series_id),
                cursor.position_time(recurrence_id, aware=False),
            )
        return Page(limit=self.query.limit, descending=self.query.sort.startswith("-"), after=after)

    def next(self, position: Position | None, now: datetime) -> str | None:
        """The cursor of the page that begins after a position; None: this was the last."""
        if position is None:
            return None
        parts = (position.starts_at.isoformat(), str(position.series_id), position.recurrence_id.isoformat())
        return cursor.write(Cursor(now=self.now(now), position=parts), binding(self.tenant_id, self.query))


NOT_OF_PLANS = MappingProxyType({"from_": "from", "to": "to", "state": "state"})
"""Parameters that mean something for sessions alone, and their names on the wire."""

UNBOUND = MappingProxyType({"limit": True, "cursor": True, "expand": True})
"""Parameters that may change from page to page."""


def question_of(tenant_id: UUID, query: ListQuery) -> Question:
    """The question of a query. Raises Invalid for a cursor of another question, and for what no plan has."""
    refuse_of_sessions(query)
    given = None
    if query.cursor is not None:
        given = cursor.read(query.cursor, binding(tenant_id, query), len(Position._fields))
    return Question(tenant_id=tenant_id, query=query, cursor=given)


def binding(tenant_id: UUID, query: ListQuery) -> str:
    """What binds a cursor to its question."""
    return cursor.bind(tenant_id, sorted(query.model_dump(exclude=dict(UNBOUND)).items()))


def refuse_of_sessions(query: CountQuery) -> None:
    """Refuse parameters that a list of plans would ignore."""
    if query.view != "plans":
        return
    message = "got it beside view=plans, expected it with view=sessions alone: a plan has no window and no state"
    faults = [
        Fault(pointer=f"/{name}", message=message)
        for field, name in NOT_OF_PLANS.items()
        if getattr(query, field) is not None
    ]
    if faults:
        raise Invalid(faults)


def of_query(query: CountQuery, now: datetime, horizon: timedelta) -> Filters:
    """The filters of a query asked at `now`, an instant."""
    start = query.from_ or now
    return Filters(
        from_=start,
        to=query.to or start + min(horizon, instants.END - start),
        user_id=query.user_id,
        space_id=query.space_id,
        routine_id=query.routine_id,
        program_id=query.program_id,
        timeline_id=query.timeline_id,
        subject_id=query.subject_id,
        series_id=query.series_id,
        state=query.state,
        type=query.type,
        include_removed=query.include_removed,
    )
