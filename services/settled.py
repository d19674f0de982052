"""Hold a session for writing: its row is made if the rule gives it and none is kept, locked, and settled.

Every write of a session begins here, so that writes and reads never disagree about its state.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session as Tx

import recurrence
from db import bookings, segments, sessions
from db.models import Segment, Series, Session
from db.sessions import SessionKey
from services import identity, materialize, transition
from services.errors import NotFound


def one(tx: Tx, key: SessionKey, now: datetime) -> tuple[Session, Segment]:
    """The row of this session and its segment, locked and settled.

    Raises NotFound when the tenant has no such session.
    """
    rows = several(tx, [key], now)
    if not rows:
        raise NotFound("session", identity.format_id(key.series_id, key.recurrence_id))
    return rows[0]


def several(tx: Tx, keys: Sequence[SessionKey], now: datetime) -> list[tuple[Session, Segment]]:
    """The rows of these sessions, in key order; keys that name nothing are left out."""
    locked = {key_of(row.Session) for row in sessions.lock(tx, keys)}
    touch(tx, [key for key in keys if key not in locked])
    sessions.lock(tx, keys)
    transition.settle(tx, keys, now)
    return [(row.Session, row.Segment) for row in sessions.lock(tx, keys)]


def touch(tx: Tx, keys: Sequence[SessionKey]) -> None:
    """Write the rows of sessions that the rules give where none are kept yet."""
    if not keys:
        return
    plans = tx.execute(
        select(Segment, Series)
        .join(Series, (Series.tenant_id == Segment.tenant_id) & (Series.id == Segment.series_id))
        .where(Segment.tenant_id == keys[0].tenant_id, Segment.series_id.in_({key.series_id for key in keys}))
    ).all()
    by_series = {row.Series.id: row for row in plans}
    new = []
    for key in keys:
        plan = by_series.get(key.series_id)
        given = plan and recurrence.occurrence_at(segments.series_of(plan.Segment), key.recurrence_id)
        if plan is not None and given is not None:
            new.append(materialize.row_of(plan.Segment, given, tracked=given.starts_at >= plan.Series.tracked_from))
    bookings.book(tx, sessions.insert(tx, new))


def key_of(session: Session) -> SessionKey:
    """The key of a row."""
    return SessionKey(session.tenant_id, session.series_id, session.recurrence_id)


def is_session(key: SessionKey) -> list[ColumnElement[bool]]:
    """The conditions that a session has this key."""
    return [
        Session.tenant_id == key.tenant_id,
        Session.series_id == key.series_id,
        Session.recurrence_id == key.recurrence_id,
    ]
