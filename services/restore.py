"""Take a soft removal back: a plan with the sessions that its removal took, or one session.

Its place may have been taken meanwhile, by what is stored or by the rule of another plan: then nothing is restored.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, case, not_, or_, select, update
from sqlalchemy.orm import Session as Tx

from config.settings import Settings
from db import bookings, editions, segments, sessions, takes
from db.models import AutoStart, Segment, Series, Session
from db.sessions import SessionKey
from lifecycle import State, Step
from services import clash, counted, identity, remove, settled, turn, waitlist
from services import takes as taking
from services.asked import Stretch
from services.clash import Met
from services.errors import Clash, Conflict, NotFound
from services.remove import Target


def hold(tx: Tx, tenant_id: UUID, target: Target, now: datetime) -> dict[UUID, Series]:
    """The plan of this target, by its id: what it takes, it and its sessions are locked, in this order."""
    turn.take(tx, takes.of_plans(tx, tenant_id, [target.series_id], now), [target.series_id])
    return remove.hold(tx, tenant_id, [target], now)


def restore(tx: Tx, tenant_id: UUID, target: Target, now: datetime, settings: Settings) -> None:
    """Take a removal back. What has begun by plan meanwhile is missed at its end unless somebody starts it.

    Raises NotFound; Clash when its place was taken meanwhile; Conflict for a session of a removed plan.
    """
    plans = hold(tx, tenant_id, target, now)
    if target.series_id not in plans:
        raise NotFound("session", identity.format_id(target.series_id, target.recurrence_id))
    series = plans[target.series_id]
    if remove.is_whole(target, plans):
        restore_plan(tx, series, now, settings)
        return
    if series.removed_at is not None:
        raise Conflict("the plan of this session is removed: restore the plan")
    assert target.recurrence_id is not None
    session, segment = settled.one(tx, SessionKey(tenant_id, target.series_id, target.recurrence_id), now)
    if session.removed_at is not None:
        refuse(clash.one_session(tx, session, segment).met)
        bring_back(tx, [settled.key_of(session)], now)
        waitlist.promote(tx, tenant_id, target.series_id, waitlist.BACK, now)


def restore_plan(tx: Tx, series: Series, now: datetime, settings: Settings) -> None:
    """Restore a plan with the sessions that its removal took, and let it give sessions again."""
    if series.removed_at is None:
        return
    statement = select(Session).where(
        Session.tenant_id == series.tenant_id,
        Session.series_id == series.id,
        or_(Session.removed_at == series.removed_at, Session.ends_at > now),
    )
    rows = list(tx.scalars(statement.execution_options(populate_existing=True)))
    for segment in segments.lock(tx, series.tenant_id, [series.id]):
        if segment.removed_at is not None:
            continue
        of_segment = [row for row in rows if row.segment_from == segment.from_local]
        refuse(in_the_way(tx, segment, of_segment, series.removed_at, series.tracked_from, now, settings))
    keys = [settled.key_of(row) for row in rows if row.removed_at == series.removed_at]
    series.removed_at, series.updated_at, series.version = None, now, series.version + 1
    of_plan = (
        Segment.tenant_id == series.tenant_id,
        Segment.series_id == series.id,
        Segment.removed_at.is_(None),
    )
    tx.execute(update(Segment).where(*of_plan).values(next_materialize_at=now))
    tx.flush()
    bring_back(tx, keys, now)
    waitlist.promote(tx, series.tenant_id, series.id, waitlist.BACK, now)


def in_the_way(
    tx: Tx,
    segment: Segment,
    rows: Sequence[Session],
    removed_at: datetime | None,
    tracked_from: datetime,
    now: datetime,
    settings: Settings,
) -> list[Met]:
    """What is in the way of the sessions that a segment would have again: of its rule, but where a row says otherwise;
    and of the rows that were moved.
    """
    back = [row for row in rows if row.removed_at == removed_at and row.ends_at > now]
    moved = [row for row in back if row.moved_to_local or row.space_id or row.instructor_id]
    found = [met for row in moved for met in clash.one_session(tx, row, segment).met]
    given = {row.recurrence_id for row in back if row.state in clash.OPEN} - {row.recurrence_id for row in moved}
    rule, since = segments.series_of(segment), max(now, tracked_from)
    asked = Stretch(
        series=rule,
        resources=taking.of_segment(tx, segment),
        stays=taking.stays(tx, segment, now),
        since=since,
        without={row.recurrence_id for row in rows} - given,
        but=[segment.series_id],
        cursor=counted.carried_on(rule, None, since),
    )
    return found + clash.check(tx, segment.tenant_id, asked, now + timedelta(days=settings.horizon_days)).met


def refuse(met: Sequence[Met]) -> None:
    """Raise Clash when something is in the way."""
    if met:
        raise Clash(clash.Found(list(met), None).taken)


def bring_back(tx: Tx, keys: Sequence[SessionKey], now: datetime) -> None:
    """Undo the removal of these sessions of a plan, in one statement, and book again.

    Raises Clash when a space or instructor was taken meanwhile.
    """
    if not keys:
        return
    scheduled = and_(Session.state == State.SCHEDULED, Session.tracked)
    starts = and_(Segment.auto_start == AutoStart.SCHEDULED, Session.starts_at > now)
    of_segment = and_(
        Segment.tenant_id == Session.tenant_id,
        Segment.series_id == Session.series_id,
        Segment.from_local == Session.segment_from,
    )
    statement = (
        update(Session)
        .where(sessions.among(keys), of_segment)
        .values(
            removed_at=None,
            set_aside=None,
            version=Session.version + 1,
            next_step=case((and_(scheduled, starts), Step.START), (scheduled, Step.END)),
            next_due_at=case((and_(scheduled, starts), Session.starts_at), (scheduled, Session.ends_at)),
            misfire_grace=case((or_(not_(scheduled), starts), Session.misfire_grace)),
        )
    )
    tx.execute(statement.execution_options(synchronize_session=False))
    editions.doubt(tx, keys)
    lost = bookings.book(tx, keys)
    if lost:
        raise Clash(bookings.in_the_way(tx, lost))
