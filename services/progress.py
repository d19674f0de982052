"""How much of its routine a session has done, and each person at it.

A routine has activities, in order. What is told is the whole list of those that are done by now, so telling it twice
changes nothing, and what was told by mistake is taken back by telling it without. It is told while the session is in
progress; afterwards only as a correction. Of a person with activities done it follows that they came, unless somebody
said otherwise.

The session's `progress` is what was told of the session itself. What is known of persons alone counts in its completion
record (`db.measure`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session as Tx

from db import presence
from db.models import Attendance, Mark, Routine, Segment, Session
from db.sessions import SessionKey
from lifecycle import State
from services import attend, by_hand, references, settled
from services.errors import Conflict, InvalidField


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is done; of one person, or of the session. A correction may be told after the end."""

    done: tuple[str, ...]
    user_id: UUID | None = None
    is_correction: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The activities of a routine and which of them are done (None: nobody has said), of a session or a person."""

    activities: tuple[str, ...]
    done: tuple[str, ...] | None
    user_id: UUID | None = None

    @property
    def part(self) -> float | None:
        """How much that is, 0 to 1."""
        return None if self.done is None else fraction(self.done, self.activities)


def tell(tx: Tx, key: SessionKey, told: Told, actor: str, now: datetime) -> Progress:
    """Say what is done. Raises NotFound; InvalidField for an unknown activity or person; Conflict."""
    if told.user_id is not None:
        references.check(tx, key.tenant_id, {"participants": (told.user_id,)})
    session = by_hand.held(tx, key, now)
    may_tell(session, told)
    _, segment = settled.one(tx, key, now)
    activities = activities_of(tx, segment)
    done = in_order(told.done, activities)
    if told.user_id is None:
        session.done, session.progress = list(done), fraction(done, activities)
        tx.flush()
    else:
        of_person(tx, key, told.user_id, done, actor, now)
    if session.state == State.COMPLETED:
        presence.measure_again(tx, key, now)
    return Progress(activities=activities, done=done, user_id=told.user_id)


def may_tell(session: Session, told: Told) -> None:
    """Refuse what is told before the start, and after the end unless it is a correction. Raises Conflict."""
    if session.state == State.IN_PROGRESS:
        return
    if session.state != State.COMPLETED:
        raise Conflict(f"cannot tell the progress of a session that is {session.state}")
    if not told.is_correction:
        raise Conflict("the session has ended: its progress is told as a correction now, with `correction`: true")


def of_session(tx: Tx, key: SessionKey) -> Progress:
    """What is known of a session; nothing, of one that nobody has written to."""
    row = tx.scalars(select(Session).where(*settled.is_session(key))).one_or_none()
    known = Segment.from_local <= key.recurrence_id if row is None else Segment.from_local == row.segment_from
    of_plan = select(Segment).where(Segment.tenant_id == key.tenant_id, Segment.series_id == key.series_id, known)
    segment = tx.scalars(of_plan.order_by(Segment.from_local.desc()).limit(1)).one()
    done = None if row is None or row.done is None else tuple(row.done)
    return Progress(activities=activities_of(tx, segment), done=done)


def of_person(tx: Tx, key: SessionKey, user_id: UUID, done: Sequence[str], actor: str, now: datetime) -> None:
    """Write down what a person has done; whoever did something came, unless a mark of people says something else."""
    if not done:
        own = [getattr(Attendance, name) == value for name, value in key._asdict().items()]
        tx.execute(update(Attendance).where(*own, Attendance.user_id == user_id).values(done=[]))
        return
    came = {"mark": Mark.PRESENT, "marked_at": now, "marked_by": actor}
    statement = insert(Attendance).values(**key._asdict(), user_id=user_id, done=list(done), **came)
    unsaid = or_(Attendance.mark == Mark.EXPECTED, Attendance.marked_by == attend.SYSTEM)
    new = {name: case((unsaid, statement.excluded[name]), else_=getattr(Attendance, name)) for name in came}
    statement = statement.on_conflict_do_update(
        index_elements=["tenant_id", "series_id", "recurrence_id", "user_id"],
        set_={"done": statement.excluded.done, **new},
    )
    tx.execute(statement)


def activities_of(tx: Tx, segment: Segment) -> tuple[str, ...]:
    """The activities of the routine that a segment delivers. Raises Conflict when there are none."""
    wanted = (Routine.tenant_id == segment.tenant_id, Routine.id == segment.routine_id)
    found = tx.scalar(select(Routine.activities).where(*wanted)) or ()
    if not found:
        raise Conflict("this session delivers no routine with activities: there is no progress to tell")
    return tuple(found)


def in_order(done: Sequence[str], activities: Sequence[str]) -> tuple[str, ...]:
    """What is done, in the routine's order, each once. Raises InvalidField for what the routine does not have."""
    for name in done:
        if name not in activities:
            raise InvalidField("done", f"got {name!r}, expected activities of the routine: {', '.join(activities)}")
    return tuple(name for name in activities if name in done)


def fraction(done: Sequence[str], activities: Sequence[str]) -> float:
    """Which part of the activities is done, 0 to 1; what the routine does not have any more counts for nothing."""
    return sum(name in done for name in activities) / len(activities)
