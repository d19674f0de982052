"""Remove plans and sessions softly, or delete them for good.

Removing a plan takes every session of it that is not over; what is over is history and stays. A session that is
running is cancelled first. What they had booked is free at once, and nothing of them starts. Removing again
changes nothing, and the first time is kept. `restore.py` brings back what that removal took.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session as Tx

from db import bookings, carry, places, segments, sessions
from db.models import PlanType, Segment, Series, Session
from db.sessions import SessionKey
from lifecycle import State
from services import by_hand, former, history, identity, settled, waitlist
from services.errors import NotFound, ServiceError

OPEN = (State.SCHEDULED, State.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Target:
    """A plan, or with a recurrence id one session of it."""

    series_id: UUID
    recurrence_id: datetime | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """What became of one target: when it was removed, or why it was not."""

    target: Target
    removed_at: datetime | None
    error: ServiceError | None = None


def remove(tx: Tx, tenant_id: UUID, targets: Sequence[Target], actor: str, now: datetime) -> list[Removal]:
    """Remove these, all in one transaction; answers for each, in the order given."""
    plans = hold(tx, tenant_id, targets, now)
    whole, keys = parted(tenant_id, targets, plans)
    stop_materializing(tx, tenant_id, whole)
    held = {settled.key_of(session): session for session, _ in settled.several(tx, keys, now)}
    ahead = [session for session, _ in settled.several(tx, keys_ahead(tx, tenant_id, whole, now), now)]
    take(tx, [*held.values(), *(one for one in ahead if one.state in OPEN or one.starts_at > now)], actor, now)
    for series_id in whole:
        close_plan(plans[series_id], now)
    tx.flush()
    removals = []
    for target in targets:
        if target.series_id in whole:
            removals.append(Removal(target, plans[target.series_id].removed_at))
        elif target.recurrence_id and (key := SessionKey(tenant_id, target.series_id, target.recurrence_id)) in held:
            removals.append(Removal(target, held[key].removed_at or now))
        elif target.series_id in plans and plans[target.series_id].removed_at is not None:
            removals.append(Removal(target, plans[target.series_id].removed_at))
        elif target.series_id in plans and target.recurrence_id is not None:
            gone = former.refusal(tx, tenant_id, target.series_id, target.recurrence_id)
            removals.append(Removal(target, None, gone))
        else:
            gone = NotFound("session", identity.format_id(target.series_id, target.recurrence_id))
            removals.append(Removal(target, None, gone))
    return removals


def hold(tx: Tx, tenant_id: UUID, targets: Sequence[Target], now: datetime) -> dict[UUID, Series]:
    """The plans of these targets; they, their segments and sessions are locked, in this order.

    A plan's sessions are those that are not over at `now` or lie ahead: the others are history.
    """
    plans = locked_plans(tx, tenant_id, targets)
    whole, keys = parted(tenant_id, targets, plans)
    segments.lock(tx, tenant_id, whole)
    settled.hold(tx, [*keys, *keys_ahead(tx, tenant_id, whole, now)])
    return plans


def parted(tenant_id: UUID, targets: Sequence[Target], plans: dict[UUID, Series]) -> tuple[set[UUID], list[SessionKey]]:
    """Those of these targets that are there: the whole plans, and the single sessions of others."""
    there = [target for target in targets if target.series_id in plans]
    whole = {target.series_id for target in there if is_whole(target, plans)}
    return whole, [
        SessionKey(tenant_id, target.series_id, target.recurrence_id)
        for target in there
        if target.series_id not in whole and target.recurrence_id is not None
    ]


def locked_plans(tx: Tx, tenant_id: UUID, targets: Sequence[Target]) -> dict[UUID, Series]:
    """The series of these targets, locked in the order of their ids."""
    ids = {target.series_id for target in targets}
    statement = select(Series).where(Series.tenant_id == tenant_id, Series.id.in_(ids)).order_by(Series.id)
    return {series.id: series for series in tx.scalars(statement.with_for_update())}


def is_whole(target: Target, plans: dict[UUID, Series]) -> bool:
    """Whether a target is a whole plan; the session of a one-time plan is."""
    return target.recurrence_id is None or plans[target.series_id].type == PlanType.ONE_TIME


def keys_ahead(tx: Tx, tenant_id: UUID, series_ids: set[UUID], now: datetime) -> list[SessionKey]:
    """The sessions of these plans that are not over, or lie ahead (cancelled and removed ones too)."""
    statement = select(Session.tenant_id, Session.series_id, Session.recurrence_id).where(
        Session.tenant_id == tenant_id,
        Session.series_id.in_(series_ids),
        or_(Session.state.in_(OPEN), Session.starts_at > now),
    )
    return [SessionKey(*row) for row in tx.execute(statement)] if series_ids else []


def take(tx: Tx, held: Sequence[Session], actor: str, now: datetime) -> None:
    """Remove sessions that the caller holds; those removed before are left as they are."""
    fresh = [session for session in held if session.removed_at is None]
    by_hand.call_off(tx, [session for session in fresh if session.state == State.IN_PROGRESS], actor, now)
    tx.flush()
    keys = [settled.key_of(session) for session in fresh]
    if keys:
        going = update(Session).where(sessions.among(keys)).execution_options(synchronize_session=False)
        tx.execute(
            going.values(removed_at=now, set_aside=None, next_step=None, next_due_at=None, version=Session.version + 1)
        )
    bookings.release(tx, keys)
    for tenant_id, series_id in dict.fromkeys(key[:2] for key in keys):
        places.look_at(tx, tenant_id, series_id, now)


def close_plan(series: Series, now: datetime) -> None:
    """Mark a plan as removed; the first time is kept."""
    if series.removed_at is None:
        series.removed_at = series.updated_at = now
        series.version += 1


def stop_materializing(tx: Tx, tenant_id: UUID, series_ids: set[UUID]) -> None:
    """Let the plans give no more sessions; whether they could, nobody has to look at any more."""
    if series_ids:
        of_them = (Segment.tenant_id == tenant_id, Segment.series_id.in_(series_ids))
        tx.execute(update(Segment).where(*of_them).values(next_materialize_at=None, set_aside=None))


def delete_for_good(tx: Tx, tenant_id: UUID, target: Target, now: datetime, force: bool = False) -> None:
    """Delete a plan or a session; one session of a series leaves an EXDATE, so that nothing brings it back.

    Raises NotFound; Conflict when it has history (it started, somebody was marked) and `force` is not set.
    """
    waitlist.hold(tx, target.series_id)
    plans = hold(tx, tenant_id, [target], now)
    if target.series_id not in plans:
        raise NotFound("session", identity.format_id(target.series_id, target.recurrence_id))
    if is_whole(target, plans):
        stop_materializing(tx, tenant_id, {target.series_id})
        settled.several(tx, keys_ahead(tx, tenant_id, {target.series_id}, now), now)
        history.refuse(tx, tenant_id, target.series_id, target.recurrence_id, force=force)
        tx.execute(delete(Series).where(Series.tenant_id == tenant_id, Series.id == target.series_id))
        return
    assert target.recurrence_id is not None
    key = SessionKey(tenant_id, target.series_id, target.recurrence_id)
    _, segment = settled.one(tx, key, now)
    history.refuse(tx, tenant_id, target.series_id, target.recurrence_id, force=force)
    of_segment = {"tenant_id": tenant_id, "series_id": target.series_id, "from_local": segment.from_local}
    segments.exclude(tx, of_segment, [target.recurrence_id])
    carry.lift(tx, tenant_id, target.series_id, {}, [target.recurrence_id])
    tx.execute(delete(Session).where(*settled.is_session(key)))
    series = plans[target.series_id]
    series.version, series.updated_at = series.version + 1, now
    waitlist.promote(tx, tenant_id, target.series_id, waitlist.DELETED, now)
