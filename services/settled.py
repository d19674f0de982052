"""Hold a session for writing: its row is made if the rule gives it and none is kept, locked, and settled.

Every write of a session begins here, so that writes and reads never disagree about its state. `now` is to be an
instant after the lock was granted: whoever runs a journey holds first, then reads the clock (`retry.write`).
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session as Tx

from db import bookings, segments, sessions
from db.models import Segment, Series, Session
from db.sessions import SessionKey
from services import counted, former, materialize, transition
from services.errors import Conflict


def one(tx: Tx, key: SessionKey, now: datetime) -> tuple[Session, Segment]:
    """The row of this session and its segment, locked and settled.

    Raises NotFound when the tenant has no such session; Conflict when its plan was removed and no row is kept.
    """
    rows = several(tx, [key], now)
    if rows:
        return rows[0]
    if removed_plans(tx, [key]):
        raise Conflict("the plan of this session is removed: restore the plan")
    raise former.refusal(tx, *key)


def several(tx: Tx, keys: Sequence[SessionKey], now: datetime) -> list[tuple[Session, Segment]]:
    """The rows of these sessions, in key order; keys that name nothing are left out, and what a removed plan gave."""
    held = hold(tx, keys)
    due = [key_of(one) for one, _ in held if one.next_due_at is not None and one.next_due_at <= now]
    if not due:
        return held
    transition.settle(tx, due, now)
    return hold(tx, keys)


def hold(tx: Tx, keys: Sequence[SessionKey]) -> list[tuple[Session, Segment]]:
    """The rows of these sessions, in key order, locked until the transaction ends; not settled yet.

    Those that the rules give and that have no row yet are written. Holding again waits for nobody.
    """
    held = sessions.lock(tx, keys)
    there = {key_of(row.Session) for row in held}
    missing = [key for key in keys if key not in there]
    if missing:
        touch(tx, missing)
        held = sessions.lock(tx, keys)
    return [(row.Session, row.Segment) for row in held]


def touch(tx: Tx, keys: Sequence[SessionKey]) -> None:
    """Write the rows of sessions that the rules give where none are kept yet; what they can't book they say in `clash`.

    The plans are held meanwhile, so that none is removed or materialized in between: series first, then segments, as
    whoever removes a plan does.
    """
    if not keys:
        return
    wanted = (Series.tenant_id == keys[0].tenant_id, Series.id.in_({key.series_id for key in keys}))
    tx.execute(select(Series.id).where(*wanted).order_by(Series.id).with_for_update(read=True)).all()
    segments_too = plans_of(keys).with_for_update(read=True, of=Segment)
    held = tx.execute(segments_too.execution_options(populate_existing=True)).all()
    new = []
    for plan in held:
        if plan.Series.removed_at is not None or plan.Segment.removed_at is not None:
            continue
        series = segments.series_of(plan.Segment)
        for key in (key for key in keys if key.series_id == plan.Series.id):
            given = counted.occurrence_at(plan.Segment, series, key.recurrence_id)
            if given is not None:
                tracked = given.starts_at >= plan.Series.tracked_from
                new.append(materialize.row_of(plan.Segment, given, tracked=tracked))
    materialize.note_clashes(tx, bookings.book(tx, sessions.insert(tx, new)))


def plans_of(keys: Sequence[SessionKey]) -> Select[Segment, Series]:
    """The segments and series of these sessions."""
    return (
        select(Segment, Series)
        .join(Series, (Series.tenant_id == Segment.tenant_id) & (Series.id == Segment.series_id))
        .where(Segment.tenant_id == keys[0].tenant_id, Segment.series_id.in_({key.series_id for key in keys}))
        .order_by(Segment.series_id)
    )


def removed_plans(tx: Tx, keys: Sequence[SessionKey]) -> bool:
    """Whether one of these sessions belongs to a plan, or a stretch of one, that was removed."""
    return any(
        row.Series.removed_at is not None
        or any(
            row.Segment.removed_at is not None and row.Segment.from_local <= key.recurrence_id
            for key in keys
            if key.series_id == row.Series.id
        )
        for row in tx.execute(plans_of(keys))
    )


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
