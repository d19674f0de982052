"""Who came to a session, as people say it.

A mark is made from the moment on at which check-in opens (`services.presence`), and by staff after the session has
ended; then its completion record is computed again. An excuse may come before, and nothing but people takes it back. A
person who is not enrolled and came all the same is marked too. Who is marked as there starts a session whose
`autoStart` is FIRST_CHECK_IN, as a check-in would.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session as Tx

from db import effective, presence
from db.models import Attendance, AutoStart, Enrolment, Mark, Session
from db.presence import Known, Stay
from db.sessions import SessionKey
from lifecycle import State
from services import come_back, references, settled, waitlist
from services import presence as comings
from services.errors import Conflict

SYSTEM = "system"  # who marks those that did not come
CAME = (Mark.PRESENT, Mark.LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceView:
    """What is known of one person at one session; nobody has marked who is only expected.

    done: which activities of the routine; None: nobody has said.
    """

    user_id: UUID
    mark: Mark
    marked_at: datetime | None = None
    marked_by: str | None = None
    done: tuple[str, ...] | None = None
    stays: tuple[Stay, ...] = ()


def mark(tx: Tx, key: SessionKey, user_id: UUID, mark: Mark, actor: str, now: datetime) -> AttendanceView:
    """Say whether a person came; the same mark twice is one mark. The caller holds the plan and the session.

    Raises NotFound for an unknown session or person; Conflict when the session is not one that people come to, or when
    an excuse is taken back whose place somebody else has; Clash when its person is somewhere else then.
    """
    references.get(tx, key.tenant_id, "users", user_id)
    session, segment = settled.one(tx, key, now)
    may_be_marked(session, mark, now)
    if mark is not Mark.EXCUSED and now < session.starts_at:
        come_back.check(tx, key, user_id, now, may_clash=mark in CAME)
    if mark in CAME and session.state == State.SCHEDULED and segment.auto_start == AutoStart.FIRST_CHECK_IN:
        comings.begin_held(tx, session, now, actor, now)
    values = {"mark": mark, "marked_at": now, "marked_by": actor}
    statement = insert(Attendance).values(**key._asdict(), user_id=user_id, **values)
    changed = tx.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "series_id", "recurrence_id", "user_id"],
            set_=values,
            where=Attendance.mark != mark,
        ).returning(Attendance.user_id)
    ).all()
    if changed:
        after_mark(tx, session, mark, now)
    return one(tx, key, user_id, now)


def after_mark(tx: Tx, session: Session, mark: Mark, now: datetime) -> None:
    """What follows from a mark: a record that is computed again, or a place that is free."""
    if session.state == State.COMPLETED:
        presence.measure_again(tx, settled.key_of(session), now)
    if mark is Mark.EXCUSED and now < session.starts_at:
        waitlist.promote(tx, session.tenant_id, session.series_id, waitlist.EXCUSED, now)


def may_be_marked(session: Session, mark: Mark, now: datetime) -> None:
    """Refuse a mark that makes no sense in the session's state."""
    if session.removed_at is not None:
        raise Conflict("the session is removed")
    if not session.tracked:
        raise Conflict("the session took place before its plan was tracked")
    if session.state == State.IN_PROGRESS or (session.state == State.COMPLETED and mark is not Mark.EXPECTED):
        return
    if session.state == State.SCHEDULED:
        opens = comings.opens_at(session.starts_at, None)
        if mark in (Mark.EXCUSED, Mark.EXPECTED) or (mark in CAME and now >= opens):
            return
        if mark in CAME:
            told = f"check-in opens at {comings.shown(opens)}"
            raise Conflict(f"cannot mark {mark} at a session that is SCHEDULED: {told}")
    raise Conflict(f"cannot mark {mark} at a session that is {session.state}")


def one(tx: Tx, key: SessionKey, user_id: UUID, now: datetime) -> AttendanceView:
    """One person who is expected or marked."""
    return next(view for view in of_session(tx, key, now, user_id) if view.user_id == user_id)


def of_session(tx: Tx, key: SessionKey, now: datetime, user_id: UUID | None = None) -> list[AttendanceView]:
    """Everybody who is expected or marked, in the order of their ids; absent, once it is over, who is only expected.

    user_id: that person alone.
    """
    statement = select(Enrolment.user_id).where(
        Enrolment.tenant_id == key.tenant_id,
        Enrolment.series_id == key.series_id,
        Enrolment.from_local <= key.recurrence_id,
        Enrolment.until_local.is_(None) | (Enrolment.until_local > key.recurrence_id),
    )
    marked = select(Attendance).where(
        Attendance.tenant_id == key.tenant_id,
        Attendance.series_id == key.series_id,
        Attendance.recurrence_id == key.recurrence_id,
    )
    if user_id is not None:
        statement, marked = statement.where(Enrolment.user_id == user_id), marked.where(Attendance.user_id == user_id)
    over = select(effective.closing(now), effective.ended_at(now)).where(*settled.is_session(key))
    closing, ended_at = tx.execute(over).one_or_none() or (False, None)
    enrolled = set(tx.scalars(statement))
    views = {one: AttendanceView(user_id=one, mark=Mark.EXPECTED) for one in enrolled}
    stays = stays_of(tx, key, user_id, ended_at)
    for row in tx.scalars(marked.execution_options(populate_existing=True)):
        views[row.user_id] = of_row(row, stays[row.user_id])
    if closing:
        absent = {one for one, view in views.items() if view.mark is Mark.EXPECTED and one in enrolled}
        views |= {one: AttendanceView(user_id=one, mark=Mark.ABSENT, marked_by=SYSTEM) for one in absent}
    return [views[one] for one in sorted(views)]


def of_known(user_id: UUID, known: Known) -> AttendanceView:
    """A person who was marked."""
    return AttendanceView(
        user_id=user_id,
        mark=Mark(known.mark),
        marked_at=known.marked_at,
        marked_by=known.marked_by,
        done=None if known.done is None else tuple(known.done),
        stays=tuple(known.stays),
    )


def of_row(row: Attendance, stays: list[Stay]) -> AttendanceView:
    """What is stored of a person."""
    return AttendanceView(
        user_id=row.user_id,
        mark=Mark(row.mark),
        marked_at=row.marked_at,
        marked_by=row.marked_by,
        done=None if row.done is None else tuple(row.done),
        stays=tuple(stays),
    )


def stays_of(tx: Tx, key: SessionKey, user_id: UUID | None, ended_at: datetime | None) -> defaultdict[UUID, list[Stay]]:
    """When people were there; who did not check out was there until the session's end."""
    found: defaultdict[UUID, list[Stay]] = defaultdict(list)
    for stay in presence.stays(tx, key, user_id):
        is_open = stay.checked_out_at is None and ended_at is not None
        found[stay.user_id].append(stay._replace(checked_out_at=ended_at) if is_open else stay)
    return found
