"""Statements on places: how many there are at the sessions of a plan, who has one and who waits.

All of them that write are for whoever has the plan's turn (`bookings.lock`).
"""

import functools
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session as Tx

from db.models import Attendance, Enrolment, Mark, Segment, Waiting, Withdrawal
from db.sessions import SessionKey
from db.statements import asked

LATE_CANCEL = timedelta(hours=12)
"""Who is excused, or gives a place up, so long before the planned start or later cancels late."""

SESSIONS = text("""
    SELECT recurrence_id, segment_from, starts_at, ends_at, is_ahead, takes_place, is_moved, capacity,
           CASE WHEN capacity IS NOT NULL THEN (
               SELECT count(*) FROM (
                   SELECT e.user_id FROM enrolment e
                   WHERE (e.tenant_id, e.series_id) = (:tenant_id, :series_id) AND e.from_local <= one.recurrence_id
                     AND (e.until_local IS NULL OR e.until_local > one.recurrence_id)
                   EXCEPT SELECT a.user_id FROM attendance a
                   WHERE (a.tenant_id, a.series_id, a.recurrence_id) = (:tenant_id, :series_id, one.recurrence_id)
                     AND a.mark = 'EXCUSED'
               ) AS there) ELSE 0 END AS taken
    FROM (
        SELECT s.recurrence_id, s.segment_from, s.starts_at, s.ends_at, coalesce(s.capacity, g.capacity) AS capacity,
               s.starts_at > :now AND s.started_at IS NULL AND s.state IN ('SCHEDULED', 'CANCELLED') AS is_ahead,
               s.state = 'SCHEDULED' AND s.removed_at IS NULL AND s.tracked AS takes_place,
               s.moved_to_local IS NOT NULL AS is_moved
        FROM session s
        JOIN segment g ON (g.tenant_id, g.series_id, g.from_local) = (s.tenant_id, s.series_id, s.segment_from)
        WHERE s.tenant_id = :tenant_id AND s.series_id = :series_id AND (s.starts_at > :now OR s.recurrence_id >= :here)
    ) AS one
    ORDER BY recurrence_id
""")

EXCUSES = text("""
    SELECT a.user_id, a.recurrence_id FROM attendance a JOIN session s USING (tenant_id, series_id, recurrence_id)
    WHERE a.tenant_id = :tenant_id AND a.series_id = :series_id AND a.mark = 'EXCUSED' AND s.starts_at > :now
""")

LOOK_AT = text("""
    SELECT tenant_id, series_id FROM waiting WHERE look_at <= :now
    GROUP BY 1, 2 ORDER BY min(look_at) LIMIT :limit
""")


class Spot(NamedTuple):
    """A stored session: when it is planned (instants), how many may come (None: any number), how many have a place.

    is_ahead: it has not begun. takes_place: it was neither called off nor removed; who has a place there keeps it all
    the same. is_moved: its plan gives it another time.
    """

    recurrence_id: datetime
    segment_from: datetime
    starts_at: datetime
    ends_at: datetime
    is_ahead: bool
    takes_place: bool
    is_moved: bool
    capacity: int | None
    taken: int


def segments(tx: Tx, tenant_id: UUID, series_id: UUID) -> list[Segment]:
    """The segments of a plan, first to last."""
    of_plan = (Segment.tenant_id == tenant_id, Segment.series_id == series_id)
    statement = select(Segment).where(*of_plan).order_by(Segment.from_local)
    return list(tx.scalars(statement.execution_options(populate_existing=True)))


def sessions(tx: Tx, tenant_id: UUID, series_id: UUID, here: datetime, now: datetime) -> list[Spot]:
    """The stored sessions of a plan that are ahead, or whose recurrence id is; `here` is now as a local time."""
    asked = {"tenant_id": tenant_id, "series_id": series_id, "here": here, "now": now}
    return [Spot(*row) for row in tx.execute(SESSIONS, asked)]


def enrolments(tx: Tx, tenant_id: UUID, series_id: UUID) -> list[Enrolment]:
    """Who is or was enrolled in a plan, in the order of their ids."""
    statement = select(Enrolment).where(Enrolment.tenant_id == tenant_id, Enrolment.series_id == series_id)
    ordered = statement.order_by(Enrolment.user_id, Enrolment.from_local)
    return list(tx.scalars(ordered.execution_options(populate_existing=True)))


def excuses(tx: Tx, tenant_id: UUID, series_id: UUID, now: datetime) -> list[Row[UUID, datetime]]:
    """Who is excused from which of the sessions ahead."""
    return list(tx.execute(EXCUSES, {"tenant_id": tenant_id, "series_id": series_id, "now": now}))


def excused_at(tx: Tx, key: SessionKey, user_id: UUID | None = None) -> set[UUID]:
    """Who is excused from one session; user_id: that person alone is asked about."""
    statement = select(Attendance.user_id).where(*marked(key), Attendance.mark == Mark.EXCUSED)
    return set(tx.scalars(statement if user_id is None else statement.where(Attendance.user_id == user_id)))


def waitlist(tx: Tx, tenant_id: UUID, series_id: UUID) -> list[Waiting]:
    """Who waits for a place in a plan, or in one session of it, in the order in which they get one."""
    return list(tx.scalars(line(), {"tenant_id": tenant_id, "series_id": series_id}))


@functools.cache
def line() -> Select[Waiting]:
    """The statement for it, made once."""
    statement = select(Waiting).where(Waiting.tenant_id == asked("tenant_id"), Waiting.series_id == asked("series_id"))
    return statement.order_by(Waiting.since, Waiting.user_id).execution_options(populate_existing=True)


def hold(
    tx: Tx,
    plan: tuple[UUID, UUID],
    user_id: UUID,
    gone: Collection[datetime],
    new: Sequence[tuple[datetime, datetime | None, bool]],
) -> None:
    """Let a person's enrolments that begin at some local times be others (from, until, whether it is a drop-in)."""
    if gone:
        own = (Enrolment.tenant_id == plan[0], Enrolment.series_id == plan[1], Enrolment.user_id == user_id)
        statement = delete(Enrolment).where(*own, Enrolment.from_local.in_(gone))
        tx.execute(statement.execution_options(synchronize_session=False))
    if new:
        of_all = {"tenant_id": plan[0], "series_id": plan[1], "user_id": user_id}
        rows = [of_all | {"from_local": begin, "until_local": until, "drop_in": alone} for begin, until, alone in new]
        tx.execute(insert(Enrolment), rows)


def take_back_excuse(tx: Tx, key: SessionKey, user_id: UUID) -> None:
    """Expect a person at a session again who was excused from it, or had given up the place in the last moment."""
    excused = delete(Attendance).where(*marked(key), Attendance.user_id == user_id, Attendance.mark == Mark.EXCUSED)
    tx.execute(excused.execution_options(synchronize_session=False))
    forget_withdrawals(tx, key[:2], user_id, [key.recurrence_id])


def withdrawn(
    tx: Tx, plan: tuple[UUID, UUID], user_id: UUID, recurrence_ids: Collection[datetime], now: datetime
) -> None:
    """Write down that a person gave up these places in the last moment."""
    if recurrence_ids:
        of_all = {"tenant_id": plan[0], "series_id": plan[1], "user_id": user_id, "withdrawn_at": now}
        rows = [of_all | {"recurrence_id": wall} for wall in recurrence_ids]
        tx.execute(insert(Withdrawal).on_conflict_do_nothing(), rows)


def look_at(tx: Tx, tenant_id: UUID, series_id: UUID, at: datetime | None) -> None:
    """Let those who wait for a plan be looked at again at an instant; None: not by the passing of time."""
    of_plan = (Waiting.tenant_id == tenant_id, Waiting.series_id == series_id, ~Waiting.drop_in)
    others = update(Waiting).where(*of_plan, Waiting.look_at.is_distinct_from(at))
    tx.execute(others.values(look_at=at).execution_options(synchronize_session=False))


def to_look_at(tx: Tx, now: datetime, limit: int) -> list[Row[UUID, UUID]]:
    """Plans (tenant and series) in which somebody is to be looked at again; who waits for it longest is first."""
    return list(tx.execute(LOOK_AT, {"now": now, "limit": limit}))


def forget_withdrawals(tx: Tx, plan: tuple[UUID, UUID], user_id: UUID, recurrence_ids: Collection[datetime]) -> None:
    """Forget that a person gave up these places, who has them again."""
    if recurrence_ids:
        own = (Withdrawal.tenant_id == plan[0], Withdrawal.series_id == plan[1], Withdrawal.user_id == user_id)
        statement = delete(Withdrawal).where(*own, Withdrawal.recurrence_id.in_(recurrence_ids))
        tx.execute(statement.execution_options(synchronize_session=False))


def marked(key: SessionKey) -> tuple[ColumnElement[bool], ...]:
    """The conditions that a mark was made at a session."""
    return (
        Attendance.tenant_id == key.tenant_id,
        Attendance.series_id == key.series_id,
        Attendance.recurrence_id == key.recurrence_id,
    )
