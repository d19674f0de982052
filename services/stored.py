"""Sessions that are stored: reading them as views, in order, from a position."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_
from sqlalchemy.orm import Session as Tx

from db import effective
from db.models import PlanType, Segment, Series, Session
from db.sessions import SessionKey
from lifecycle import State
from services import filters as wanted
from services.filters import Filters, Page
from services.views import SessionView

LONGEST = timedelta(days=366)
"""The longest session that can be planned; one that overlaps a window began no earlier than this before it."""

BEGINNING = datetime.min.replace(tzinfo=UTC)

ORDER = (Session.starts_at, Session.series_id, Session.recurrence_id)


def page(tx: Tx, tenant_id: UUID, filters: Filters, page: Page, now: datetime) -> Iterator[SessionView]:
    """The stored sessions of one page and one more, in the page's order."""
    statement = rows(now).where(*conditions(tenant_id, filters, now))
    if page.after is not None:
        here = tuple_(*ORDER)
        statement = statement.where(here < page.after if page.descending else here > page.after)
    order = [column.desc() for column in ORDER] if page.descending else list(ORDER)
    return (view(row) for row in tx.execute(statement.order_by(*order).limit(page.limit + 1)).all())


def count(tx: Tx, tenant_id: UUID, filters: Filters, now: datetime) -> int:
    """How many stored sessions there are."""
    statement = rows(now).where(*conditions(tenant_id, filters, now))
    return tx.scalar(select(func.count()).select_from(statement.subquery())) or 0


def of_keys(tx: Tx, keys: Sequence[SessionKey], now: datetime) -> list[SessionView]:
    """The stored sessions among these keys."""
    key = tuple_(Session.tenant_id, Session.series_id, Session.recurrence_id)
    return [view(row) for row in tx.execute(rows(now).where(key.in_(keys)))]


def rows(now: datetime) -> Select[*tuple[Any, ...]]:
    """Every session beside its segment and series, with its effective state at `now`."""
    return (
        select(
            Session,
            Segment,
            Series,
            effective.state(now).label("state"),
            effective.started_at(now).label("started_at"),
            effective.ended_at(now).label("ended_at"),
        )
        .join(
            Segment,
            (Segment.tenant_id == Session.tenant_id)
            & (Segment.series_id == Session.series_id)
            & (Segment.from_local == Session.segment_from),
        )
        .join(Series, (Series.tenant_id == Session.tenant_id) & (Series.id == Session.series_id))
    )


def conditions(tenant_id: UUID, filters: Filters, now: datetime) -> list[ColumnElement[bool]]:
    """What the stored sessions of a window meet."""
    met = [
        Session.tenant_id == tenant_id,
        Session.starts_at < filters.to,
        Session.starts_at > before(filters.from_, LONGEST),
        Session.ends_at > filters.from_,
        *wanted.of_plan(filters),
        *wanted.at_own_place(filters),
    ]
    if not filters.include_removed:
        met.append(Session.removed_at.is_(None))
    if filters.state is not None:
        met.append(effective.state(now) == filters.state)
    return met


def before(instant: datetime, length: timedelta) -> datetime:
    """The instant that lies `length` earlier, or the first there is."""
    return instant - length if instant - BEGINNING > length else BEGINNING


def version(session: Session, segment: Segment) -> int:
    """The version of people's edits that a client sees: those of the session, and of its plan there."""
    return session.version + segment.version - 1


def view(row: Row[*tuple[Any, ...]]) -> SessionView:
    """What a client sees of a row: the session's own edits first, then what its segment says."""
    own: Session = row.Session
    segment: Segment = row.Segment
    return SessionView(
        series_id=own.series_id,
        recurrence_id=own.recurrence_id,
        one_time=row.Series.type == PlanType.ONE_TIME,
        type=row.Series.type,
        title=segment.title if own.title is None else own.title,
        description=segment.description if own.description is None else own.description,
        starts_at=own.starts_at,
        ends_at=own.ends_at,
        time_zone=segment.time_zone,
        state=None if row.state is None else State(row.state),
        started_at=row.started_at,
        ended_at=row.ended_at,
        removed_at=own.removed_at,
        tracked=own.tracked,
        materialized=True,
        progress=own.progress,
        routine_id=segment.routine_id,
        program_id=segment.program_id,
        timeline_id=segment.timeline_id,
        space_id=own.space_id or segment.space_id,
        subject_id=segment.subject_id,
        instructor_id=own.instructor_id or segment.instructor_id,
        clash=own.clash,
        set_aside=own.set_aside,
        version=version(own, segment),
    )
