"""Edit a one-time session: plan and session are one, so it has every field of a plan but those that repeat.

Its key stays, wherever it is moved. What has begun keeps its start; an end moved before now ends it now. What is over
keeps its times and who was expected; what its record is computed from may change, and it is measured again.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session as Tx

import recurrence
from config.settings import Settings
from db.models import Segment, Session
from db.segments import columns_of, series_of
from db.sessions import SessionKey
from lifecycle import State, Step
from recurrence import Duration, Series
from services import by_hand, clash, edit, edit_plan, materialize, plan_change, settled, stored, transition
from services.errors import Conflict, InvalidField, VersionMismatch
from services.plan_change import BOOKED, Base, PlanChange
from services.reach import Reach

OWN = ("title", "description", "space_id", "instructor_id")
"""What the row may have of its own: an edit of it puts it where the plan has it."""

MEASURED = frozenset({"routine_id", "capacity", "late_after", "completion_threshold"})
"""What the completion record is computed from, besides who came."""


def edit_once(
    tx: Tx,
    held: Reach,
    change: PlanChange,
    now: datetime,
    settings: Settings,
    if_version: int | None = None,
    actor: str = "system",
) -> list[str]:
    """Make the change, or nothing of it; notes on what was adjusted. `actor`: who ends it, if its new end has passed.

    Raises NotFound; VersionMismatch when its version is not `if_version`; InvalidField, InvalidRecurrence,
    RecurrenceError for what can't be taken; Conflict when its state does not allow it; Clash when a space or person is
    taken then.
    """
    key = SessionKey(held.named.tenant_id, held.named.series_id, held.segments[0].dtstart)
    session, segment = settled.one(tx, key, now)
    version = stored.version(session, segment)
    if if_version is not None and if_version != version:
        raise VersionMismatch(if_version, version)
    if session.removed_at is not None:
        raise Conflict("the session is removed: restore it first")
    edit_plan.check_references(tx, held, change)
    notes, moves = write(session, segment, change, now, settings)
    materialize.take_up(held.segments, now)
    if change.participants is not None:
        refuse_begun(session, now)
        edit_plan.enrol_exactly(tx, held, segment.from_local, change.participants, now)
    edit.plan_steps(session, segment, now)
    session.version += 1
    held.series.updated_at = now
    if session.state == State.IN_PROGRESS and (session.end_due_at <= now or (moves and session.ends_at <= now)):
        by_hand.finish(tx, session, actor, now)
    measure_again(session, change, now)
    settle(tx, session, segment, change, moves, now)
    edit_plan.settle_places(tx, held, change, now)
    return notes


def refuse_begun(session: Session, now: datetime) -> None:
    """Refuse to change who is expected at a session that has begun. Raises Conflict."""
    if session.state != State.SCHEDULED:
        raise Conflict(f"the session is {session.state}: who was expected stays")
    if session.tracked and session.starts_at <= now:
        raise Conflict("the session has begun: who was expected stays")


def write(
    session: Session, segment: Segment, change: PlanChange, now: datetime, settings: Settings
) -> tuple[list[str], bool]:
    """Set what the plan says; notes, and whether the session has other times by it."""
    values = plan_change.columns(segment, change)
    was = as_it_stands(session, segment)
    series = was
    if change.times is not None:
        series = change.times(
            Base(
                series=was, whole=was, since=was.dtstart, until=None, anchor=was.dtstart, cut=was.dtstart, now=now,
                of_plan=True, total=True,
            )
        )  # fmt: skip
    series, notes = plan_change.checked(series, values, change, settings)
    segment.misfire_grace = values["misfire_grace"]
    for name, value in change.values.items():
        setattr(segment, name, value)
        if name in OWN:
            setattr(session, name, None)
    return notes, change.times is not None and move(session, segment, was, series, now)


def as_it_stands(session: Session, segment: Segment) -> Series:
    """The session as a series of one, at the time that it has now; a length of whole days stays one."""
    whole, times = series_of(segment), (session.starts_at, session.ends_at)
    given = recurrence.occurrence_at(whole, whole.dtstart)
    if given is not None and (given.starts_at, given.ends_at) == times:
        return whole
    alone = clash.alone(session.starts_at, session.ends_at, segment.time_zone)
    moved = replace(whole, dtstart=alone.dtstart, fold=alone.fold)
    one = recurrence.occurrence_at(moved, moved.dtstart)
    if one is not None and one.ends_at == session.ends_at:
        return moved
    return replace(moved, duration=Duration.exactly(session.ends_at - session.starts_at))


def move(session: Session, segment: Segment, was: Series, series: Series, now: datetime) -> bool:
    """Give the session these times; whether they are others than before. Raises InvalidField, Conflict."""
    one = recurrence.occurrence_at(series, series.dtstart)
    if one is None:
        raise InvalidField("starts_at", f"got {series.dtstart.isoformat()}, which the clocks of {series.zone} skip")
    starts_at = session.starts_at if begin_of(series) == begin_of(was) else one.starts_at
    moves = (starts_at, one.ends_at) != (session.starts_at, session.ends_at)
    if moves:
        edit.check_times(session, starts_at, one.ends_at, now)
        session.tracked = session.tracked or starts_at >= now
    columns = columns_of(series)
    for name in ("time_zone", "duration", "gap", "fold"):
        setattr(segment, name, columns[name])
    session.starts_at, session.ends_at = starts_at, one.ends_at
    session.moved_to_local = session.moved_duration = None
    if series.dtstart != segment.dtstart:
        session.moved_to_local = recurrence.wall_time(starts_at, series.zone)
        session.moved_duration = str(Duration.exactly(one.ends_at - starts_at))
    return moves


def begin_of(series: Series) -> tuple[Any, ...]:
    """What decides when the one session of a series starts."""
    return series.dtstart, series.zone, series.gap, series.fold


def measure_again(session: Session, change: PlanChange, now: datetime) -> None:
    """Let the record of what is over be computed anew, where it follows from what changed."""
    if session.state == State.COMPLETED and session.next_step is None and MEASURED & set(change.values):
        session.next_step, session.next_due_at = Step.MEASURE, now


def settle(tx: Tx, session: Session, segment: Segment, change: PlanChange, moves: bool, now: datetime) -> None:
    """Let bookings follow, and what is due by now be done. Raises Clash."""
    key = settled.key_of(session)
    taken = moves or change.participants is not None or any(name in change.values for name in BOOKED)
    if taken and session.state in clash.OPEN:
        edit.rebook(tx, session, segment, key, now)
    else:
        tx.flush()
        transition.settle(tx, [key], now)
