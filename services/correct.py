"""Put right afterwards what is told of a session: when it really started and ended, or that it did take place.

The ledger keeps what it said and gets one row more; the completion record is computed again. What is not given stays;
of a missed session that did take place it is as planned. A correction that changes nothing leaves nothing behind.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as Tx

from db.models import Session
from db.sessions import SessionKey
from lifecycle import Event, State, Step
from services import by_hand, settled
from services.errors import InvalidField


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """The actual start and end, instants; None: as it was told, or as planned."""

    started_at: datetime | None = None
    ended_at: datetime | None = None


def correct(tx: Tx, key: SessionKey, correction: Correction, actor: str, now: datetime) -> None:
    """Correct a session that is over. Raises NotFound; IllegalTransition; Conflict when it is removed; InvalidField."""
    session = by_hand.held(tx, key, now)
    started_at = correction.started_at or session.started_at or session.starts_at
    ended_at = correction.ended_at or session.ended_at or session.ends_at
    before = (session.state, session.started_at, session.ended_at)
    if before == (State.COMPLETED, started_at, ended_at):
        return
    close = Step.CLOSE if session.state == State.MISSED else Step.MEASURE
    by_hand.happen(tx, session, Event.CORRECT, actor, now)
    check(session, started_at, ended_at, now)
    session.started_at, session.ended_at = started_at, ended_at
    session.next_step, session.next_due_at = close, now
    session.version += 1
    tx.flush()
    settled.one(tx, key, now)


def check(session: Session, started_at: datetime, ended_at: datetime, now: datetime) -> None:
    """Refuse times that cannot have been. Raises InvalidField."""
    for field, instant in (("started_at", started_at), ("ended_at", ended_at)):
        if instant > now:
            raise InvalidField(field, f"got {instant:%Y-%m-%dT%H:%M:%SZ}, expected an instant that has passed")
    if ended_at <= started_at:
        field = "ended_at" if ended_at != session.ended_at else "started_at"
        times = f"a start at {started_at:%Y-%m-%dT%H:%M:%SZ} and an end at {ended_at:%Y-%m-%dT%H:%M:%SZ}"
        raise InvalidField(field, f"got {times}, expected the end after the start")
