"""Who came to a session.

Attendance is written while a session is in progress, and by staff after it has ended; then its completion record
is computed again. An excuse may come before the session. A person who is not enrolled and came all the same is
marked too.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session as Tx

from db import effective
from db.models import Attendance, Enrolment, Mark, Session
from db.sessions import SessionKey
from lifecycle import State, Step
from services import references, settled
from services.errors import Conflict

SYSTEM = "system"  # who marks those that did not come


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceView:
    """What is known of one person at one session; nobody has marked who is only expected."""

    user_id: UUID
    mark: Mark
    marked_at: datetime | None = None
    marked_by: str | None = None


def mark(tx: Tx, key: SessionKey, user_id: UUID, mark: Mark, actor: str, now: datetime) -> AttendanceView:
    """Say whether a person came; the same mark twice is one mark.

    Raises NotFound for an unknown session or person; Conflict when the session is not one that people come to.
    """
    references.get(tx, key.tenant_id, "users", user_id)
    session, _ = settled.one(tx, key, now)
    may_be_marked(session, mark)
    values = {"mark": mark, "marked_at": now, "marked_by": actor}
    statement = insert(Attendance).values(**key._asdict(), user_id=user_id, **values)
    changed = tx.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "series_id", "recurrence_id", "user_id"],
            set_=values,
            where=Attendance.mark != mark,
        ).returning(Attendance.user_id)
    ).all()
    if changed and session.state == State.COMPLETED and session.next_step is None:
        again = update(Session).where(*settled.is_session(key))
        tx.execute(again.values(next_step=Step.MEASURE, next_due_at=now))
    return next(view for view in of_session(tx, key, now) if view.user_id == user_id)


def may_be_marked(session: Session, mark: Mark) -> None:
    """Refuse a mark that makes no sense in the session's state."""
    if session.removed_at is not None:
        raise Conflict("the session is removed")
    if not session.tracked:
        raise Conflict("the session took place before its plan was tracked")
    if session.state in (State.IN_PROGRESS, State.COMPLETED):
        return
    if session.state == State.SCHEDULED and mark in (Mark.EXCUSED, Mark.EXPECTED):
        return
    raise Conflict(f"cannot mark {mark} at a session that is {session.state}")


def of_session(tx: Tx, key: SessionKey, now: datetime) -> list[AttendanceView]:
    """Everybody who is expected or marked, in the order of their ids; absent, once it is over, who is only expected."""
    statement = select(Enrolment.user_id).where(
        Enrolment.tenant_id == key.tenant_id,
        Enrolment.series_id == key.series_id,
        Enrolment.from_local <= key.recurrence_id,
        Enrolment.until_local.is_(None) | (Enrolment.until_local > key.recurrence_id),
    )
    views = {user_id: AttendanceView(user_id=user_id, mark=Mark.EXPECTED) for user_id in tx.scalars(statement)}
    marked = select(Attendance).where(
        Attendance.tenant_id == key.tenant_id,
        Attendance.series_id == key.series_id,
        Attendance.recurrence_id == key.recurrence_id,
    )
    for row in tx.scalars(marked.execution_options(populate_existing=True)):
        views[row.user_id] = AttendanceView(
            user_id=row.user_id, mark=Mark(row.mark), marked_at=row.marked_at, marked_by=row.marked_by
        )
    if tx.scalar(select(effective.closing(now)).where(*settled.is_session(key))):
        absent = {user_id for user_id, view in views.items() if view.mark is Mark.EXPECTED}
        views |= {one: AttendanceView(user_id=one, mark=Mark.ABSENT, marked_by=SYSTEM) for one in absent}
    return [views[user_id] for user_id in sorted(views)]
