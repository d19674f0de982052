"""Sessions that are stored: reading them as views, in order, from a position.

A page is the call that is made most, so its statement is written once for each kind of question (which filters are
given, in which order) and kept as text; the rows become views as they come.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import Session as Tx

from db import effective, statements
from db.models import PlanType, Segment, Series, Session
from db.sessions import SessionKey
from db.statements import asked, keep
from db.types import Instant
from lifecycle import State
from services import filters as wanted
from services import outside
from services.filters import Filters, Page, Position
from services.views import SessionView

LONGEST = timedelta(days=366)
"""The longest session that can be planned; one that overlaps a window began no earlier than this before it."""

BEGINNING = datetime.min.replace(tzinfo=UTC)
ORDER = (Session.starts_at, Session.series_id, Session.recurrence_id)
KINDS_OF_QUESTION = 512  # statements that are kept
NOW = asked("now", Instant)

COLUMNS: Mapping[str, Any] = MappingProxyType(
    {
        "one_time": Series.type == PlanType.ONE_TIME,
        "type": Series.type,
        "title": func.coalesce(Session.title, Segment.title),
        "description": func.coalesce(Session.description, Segment.description),
        "time_zone": Segment.time_zone,
        "state": effective.state(NOW),
        "started_at": effective.started_at(NOW),
        "ended_at": effective.ended_at(NOW),
        "materialized": literal(True),
        "space_id": func.coalesce(Session.space_id, Segment.space_id),
        "instructor_id": func.coalesce(Session.instructor_id, Segment.instructor_id),
        "capacity": func.coalesce(Session.capacity, Segment.capacity),
        "version": Session.version + Segment.version - 1,
        **{name: getattr(Segment, name) for name in ("routine_id", "program_id", "timeline_id", "subject_id")},
    }
)
"""The fields of a view that are not a session's own: its edits come first, then what its segment says."""


class Kept(NamedTuple):
    """The stored sessions of one page and one more, and whether plans may give others where nothing is stored."""

    views: list[SessionView]
    not_all: bool


def page(tx: Tx, tenant_id: UUID, filters: Filters, page: Page, now: datetime) -> Kept:
    """What is stored of a page, in the page's order; states are plain words. An empty page may not be all."""
    values = given(filters)
    statement = of_page(frozenset(values), filters.include_removed, page.descending, page.after is not None)
    values |= {"tenant_id": tenant_id, "now": now, "most": page.limit + 1, "until": outside.until(filters, now)}
    values["earliest"] = before(filters.from_, LONGEST)
    if page.after is not None:
        begin_there(values, page.after, page.descending)
        values |= {f"after_{name}": value for name, value in page.after._asdict().items()}
    found = statements.fetch(tx, statement, values)
    return Kept([SessionView._make(row[:-1]) for row in found], not found or found[0][-1])


def begin_there(values: dict[str, Any], after: Position, descending: bool) -> None:
    """Narrow the window to what lies behind a position: of two bounds on a start, the database begins at the plain one.

    It would pass over a million sessions to come to the last page.
    """
    if descending:
        values["to"] = min(values["to"], after.starts_at + timedelta.resolution)
    else:
        values["earliest"] = max(values["earliest"], after.starts_at - timedelta.resolution)


def given(filters: Filters) -> dict[str, Any]:
    """The filters that are given, by name."""
    values = {field.name: getattr(filters, field.name) for field in fields(filters)}
    return {name: value for name, value in values.items() if name != "include_removed" and value is not None}


def as_asked(names: frozenset[str], include_removed: bool) -> Filters:
    """Filters in which a parameter stands for each value that is given."""
    nothing: dict[str, Any] = dict.fromkeys(field.name for field in fields(Filters))
    named: dict[str, Any] = {name: asked(name) for name in names}
    return Filters(**{**nothing, **named, "include_removed": include_removed})


@lru_cache(KINDS_OF_QUESTION)
def of_page(names: frozenset[str], include_removed: bool, descending: bool, goes_on: bool) -> statements.Kept:
    """The statement of a page: with these filters, and perhaps a position to go on from."""
    filters = as_asked(names, include_removed)
    statement = rows().add_columns(outside.some(asked("tenant_id"), filters))
    statement = statement.where(*conditions(asked("tenant_id"), filters, asked("earliest")))
    if goes_on:
        here = tuple_(*ORDER)
        after = tuple_(*(asked(f"after_{name}", column.type)
                         for name, column in zip(Position._fields, ORDER, strict=True)))  # fmt: skip
        statement = statement.where(here < after if descending else here > after)
    order = [column.desc() for column in ORDER] if descending else list(ORDER)
    return keep(statement.order_by(*order).limit(asked("most")))


def count(tx: Tx, tenant_id: UUID, filters: Filters, now: datetime) -> int:
    """How many stored sessions there are."""
    statement = rows().where(*conditions(tenant_id, filters, before(filters.from_, LONGEST)))
    return tx.scalar(select(func.count()).select_from(statement.subquery()), {"now": now}) or 0


def of_keys(tx: Tx, keys: Sequence[SessionKey], now: datetime) -> list[SessionView]:
    """The stored sessions among these keys."""
    key = tuple_(Session.tenant_id, Session.series_id, Session.recurrence_id)
    found = map(SessionView._make, tx.execute(rows().where(key.in_(keys)), {"now": now}))
    return [view if view.state is None else view._replace(state=State(view.state)) for view in found]


def rows() -> Select[*tuple[Any, ...]]:
    """Every session with the fields of its view, its state effective at the parameter `now`."""
    return (
        select(*(COLUMNS.get(name, getattr(Session, name, None)).label(name) for name in SessionView._fields))
        .join(
            Segment,
            (Segment.tenant_id == Session.tenant_id)
            & (Segment.series_id == Session.series_id)
            & (Segment.from_local == Session.segment_from),
        )
        .join(Series, (Series.tenant_id == Session.tenant_id) & (Series.id == Session.series_id))
    )


def conditions(tenant_id: Any, filters: Filters, earliest: Any) -> list[ColumnElement[bool]]:
    """What the stored sessions of a window meet; none of them starts before `earliest`."""
    met = [
        Session.tenant_id == tenant_id,
        Session.starts_at < filters.to,
        Session.starts_at > earliest,
        Session.ends_at > filters.from_,
        *wanted.of_plan(filters),
        *wanted.at_own_place(filters),
    ]
    if not filters.include_removed:
        met.append(Session.removed_at.is_(None))
    if filters.state is not None:
        met.append(effective.state(NOW) == filters.state)
    return met


def before(instant: datetime, length: timedelta) -> datetime:
    """The instant that lies `length` earlier, or the first there is."""
    return instant - length if instant - BEGINNING > length else BEGINNING


def version(session: Session, segment: Segment) -> int:
    """The version of people's edits that a client sees: those of the session, and of its plan there."""
    return session.version + segment.version - 1
