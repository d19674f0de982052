"""Start, end or cancel a session by hand; the ledger says who."""

from datetime import datetime

from sqlalchemy.orm import Session as Tx

from db import bookings, ledger
from db.models import Session
from db.sessions import SessionKey
from lifecycle import Event, State, Step, next_state
from services import settled
from services.errors import Conflict


def start(tx: Tx, key: SessionKey, actor: str, now: datetime) -> None:
    """Start it now, earlier or later than planned. Raises NotFound; IllegalTransition; Conflict when it is removed."""
    session = held(tx, key, now)
    happen(tx, session, Event.START, actor, now)
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
    session.version += 1
    tx.flush()


def call_off(tx: Tx, sessions: list[Session], actor: str, now: datetime) -> None:
    """Cancel sessions that the caller holds, in one statement. Raises IllegalTransition."""
    for session in sessions:
        next_state(State(session.state), Event.CANCEL)
    keys = [settled.key_of(session) for session in sessions]
    ledger.call_off(tx, keys, actor, now)
    bookings.release(tx, keys)


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


def happen(tx: Tx, session: Session, event: Event, actor: str, now: datetime) -> None:
    """Move a session by an event and write it down. Raises IllegalTransition."""
    session.state, session.seq = next_state(State(session.state), event), session.seq + 1
    ledger.enter(tx, [ledger.Entry(settled.key_of(session), session.seq, event, now, actor)], applied_at=now)
