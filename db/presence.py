"""The statements of check-in and check-out: one that holds the session, one that writes, one that tells.

An interval without a check-out lasts until the session's end. So nothing has to be written at the end, and a corrected
end, or a check-out that is told late, is taken into account by itself.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from db import statements
from db.sessions import SessionKey
from db.statements import Kept

WHO = ("tenant_id", "series_id", "recurrence_id", "user_id")

HELD = """
    WITH held AS MATERIALIZED (
        SELECT s.state, s.tracked, s.removed_at, s.starts_at, s.started_at, s.ended_at, s.next_step, s.next_due_at,
               g.auto_start, g.late_after
        FROM session s JOIN segment g ON (g.tenant_id, g.series_id, g.from_local) = (s.tenant_id, s.series_id,
                                                                                      s.segment_from)
        WHERE (s.tenant_id, s.series_id, s.recurrence_id) = ($1::uuid, $2::uuid, $3::timestamp){only}
        FOR UPDATE OF s)
    SELECT clock_timestamp(), EXISTS (SELECT FROM app_user WHERE (tenant_id, id) = ($1::uuid, $4::uuid)), held.*
    FROM held
    """
"""The clock is read after the lock was granted: `held` is whole before anything of it is told."""

NOT_EXCUSED = """
          AND NOT EXISTS (
              SELECT FROM attendance WHERE (tenant_id, series_id, recurrence_id, user_id) = ($1, $2, $3, $4::uuid)
               AND mark = 'EXCUSED')"""

HOLD = Kept(HELD.format(only=NOT_EXCUSED), WHO)
HOLD_ALL_THE_SAME = Kept(HELD.format(only=""), WHO)

COME = Kept(
    """
    WITH entered AS (
        INSERT INTO presence (tenant_id, series_id, recurrence_id, user_id, checked_in_at)
        SELECT $1::uuid, $2::uuid, $3::timestamp, $4::uuid, $5::timestamptz
        WHERE NOT EXISTS (
            SELECT FROM presence WHERE (tenant_id, series_id, recurrence_id, user_id) = ($1, $2, $3, $4)
             AND checked_in_at <= $5 AND (checked_out_at IS NULL OR checked_out_at > $5))
        ON CONFLICT DO NOTHING RETURNING 1
    ), marked AS (
        INSERT INTO attendance AS a (tenant_id, series_id, recurrence_id, user_id, mark, marked_at, marked_by)
        SELECT $1, $2, $3, $4, $6, $7::timestamptz, $8 FROM entered
        ON CONFLICT (tenant_id, series_id, recurrence_id, user_id) DO UPDATE
        SET mark = excluded.mark, marked_at = excluded.marked_at, marked_by = excluded.marked_by
        WHERE a.mark NOT IN ('PRESENT', 'LATE') OR (a.mark = 'LATE' AND excluded.mark = 'PRESENT')
    )
    SELECT count(*) > 0 FROM entered
    """,
    (*WHO, "at", "mark", "now", "actor"),
)
"""Who is there already does not come. A mark follows the first check-in; what a later one would say is known better."""

LEAVE = Kept(
    """
    WITH left_ AS (
        UPDATE presence SET checked_out_at = greatest($5::timestamptz, checked_in_at)
        WHERE (tenant_id, series_id, recurrence_id, user_id) = ($1::uuid, $2::uuid, $3::timestamp, $4::uuid)
          AND date_trunc('second', checked_in_at) <= $5 AND checked_out_at IS NULL RETURNING 1
    )
    SELECT count(*) > 0 FROM left_
    """,
    (*WHO, "at"),
)
"""Instants that are told are whole seconds; a check-in within the same second came before."""

KNOWN = Kept(
    """
    SELECT a.mark, a.marked_at, a.marked_by, a.done, p.user_id, p.checked_in_at,
           coalesce(p.checked_out_at, $5::timestamptz)
    FROM attendance a LEFT JOIN presence p USING (tenant_id, series_id, recurrence_id, user_id)
    WHERE (tenant_id, series_id, recurrence_id, user_id) = ($1::uuid, $2::uuid, $3::timestamp, $4::uuid)
    ORDER BY p.checked_in_at
    """,
    (*WHO, "ended_at"),
)

STAYS = Kept(
    """
    SELECT p.user_id, p.checked_in_at, p.checked_out_at FROM presence p
    WHERE (tenant_id, series_id, recurrence_id) = ($1::uuid, $2::uuid, $3::timestamp)
      AND ($4::uuid IS NULL OR user_id = $4) ORDER BY user_id, checked_in_at
    """,
    WHO,
)

MEASURE_AGAIN = Kept(
    """
    UPDATE session SET next_step = 'MEASURE', next_due_at = $4::timestamptz
    WHERE (tenant_id, series_id, recurrence_id) = ($1::uuid, $2::uuid, $3::timestamp)
      AND state = 'COMPLETED' AND next_step IS NULL RETURNING 1
    """,
    ("tenant_id", "series_id", "recurrence_id", "now"),
)


class Held(NamedTuple):
    """A session that is locked, `now` after that, and whether the tenant has the person."""

    now: datetime
    is_known: bool
    state: str
    tracked: bool
    removed_at: datetime | None
    starts_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    next_step: str | None
    next_due_at: datetime | None
    auto_start: str
    late_after: timedelta


class Known(NamedTuple):
    """What is known of a person who was marked; no one else."""

    mark: str
    marked_at: datetime
    marked_by: str
    done: list[str] | None
    stays: list["Stay"]


class Stay(NamedTuple):
    """From when until when a person was there; None: until the session's end."""

    user_id: UUID
    checked_in_at: datetime
    checked_out_at: datetime | None


def hold(tx: Tx, key: SessionKey, user_id: UUID, *, all_the_same: bool = False) -> Held | None:
    """Lock the session. None, and nothing is locked: it has no row, or the person is excused; but `all_the_same`."""
    statement = HOLD_ALL_THE_SAME if all_the_same else HOLD
    found = statements.fetch(tx, statement, {**key._asdict(), "user_id": user_id})
    return Held._make(found[0]) if found else None


def come(tx: Tx, key: SessionKey, user_id: UUID, at: datetime, mark: str, actor: str, now: datetime) -> bool:
    """Write a check-in and the mark that follows from it; False, and nothing is written: the person is there then."""
    values = {**key._asdict(), "user_id": user_id, "at": at, "mark": mark, "now": now, "actor": actor}
    return bool(statements.fetch(tx, COME, values)[0][0])


def leave(tx: Tx, key: SessionKey, user_id: UUID, at: datetime) -> bool:
    """Write a check-out; False, and nothing is written: the person is not there then."""
    return bool(statements.fetch(tx, LEAVE, {**key._asdict(), "user_id": user_id, "at": at})[0][0])


def known(tx: Tx, key: SessionKey, user_id: UUID, ended_at: datetime | None) -> Known | None:
    """What is known of one person, in one statement; None: there is no mark. `ended_at`: of a session that is over."""
    rows = statements.fetch(tx, KNOWN, {**key._asdict(), "user_id": user_id, "ended_at": ended_at})
    if not rows:
        return None
    mark, marked_at, marked_by, done = rows[0][:4]
    return Known(mark, marked_at, marked_by, done, [Stay._make(row[4:]) for row in rows if row[4] is not None])


def stays(tx: Tx, key: SessionKey, user_id: UUID | None = None) -> Sequence[Stay]:
    """Who was at a session and when, by person and time; or one person alone."""
    return [Stay._make(row) for row in statements.fetch(tx, STAYS, {**key._asdict(), "user_id": user_id})]


def measure_again(tx: Tx, key: SessionKey, now: datetime) -> None:
    """Let the completion record be computed again, if it was computed; whoever is not closed yet is measured anyway."""
    statements.fetch(tx, MEASURE_AGAIN, {**key._asdict(), "now": now})
