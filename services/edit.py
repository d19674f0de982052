"""Edit one session on its own: its time, title, place or instructor, this once.

Its key stays. A moved time is kept as local time, so that it stays where people expect it when a government
changes its clocks. What has begun keeps its start; an end moved before now ends it now. What is over keeps its
times and its place.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from sqlalchemy.orm import Session as Tx

import recurrence
from db import bookings, presence, takes
from db.models import AutoStart, Segment, Session
from db.sessions import SessionKey
from lifecycle import State, Step
from services import by_hand, capacity, clash, materialize, references, settled, stored, transition, turn, waitlist
from services.errors import Clash, Conflict, InvalidField, VersionMismatch


class Keep(Enum):
    """What is not given is kept."""

    KEEP = "keep"


KEEP = Keep.KEEP


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionChange:
    """What to change; a naive start or end is local, an aware one an instant. None: as the segment says."""

    title: str | Keep | None = KEEP
    description: str | Keep | None = KEEP
    space_id: UUID | Keep | None = KEEP
    instructor_id: UUID | Keep | None = KEEP
    starts: datetime | Keep = KEEP
    ends: datetime | Keep = KEEP
    duration: recurrence.Duration | Keep = KEEP
    capacity: int | Keep | None = KEEP


def hold(tx: Tx, key: SessionKey, change: SessionChange, now: datetime) -> None:
    """Lock the session; before it its plan's turn and, where it is to move, what it takes and what it would take."""
    wanted: list[UUID] = []
    given = (change.space_id, change.instructor_id, change.starts, change.ends, change.duration)
    if any(value is not KEEP for value in given):
        wanted += takes.of_plans(tx, key.tenant_id, [key.series_id], now)
        wanted += [value for value in given if isinstance(value, UUID)]
    turn.take(tx, wanted, [key.series_id])
    settled.hold(tx, [key])


def edit(
    tx: Tx,
    key: SessionKey,
    change: SessionChange,
    now: datetime,
    if_version: int | None = None,
    actor: str = "system",
) -> None:
    """Make the change, or nothing of it; `actor` is who ends it, where the new end has passed.

    Raises NotFound; VersionMismatch when the session's version is not `if_version`; InvalidField; Conflict when its
    state does not allow it; Clash when a space or person is taken then, by what is stored or by the rule of a plan.
    """
    session, segment = settled.one(tx, key, now)
    version = stored.version(session, segment)
    if if_version is not None and if_version != version:
        raise VersionMismatch(if_version, version)
    if session.removed_at is not None:
        raise Conflict("the session is removed: restore it first")
    check_references(tx, key.tenant_id, change)
    before = (session.starts_at, session.ends_at, session.space_id, session.instructor_id)
    for name in ("title", "description", "space_id", "instructor_id", "capacity"):
        value = getattr(change, name)
        if value is not KEEP:
            setattr(session, name, value)
    if move(session, segment, change, now):
        by_hand.finish(tx, session, actor, now)
    session.version += 1
    if before != (session.starts_at, session.ends_at, session.space_id, session.instructor_id):
        rebook(tx, session, segment, key, now)
    tx.flush()
    if change.capacity is not KEEP:
        capacity.settle(tx, key, now)
        presence.measure_again(tx, key, now)
    elif before[:2] != (session.starts_at, session.ends_at):
        waitlist.promote(tx, key.tenant_id, key.series_id, waitlist.MOVED, now)


def check_references(tx: Tx, tenant_id: UUID, change: SessionChange) -> None:
    """Refuse an unknown space or instructor."""
    given = {"space_id": change.space_id, "instructor_id": change.instructor_id}
    references.check_new(tx, tenant_id, {name: (id_,) for name, id_ in given.items() if isinstance(id_, UUID)})


def move(session: Session, segment: Segment, change: SessionChange, now: datetime) -> bool:
    """Set the new times and what they make due; returns whether it is to end now, because its new end has passed."""
    if change.starts is KEEP and change.ends is KEEP and change.duration is KEEP:
        return False
    starts_at, ends_at = new_times(session, segment, change)
    check_times(session, starts_at, ends_at, now)
    session.tracked = session.tracked or starts_at >= now
    session.starts_at, session.ends_at = starts_at, ends_at
    plan_steps(session, segment, now)
    session.moved_to_local = recurrence.wall_time(starts_at, segment.time_zone)
    session.moved_duration = str(recurrence.Duration.exactly(ends_at - starts_at))
    return session.state == State.IN_PROGRESS and ends_at <= now


def check_times(session: Session, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Refuse times that the session can't have any more. Raises InvalidField, Conflict."""
    stays = starts_at == session.starts_at
    if session.state == State.IN_PROGRESS and not stays:
        raise Conflict("the session has begun: its start stays")
    if session.state not in clash.OPEN:
        raise Conflict(f"the session is {session.state}: its times stay")
    if session.state == State.SCHEDULED and not stays and starts_at < now:
        raise InvalidField("starts_at", f"got {starts_at:%Y-%m-%dT%H:%M:%SZ}, expected a start that is still ahead")
    if session.state == State.SCHEDULED and session.tracked and ends_at <= now:
        raise InvalidField("ends_at", f"got {ends_at:%Y-%m-%dT%H:%M:%SZ}, expected an end that is still ahead")


def plan_steps(session: Session, segment: Segment, now: datetime) -> None:
    """Let the row's steps follow what the plan says now; what should have begun by itself begins by hand alone."""
    session.end_due_at = materialize.end_due_at(segment, session.ends_at)
    if session.state == State.IN_PROGRESS:
        session.next_due_at = session.end_due_at
    elif session.state == State.SCHEDULED and session.tracked:
        starts = segment.auto_start == AutoStart.SCHEDULED and session.starts_at >= now
        session.misfire_grace = segment.misfire_grace if starts else None
        session.next_step = Step.START if starts else Step.END
        session.next_due_at = session.starts_at if starts else session.ends_at
        session.set_aside = None


def new_times(session: Session, segment: Segment, change: SessionChange) -> tuple[datetime, datetime]:
    """The start and end that a change asks for; the length is kept where only one of them moves.

    Raises InvalidField when the end is not after the start.
    """
    starts_at = session.starts_at if change.starts is KEEP else instant(change.starts, segment, "starts_at")
    try:
        ends_at = new_end(session, segment, change, starts_at)
    except OverflowError:
        raise InvalidField("starts_at", "got an end after the year 9999, expected one before") from None
    if ends_at <= starts_at:
        raise InvalidField("ends_at", f"got an end at {ends_at:%Y-%m-%dT%H:%M:%SZ}, expected one after the start")
    if ends_at - starts_at > stored.LONGEST:
        raise InvalidField("ends_at", f"got {ends_at - starts_at}, expected at most {stored.LONGEST.days} days")
    return starts_at, ends_at


def new_end(session: Session, segment: Segment, change: SessionChange, starts_at: datetime) -> datetime:
    """The end that a change asks for. Raises OverflowError when the calendar ends before."""
    if isinstance(change.ends, datetime):
        return instant(change.ends, segment, "ends_at")
    if isinstance(change.duration, recurrence.Duration):
        begin = recurrence.wall_time(starts_at, segment.time_zone) + timedelta(days=change.duration.days)
        return instant(begin, segment, "duration") + timedelta(seconds=change.duration.seconds)
    return starts_at + (session.ends_at - session.starts_at)


def instant(moment: datetime, segment: Segment, field: str) -> datetime:
    """The instant of a local time in the segment's zone, or the instant itself."""
    if moment.tzinfo is not None:
        return moment
    gap, fold = recurrence.Gap(segment.gap), recurrence.Fold(segment.fold)
    found = recurrence.localize(moment, segment.time_zone, gap=gap, fold=fold)
    if found is None:
        raise InvalidField(field, f"got {moment.isoformat()}, which the clocks of {segment.time_zone} skip")
    return found


def rebook(tx: Tx, session: Session, segment: Segment, key: SessionKey, now: datetime) -> None:
    """Let the bookings follow the session.

    Raises Clash when they can't, or when the rule of a plan, or a person, stands in the way.
    """
    tx.flush()
    found = clash.one_session(tx, session, segment)
    if found.met:
        raise Clash(found.taken)
    bookings.release(tx, [key])
    lost = bookings.book(tx, [key])
    if lost:
        raise Clash(bookings.in_the_way(tx, lost))
    session.clash = None
    tx.flush()
    transition.settle(tx, [key], now)
