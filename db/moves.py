"""Statements that move sessions to other instants, because the rules of their zone are others now.

A session is moved only if it still stands as it was read: scheduled, alive, ahead, and with the same start. Whatever a
person, a worker or the clock did to it in between makes it history, and it is left alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session as Tx

from db.sessions import SessionKey, arrays


class Ahead(NamedTuple):
    """A session that has not begun, as its row has it.

    Instants, but for the wall times `recurrence_id`, `segment_from` and `moved_to_local` (None: not moved on its
    own). Space and instructor are its own; None: as the segment says.
    """

    tenant_id: UUID
    series_id: UUID
    recurrence_id: datetime
    segment_from: datetime
    starts_at: datetime
    ends_at: datetime
    moved_to_local: datetime | None
    space_id: UUID | None
    instructor_id: UUID | None

    @property
    def key(self) -> SessionKey:
        """What names it."""
        return SessionKey(*self[:3])


class Move(NamedTuple):
    """A session that starts at `was_at`, and its new instants; without them it is given up."""

    tenant_id: UUID
    series_id: UUID
    recurrence_id: datetime
    was_at: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    end_due_at: datetime | None

    @property
    def key(self) -> SessionKey:
        """What names the session."""
        return SessionKey(*self[:3])


STANDS = "s.state = 'SCHEDULED' AND s.next_step IS NOT NULL AND s.removed_at IS NULL"

AHEAD = text(f"""
    SELECT s.tenant_id, s.series_id, s.recurrence_id, s.segment_from, s.starts_at, s.ends_at, s.moved_to_local,
           s.space_id, s.instructor_id
    FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]), CAST(:from_locals AS timestamp[]))
         AS g (tenant_id, series_id, from_local)
    JOIN session s ON (s.tenant_id, s.series_id, s.segment_from) = (g.tenant_id, g.series_id, g.from_local)
    WHERE {STANDS} AND s.starts_at > :now
    ORDER BY s.series_id, s.recurrence_id
""")

MOVE = text(f"""
    WITH held AS MATERIALIZED (
        SELECT s.tenant_id, s.series_id, s.recurrence_id, new.starts_at, new.ends_at, new.end_due_at
        FROM unnest(CAST(:tenant_id AS uuid[]), CAST(:series_id AS uuid[]), CAST(:recurrence_id AS timestamp[]),
                    CAST(:was_at AS timestamptz[]), CAST(:starts_at AS timestamptz[]),
                    CAST(:ends_at AS timestamptz[]), CAST(:end_due_at AS timestamptz[]))
             AS new (tenant_id, series_id, recurrence_id, was_at, starts_at, ends_at, end_due_at)
        JOIN session s USING (tenant_id, series_id, recurrence_id)
        WHERE {STANDS} AND s.starts_at = new.was_at AND s.starts_at > CAST(:now AS timestamptz)
        ORDER BY s.series_id, s.recurrence_id FOR UPDATE OF s
    )
    UPDATE session s SET
        starts_at = coalesce(held.starts_at, s.starts_at), ends_at = coalesce(held.ends_at, s.ends_at),
        end_due_at = coalesce(held.end_due_at, s.end_due_at), clash = NULL,
        removed_at = CASE WHEN held.starts_at IS NULL THEN CAST(:now AS timestamptz) END,
        next_step = CASE WHEN held.starts_at IS NOT NULL THEN s.next_step END,
        next_due_at = CASE s.next_step WHEN 'START' THEN held.starts_at ELSE held.ends_at END
    FROM held
    WHERE (s.tenant_id, s.series_id, s.recurrence_id) = (held.tenant_id, held.series_id, held.recurrence_id)
    RETURNING s.tenant_id, s.series_id, s.recurrence_id
""")


HOLD = text("""
    SELECT FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]), CAST(:recurrence_ids AS timestamp[]))
         AS k (tenant_id, series_id, recurrence_id)
    JOIN session s USING (tenant_id, series_id, recurrence_id)
    ORDER BY s.series_id, s.recurrence_id FOR UPDATE OF s
""")


KEPT = text("""
    SELECT k.*
    FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]), CAST(:recurrence_ids AS timestamp[]))
         AS k (tenant_id, series_id, recurrence_id)
    JOIN session s USING (tenant_id, series_id, recurrence_id)
""")


def ahead(tx: Tx, of_segments: Sequence[tuple[UUID, UUID, datetime]], now: datetime) -> list[Ahead]:
    """The sessions of these segments (tenant, series, from_local) that have not begun at `now`, in key order."""
    tenants, series, froms = zip(*of_segments, strict=True)
    found = {"tenant_ids": list(tenants), "series_ids": list(series), "from_locals": list(froms), "now": now}
    return [Ahead(*row) for row in tx.execute(AHEAD, found)]


def kept(tx: Tx, keys: Sequence[SessionKey]) -> set[SessionKey]:
    """Those of these sessions that have a row, whatever became of them."""
    return {SessionKey(*row) for row in tx.execute(KEPT, arrays(keys))} if keys else set()


def hold(tx: Tx, moves: Sequence[Move]) -> None:
    """Lock the sessions that are to be moved, in key order, until the transaction ends."""
    if moves:
        tx.execute(HOLD, arrays([one.key for one in moves]))


def apply(tx: Tx, moves: Sequence[Move], now: datetime) -> list[SessionKey]:
    """Move these sessions, or remove those that are given up, in one statement; the keys of those it was done to.

    What has begun at `now` is not touched.
    """
    if not moves:
        return []
    columns = dict(zip(Move._fields, (list(column) for column in zip(*moves, strict=True)), strict=True))
    return [SessionKey(*row) for row in tx.execute(MOVE, columns | {"now": now})]
