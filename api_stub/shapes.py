"""The shapes of answers, for the OpenAPI document. Nothing is checked against them at run time; tests compare.

What a field means stands in `words.py`. Every field is always there, null where it has no value; only what `expand`
carries along may be missing.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.json_schema import WithJsonSchema

from db.models import Role, UserRole
from lifecycle import Event, Outcome

Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Id = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]


def without_defaults(schema: dict[str, Any]) -> None:
    """A field that may be missing has no default: it is missing."""
    for part in schema.get("properties", {}).values():
        part.pop("default", None)


class Shape(BaseModel):
    """An answer, or a part of one: these fields and no others."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, json_schema_extra=without_defaults)


class Named(Shape):
    """A routine, program, timeline, space or subject."""

    id: Id
    name: str
    description: str | None
    type: str | None
    created_at: Instant
    updated_at: Instant


class Routine(Named):
    """What a session delivers."""

    activities: list[str]


class User(Shape):
    """A person."""

    id: Id
    name: str
    email: str
    role: UserRole
    erased_at: Instant | None
    created_at: Instant
    updated_at: Instant


class Page(Shape):
    """One page of a list."""

    next_cursor: str | None
    has_more: bool


class NamedPage(Page):
    """A page of one kind."""

    data: list[Named]


class RoutinePage(Page):
    """A page of routines."""

    data: list[Routine]


class UserPage(Page):
    """A page of people."""

    data: list[User]


class Count(Shape):
    """How many."""

    count: int


class Outcomes(Shape):
    """What became of each id, in the order in which they were given."""

    data: list["Removal"]


class Removal(Shape):
    """What became of one id."""

    id: str
    removed_at: Instant | None
    code: Literal["not_found"] | None
    detail: str | None


class Entry(Shape):
    """One transition."""

    kind: Event
    effective_at: Instant
    applied_at: Instant
    actor: str
    outcome: Outcome


class History(Shape):
    """The ledger of one session, first to last."""

    data: list[Entry]


class Change(Shape):
    """What was done to a plan or session."""

    id: str
    session_id: Id | None
    kind: str
    effective_at: Instant
    applied_at: Instant
    actor: str
    reason: str | None


class Changes(Page):
    """A page of changes, first to last; `nextCursor` is always there."""

    data: list[Change]


class Key(Shape):
    """What is kept of a key; the key itself in the answer that makes it."""

    id: Id
    role: Role
    name: str | None
    created_at: Instant
    last_used_at: Instant | None
    revoked_at: Instant | None
    key: str | None = None


class KeyPage(Page):
    """A page of keys."""

    data: list[Key]


class Interval(Shape):
    """From when until when, exclusive."""

    from_: Instant = Field(alias="from")
    to: Instant


class Busy(Interval):
    """When somebody is busy in a window; intervals that touch are one."""

    busy: list[Interval]


class RefusedEntry(Shape):
    """An entry of a calendar that was not imported."""

    title: str | None
    uid: str | None
    line: int | None
    reason: str


class ImportedCalendar(Shape):
    """What became of the entries of a calendar."""

    plans: int
    sessions_overridden: int
    unchanged: int
    refused: list[RefusedEntry]
