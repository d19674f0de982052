"""People come and go: check-in and check-out, several times if need be.

* Check-in opens half an hour before the planned start, or when the session was started before that.
* The first check-in says how a person came: LATE later than `lateAfter` after the planned start, else PRESENT. It
  replaces whatever was said but that they came: who had been excused and comes is there, but before the start only
  where the place is still free (`services.come_back`). Who is not enrolled and comes is marked too.
* The first check-in of anybody starts a session whose `autoStart` is FIRST_CHECK_IN, at the instant of the check-in.
* The same mark twice is one mark: a doubled message that tells its instant (`at`) is answered as the first was. What
  contradicts what is known (a check-in of somebody who is there, a check-out of somebody who is not) is a conflict.
* Messages may be late. A check-in that is told after the session's end counts if it lay before it; a check-out is taken
  whenever the person has not checked out. The completion record is computed again then.

An interval without check-out lasts until the session's end.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from db import engine as database
from db import ledger, places, presence
from db.models import AutoStart, Mark, Session
from db.presence import Held, Known
from db.sessions import SessionKey
from lifecycle import Event, State, Step
from services import by_hand, come_back, settled, waitlist
from services.errors import Conflict, InvalidField

OPENS = timedelta(minutes=30)
"""How long before the planned start check-in opens."""


class Message(NamedTuple):
    """What a turnstile says: who, and when (None: now)."""

    user_id: UUID
    at: datetime | None


def check_in(tx: Tx, key: SessionKey, message: Message, actor: str) -> Known:
    """A person comes; answers what is known of them then.

    Raises NotFound for an unknown session; InvalidField for an unknown person or an instant to come; Conflict.
    """
    held = hold(tx, key, message)
    at = message.at or held.now
    may_come(held, at)
    if held.now < held.starts_at:
        come_back.check(tx, key, message.user_id, held.now, may_clash=True)
    if held.state == State.SCHEDULED and held.auto_start == AutoStart.FIRST_CHECK_IN:
        begin(tx, key, at, actor, held.now)
    if presence.come(tx, key, message.user_id, at, mark_of(at, held.starts_at, held.late_after), actor, held.now):
        again(tx, key, held)
        return known(tx, key, message, held)
    since = next(one for one in presence.stays(tx, key, message.user_id) if is_in(one, at))
    if since.checked_in_at != at:
        raise Conflict(f"got a second check-in: the person is there since {shown(since.checked_in_at)}")
    return known(tx, key, message, held)


def check_out(tx: Tx, key: SessionKey, message: Message, _: str) -> Known:
    """A person goes; answers likewise. Raises as `check_in` does."""
    held = hold(tx, key, message)
    at = message.at or held.now
    if presence.leave(tx, key, message.user_id, at):
        again(tx, key, held)
        return known(tx, key, message, held)
    stays = presence.stays(tx, key, message.user_id)
    if any(one.checked_out_at == max(at, one.checked_in_at) for one in stays if one.checked_out_at is not None):
        return known(tx, key, message, held)
    last = max((one.checked_out_at for one in stays if one.checked_out_at is not None), default=None)
    said = "has not checked in" if last is None else f"checked out at {shown(last)}"
    raise Conflict(f"got a check-out of somebody who is not there at {shown(at)}: the person {said}")


def known(tx: Tx, key: SessionKey, message: Message, held: Held) -> Known:
    """What is known of the person of a message, who has been there."""
    found = presence.known(tx, key, message.user_id, held.ended_at)
    assert found is not None, "whoever checked in is marked"
    return found


def hold(tx: Tx, key: SessionKey, message: Message) -> Held:
    """The session, locked, settled, and `now` after that. Raises NotFound, InvalidField, Conflict.

    Who is excused may want back a place that is somebody else's by now, so waits for the plan's turn before.
    """
    held = presence.hold(tx, key, message.user_id)
    if held is None:
        waitlist.hold(tx, key.series_id)
    if held is None or (held.next_due_at is not None and held.next_due_at <= held.now):
        settled.one(tx, key, database.clock(tx))
        held = presence.hold(tx, key, message.user_id, all_the_same=True)
    assert held is not None, "whoever has no row is refused"
    if not held.is_known:
        raise InvalidField("user_id", f"got {message.user_id}, expected the id of one of the tenant's users")
    if message.at is not None and message.at > held.now:
        raise InvalidField("at", f"got {shown(message.at)}, expected an instant that has passed")
    if held.removed_at is not None:
        raise Conflict("the session is removed")
    if not held.tracked:
        raise Conflict("the session took place before its plan was tracked")
    return held


def may_come(held: Held, at: datetime) -> None:
    """Refuse a check-in that comes too early, too late or to what does not take place. Raises Conflict."""
    if held.state == State.MISSED:
        raise Conflict("cannot check in at a session that is MISSED: if it did take place, correct it first")
    if held.state == State.CANCELLED:
        raise Conflict("cannot check in at a session that is CANCELLED")
    opens = opens_at(held.starts_at, held.started_at)
    if at < opens:
        raise Conflict(f"got a check-in at {shown(at)}: check-in opens at {shown(opens)}")
    if held.state == State.COMPLETED and held.ended_at is not None and at >= held.ended_at:
        raise Conflict(f"got a check-in at {shown(at)}: the session ended at {shown(held.ended_at)}")


def opens_at(starts_at: datetime, started_at: datetime | None) -> datetime:
    """When check-in opens: `OPENS` before the planned start, or when it was started before that."""
    return min(starts_at - OPENS, started_at or starts_at)


def mark_of(at: datetime, starts_at: datetime, late_after: timedelta) -> Mark:
    """How somebody came who came at an instant."""
    return Mark.LATE if at > starts_at + late_after else Mark.PRESENT


def begin(tx: Tx, key: SessionKey, at: datetime, actor: str, now: datetime) -> None:
    """Start a session, which the caller holds, at a check-in; not before what happened to it last."""
    session, _ = settled.one(tx, key, now)
    begin_held(tx, session, at, actor, now)


def begin_held(tx: Tx, session: Session, at: datetime, actor: str, now: datetime) -> None:
    """Likewise, one whose row was read."""
    before = ledger.of_session(tx, settled.key_of(session)) if session.seq else []
    at = max([at, *(one.effective_at for one in before)])
    by_hand.happen(tx, session, Event.START, actor, now, effective_at=at)
    places.look_at(tx, session.tenant_id, session.series_id, now)
    session.started_at = at
    session.next_step, session.next_due_at = Step.END, session.end_due_at
    tx.flush()


def again(tx: Tx, key: SessionKey, held: Held) -> None:
    """Let the session be measured again, if it was."""
    if held.state == State.COMPLETED:
        presence.measure_again(tx, key, held.now)


def is_in(stay: presence.Stay, at: datetime) -> bool:
    """Whether somebody is there at an instant, or came just then."""
    inside = stay.checked_in_at <= at and (stay.checked_out_at is None or at < stay.checked_out_at)
    return inside or stay.checked_in_at == at


def shown(instant: datetime) -> str:
    """An instant as it stands in a sentence."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"
