"""Sessions that an edit took away: where their ids lead now.

Each edit that gives a plan other local starts keeps what it gave before (`Former`). An id that one of these gave, and
that nothing has now, leads on to the session of the same place on the same local date; where there is none, it is gone.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session as Tx
from uuid_utils.compat import uuid7

import recurrence
from db import segments
from db.models import Former, Segment, Session
from recurrence import Series
from services import identity
from services.errors import Gone, Moved, NotFound
from services.successor import Days, at_place


def keep(tx: Tx, segment: Segment, series: Series, from_local: datetime, now: datetime) -> None:
    """Remember what a segment gave from a local time on."""
    columns = segments.columns_of(series)
    key = {"tenant_id": segment.tenant_id, "series_id": segment.series_id}
    tx.add(Former(**key, id=uuid7(), from_local=from_local, replaced_at=now, **columns))


def refusal(tx: Tx, tenant_id: UUID, series_id: UUID, recurrence_id: datetime) -> NotFound:
    """The refusal of a session that is not there, saying what became of it: Moved, Gone, or NotFound itself."""
    lost = identity.format_id(series_id, recurrence_id)
    given = next(givers(tx, tenant_id, series_id, recurrence_id), None)
    if given is None:
        return NotFound("session", lost)
    there = on_date(tx, tenant_id, series_id, recurrence_id)
    heir = at_place(recurrence_id, Days(given).on(recurrence_id.date()), there)
    if heir is None:
        return Gone("session", lost)
    return Moved(lost, identity.format_id(series_id, heir))


def givers(tx: Tx, tenant_id: UUID, series_id: UUID, recurrence_id: datetime) -> Iterator[Series]:
    """What gave this session before, the latest first."""
    statement = select(Former).where(
        Former.tenant_id == tenant_id, Former.series_id == series_id, Former.from_local <= recurrence_id
    )
    for former in tx.scalars(statement.order_by(Former.id.desc())):
        series = segments.series_of(former)
        if recurrence.occurrence_at(series, recurrence_id) is not None:
            yield series


def on_date(tx: Tx, tenant_id: UUID, series_id: UUID, wall: datetime) -> list[datetime]:
    """The recurrence ids that the plan has on a local date: its rows, and what its segments give."""
    midnight = datetime(wall.year, wall.month, wall.day)
    end = midnight + timedelta(hours=23, minutes=59, seconds=59)
    rows = select(Session.recurrence_id).where(
        Session.tenant_id == tenant_id,
        Session.series_id == series_id,
        Session.recurrence_id.between(midnight, end),
    )
    found = set(tx.scalars(rows))
    of_plan = (Segment.tenant_id == tenant_id, Segment.series_id == series_id)
    for segment in tx.scalars(select(Segment).where(*of_plan, Segment.from_local <= end)):
        series = segments.series_of(segment)
        found |= {one for one in Days(series).on(wall.date()) if recurrence.occurrence_at(series, one)}
    return sorted(found)
