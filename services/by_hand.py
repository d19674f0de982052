"""Start, end, cancel or reinstate a session by hand; the ledger says who.

A reinstated session goes on from where it was, and what should have happened meanwhile happens, with its planned
instants: it never starts a second time.
"""

from datetime import datetime

from sqlalchemy.orm import Session as Tx

from db import bookings, editions, ledger, places, takes
from db.models import Segment, Session
from db.sessions import SessionKey
from lifecycle import Event, State, Step, next_state
from services import clash, materialize, settled, turn, waitlist
from services.errors import Clash, Conflict


def start(tx: Tx, key: SessionKey, actor: str, now: datetime) -> None:
    """Start it now, earlier or later than planned.

    Raises NotFound; IllegalTransition; Conflict when it is removed or should be over.
    """
    session = held(tx, key, now)
    happen(tx, session, Event.START, actor, now)
    places.look_at(tx, key.tenant_id, key.series_id, now)
    session.started_at = now
    session.next_step, session.next_due_at = Step.END, session.end_due_at
    tx.flush()


def end(tx: Tx, key: SessionKey, actor: str, now: datetime) -> None:
    """End it now; attendance is closed and measured next. Raises as `start` does."""
    finish(tx, held(tx, key, now), actor, now)


def finish(tx: Tx, session: Session, actor: str, now: datetime) -> None:
    """End a session that the caller holds. Raises IllegalTransition."""
    happen(tx, session, Event.END, actor, now)
    session.ended_at = now
    session.next_step, session.next_due_at = Step.CLOSE, now
    tx.flush()


def cancel(tx: Tx, key: SessionKey, actor: str, now: datetime) -> None:
    """Call it off, before or during it; what it had booked is free. Raises as `start` does."""
    session = held(tx, key, now)
    call_off(tx, [session], actor, now)
    places.look_at(tx, key.tenant_id, key.series_id, now)
    session.version += 1
    tx.flush()


def call_off(tx: Tx, sessions: list[Session], actor: str, now: datetime) -> None:
    """Cancel sessions that the caller holds, in one statement. Raises IllegalTransition."""
    for session in sessions:
        next_state(State(session.state), Event.CANCEL)
    keys = [settled.key_of(session) for session in sessions]
    ledger.call_off(tx, keys, actor, now)
    bookings.release(tx, keys)


def hold_places(tx: Tx, key: SessionKey, now: datetime) -> None:
    """Wait for the turn to take what a session takes: to be called before it is held."""
    turn.take(tx, takes.of_plans(tx, key.tenant_id, [key.series_id], now), [key.series_id])


def reinstate(tx: Tx, key: SessionKey, actor: str, now: datetime) -> None:
    """Take a cancellation back. Raises as `start` does; Clash when its place was taken meanwhile."""
    session = held(tx, key, now)
    _, segment = settled.one(tx, key, now)
    happen(tx, session, Event.REINSTATE, actor, now)
    session.ended_at, session.clash = None, None
    session.next_step, session.next_due_at = next_step(session, segment)
    session.misfire_grace = segment.misfire_grace
    session.version += 1
    tx.flush()
    editions.doubt(tx, [key])
    found = clash.one_session(tx, session, segment)
    if found.met:
        raise Clash(found.taken)
    lost = bookings.book(tx, [key])
    if lost:
        raise Clash(bookings.in_the_way(tx, lost))
    settled.one(tx, key, now)
    waitlist.promote(tx, key.tenant_id, key.series_id, waitlist.BACK, now)


def next_step(session: Session, segment: Segment) -> tuple[Step, datetime]:
    """What comes next for a session that is scheduled or in progress, and when it is due."""
    if session.state == State.IN_PROGRESS:
        return Step.END, session.end_due_at
    return materialize.first_step(segment.auto_start, session.starts_at, session.ends_at)


def held(tx: Tx, key: SessionKey, now: datetime) -> Session:
    """The session, locked and settled.

    Raises NotFound; Conflict when it is removed or was never tracked.
    """
    session, _ = settled.one(tx, key, now)
    if session.removed_at is not None:
        raise Conflict("the session is removed")
    if not session.tracked:
        raise Conflict("the session took place before its plan was tracked")
    return session


def happen(
    tx: Tx, session: Session, event: Event, actor: str, now: datetime, effective_at: datetime | None = None
) -> None:
    """Move a session by an event and write it down; `effective_at`: when it happened, if not now.

    Raises IllegalTransition; Conflict for a start when the session should be over. What was set aside may still be
    SCHEDULED then, where any other would have been missed.
    """
    started = session.started_at is not None
    state = next_state(State(session.state), event, started=started)
    if event is Event.START and now >= session.end_due_at:
        raise Conflict(f"cannot start a session that was to end at {session.end_due_at:%Y-%m-%dT%H:%M:%SZ}")
    session.state, session.seq = state, session.seq + 1
    session.set_aside = None
    entry = ledger.Entry(settled.key_of(session), session.seq, event, effective_at or now, actor)
    ledger.enter(tx, [entry], applied_at=now)
