"""The statements that mark in bulk: a batch of the rows of one delivery, in a handful of statements.

A delivery is held by whoever works on it, and says how far it is (`done_until`) in the transaction that did it: so
nothing is marked twice or left out, whoever is killed where. Rows that were simply marked are not written to again;
what was refused, and what was known already, is noted at its row.

Every session is held before anything is marked, so no mark is missed by whoever counts them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session as Tx

from db import judged
from db.judged import JUDGED, ROWS
from db.sessions import SessionKey

CLAIM = text("""
    SELECT tenant_id, id, created_by, done_until FROM attendance_import WHERE finished_at IS NULL
    ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
""")

UNTIL = text("""
    SELECT max(line) FROM (
        SELECT line FROM attendance_import_row WHERE (tenant_id, import_id) = (:tenant_id, :id) AND line > :done_until
        ORDER BY line LIMIT :limit) AS batch
""")

LOCK = text(f"""
    SELECT s.tenant_id, s.series_id, s.recurrence_id, s.next_due_at, s.state = 'SCHEDULED' AND EXISTS (
               SELECT FROM segment g WHERE (g.tenant_id, g.series_id, g.from_local)
                                         = (s.tenant_id, s.series_id, s.segment_from)
               AND g.auto_start = 'FIRST_CHECK_IN') AS waits
    FROM (SELECT DISTINCT r.series_id, r.recurrence_id FROM {ROWS}) AS asked
    JOIN session s ON s.tenant_id = :tenant_id AND (s.series_id, s.recurrence_id)
                                                 = (asked.series_id, asked.recurrence_id)
    ORDER BY s.series_id, s.recurrence_id FOR UPDATE OF s
""")

EXCUSING = text(f"""
    SELECT DISTINCT r.series_id FROM {ROWS} AND r.mark = 'EXCUSED' AND r.series_id IS NOT NULL
""")

MISSING = text(f"""
    SELECT DISTINCT r.tenant_id, r.series_id, r.recurrence_id FROM {ROWS} AND NOT EXISTS (
        SELECT FROM session s
        WHERE (s.tenant_id, s.series_id, s.recurrence_id) = (r.tenant_id, r.series_id, r.recurrence_id))
    ORDER BY 2, 3
""")

BEGINNINGS = text(f"""
    WITH {JUDGED}
    SELECT series_id, recurrence_id, min(coalesce(checked_in_at, CAST(:now AS timestamptz))) AS at
    FROM judged WHERE problem IS NULL AND mark IN ('PRESENT', 'LATE') GROUP BY 1, 2
""")

INTO = "INSERT INTO attendance AS a (tenant_id, series_id, recurrence_id, user_id, mark, marked_at, marked_by)"
UPSERT = """
        ON CONFLICT (tenant_id, series_id, recurrence_id, user_id) DO UPDATE
        SET mark = excluded.mark, marked_at = excluded.marked_at, marked_by = excluded.marked_by"""

MARK = text(f"""
    WITH {JUDGED}, person AS MATERIALIZED (
        SELECT series_id, recurrence_id, user_id,
               (array_agg(mark ORDER BY line DESC) FILTER (WHERE is_told))[1] AS mark,
               max(mark) FILTER (WHERE NOT is_told) AS from_check_in
        FROM judged WHERE problem IS NULL GROUP BY 1, 2, 3
    ), told AS (
        {INTO}
        SELECT CAST(:tenant_id AS uuid), series_id, recurrence_id, user_id, mark,
               CAST(:now AS timestamptz), CAST(:actor AS text)
        FROM person WHERE mark IS NOT NULL{UPSERT}
        WHERE a.mark <> excluded.mark AND NOT (a.mark = 'EXCUSED' AND excluded.mark = 'ABSENT')
        RETURNING series_id, recurrence_id, user_id, mark
    ), came AS (
        {INTO}
        SELECT CAST(:tenant_id AS uuid), series_id, recurrence_id, user_id, from_check_in,
               CAST(:now AS timestamptz), CAST(:actor AS text)
        FROM person WHERE mark IS NULL{UPSERT}
        WHERE a.mark NOT IN ('PRESENT', 'LATE') OR (a.mark = 'LATE' AND excluded.mark = 'PRESENT')
        RETURNING series_id, recurrence_id, user_id
    ), stayed AS (
        INSERT INTO presence AS p (tenant_id, series_id, recurrence_id, user_id, checked_in_at, checked_out_at)
        SELECT CAST(:tenant_id AS uuid), series_id, recurrence_id, user_id, checked_in_at, max(checked_out_at)
        FROM judged WHERE problem IS NULL AND checked_in_at IS NOT NULL GROUP BY 1, 2, 3, 4, 5
        ON CONFLICT (tenant_id, series_id, recurrence_id, user_id, checked_in_at) DO UPDATE
        SET checked_out_at = excluded.checked_out_at
        WHERE p.checked_out_at IS NULL AND excluded.checked_out_at IS NOT NULL
        RETURNING series_id, recurrence_id, user_id
    ), changed AS MATERIALIZED (
        SELECT series_id, recurrence_id, user_id FROM told UNION SELECT * FROM came UNION SELECT * FROM stayed
    ), noted AS (
        UPDATE attendance_import_row r
        SET outcome = CASE WHEN j.problem IS NULL THEN 'UNCHANGED' ELSE 'REFUSED' END, detail = j.problem
        FROM judged j LEFT JOIN changed c USING (series_id, recurrence_id, user_id)
        WHERE r.tenant_id = :tenant_id AND r.import_id = :id AND r.line > :done_until AND r.line <= :until
          AND r.line = j.line AND (j.problem IS NOT NULL OR c.user_id IS NULL)
        RETURNING r.outcome
    ), sessions AS MATERIALIZED (SELECT DISTINCT series_id, recurrence_id FROM changed
    ), again AS (
        UPDATE session s SET next_step = 'MEASURE', next_due_at = :now
        WHERE s.ctid = ANY (ARRAY(SELECT place FROM judged JOIN sessions USING (series_id, recurrence_id)))
          AND s.state = 'COMPLETED' AND s.next_step IS NULL
    ), logged AS (
        INSERT INTO change_log (tenant_id, actor, noun, kind, subject)
        SELECT CAST(:tenant_id AS uuid), CAST(:actor AS text), 'sessions', 'mark',
               series_id || '_' || to_char(recurrence_id, 'YYYYMMDD"T"HH24MISS') FROM sessions
    )
    SELECT (SELECT count(*) FROM noted WHERE outcome = 'REFUSED') AS refused,
           (SELECT count(*) FROM noted WHERE outcome = 'UNCHANGED') AS unchanged, count(*) AS rows,
           (SELECT array_agg(DISTINCT series_id) FROM told JOIN judged j USING (series_id, recurrence_id)
            WHERE told.mark = 'EXCUSED' AND j.starts_at > :now) AS freed
    FROM judged
""")
"""Of several rows about one person the last that says a mark decides; where none does, the first check-in. Who is
excused and did not come stays excused."""

ADVANCE = text("""
    UPDATE attendance_import SET done_until = :until, marked = marked + :marked, unchanged = unchanged + :unchanged,
           refused = refused + :refused
    WHERE (tenant_id, id) = (:tenant_id, :id)
""")

AS_MEANT = text(judged.AS_MEANT)

FINISH = text("UPDATE attendance_import SET finished_at = :now WHERE (tenant_id, id) = (:tenant_id, :id)")

REFUSE = text("""
    UPDATE attendance_import_row SET outcome = 'REFUSED', detail = :detail
    WHERE (tenant_id, import_id, line) = (:tenant_id, :id, :until) AND outcome IS NULL RETURNING 1
""")

FORGET = text("DELETE FROM attendance_import WHERE finished_at < :before RETURNING 1")


class Batch(NamedTuple):
    """Rows of one delivery: those after `done_until`, up to `until`, which this transaction holds."""

    tenant_id: UUID
    id: UUID
    actor: str
    done_until: int
    until: int


class Lying(NamedTuple):
    """A session that is held, when it is due, and whether it waits for its first check-in."""

    key: SessionKey
    due_at: datetime | None
    waits: bool


def claim(tx: Tx, limit: int) -> Batch | None:
    """The next rows of the delivery that waits longest and that nobody holds; without rows it is done."""
    found = tx.execute(CLAIM).one_or_none()
    if found is None:
        return None
    where = {"tenant_id": found.tenant_id, "id": found.id, "done_until": found.done_until}
    until = tx.execute(UNTIL, {**where, "limit": limit}).scalar_one()
    return Batch(found.tenant_id, found.id, found.created_by, found.done_until, until or found.done_until)


def lock(tx: Tx, batch: Batch) -> list[Lying]:
    """Hold the sessions of these rows, in the order of their keys."""
    return [Lying(SessionKey(*row[:3]), *row[3:]) for row in tx.execute(LOCK, of(batch))]


def excusing(tx: Tx, batch: Batch) -> list[UUID]:
    """The plans in which these rows excuse somebody: places may be free afterwards."""
    return list(tx.scalars(EXCUSING, of(batch)))


def missing(tx: Tx, batch: Batch) -> list[SessionKey]:
    """The sessions of these rows that are not stored."""
    return [SessionKey(*row) for row in tx.execute(MISSING, of(batch)) if row.series_id is not None]


def beginnings(tx: Tx, batch: Batch, values: Mapping[str, Any]) -> dict[SessionKey, datetime]:
    """When the first person came to each session of these rows."""
    found = tx.execute(BEGINNINGS, {**of(batch), **values})
    return {SessionKey(batch.tenant_id, row.series_id, row.recurrence_id): row.at for row in found}


def mark(tx: Tx, batch: Batch, values: Mapping[str, Any]) -> Row[Any]:
    """Mark what these rows say: how many rows there were, `refused` and `unchanged` ones, and which series `freed` a
    place before the start."""
    tx.execute(AS_MEANT, {"meant": True})
    marked = tx.execute(MARK, {**of(batch), **values, "actor": batch.actor}).one()
    tx.execute(AS_MEANT, {"meant": False})
    return marked


def advance(tx: Tx, batch: Batch, counts: Mapping[str, int]) -> None:
    """Write down how far it is."""
    tx.execute(ADVANCE, {"tenant_id": batch.tenant_id, "id": batch.id, "until": batch.until, **counts})


def finish(tx: Tx, batch: Batch, now: datetime) -> None:
    """Write down that it is done."""
    tx.execute(FINISH, {"tenant_id": batch.tenant_id, "id": batch.id, "now": now})


def refuse(tx: Tx, batch: Batch, detail: str) -> int:
    """Refuse the last row of a batch; how many that was."""
    values = {"tenant_id": batch.tenant_id, "id": batch.id, "until": batch.until, "detail": detail}
    return len(tx.execute(REFUSE, values).all())


def forget(tx: Tx, before: datetime) -> int:
    """Forget deliveries that were done before an instant; how many."""
    return len(tx.execute(FORGET, {"before": before}).all())


def of(batch: Batch) -> dict[str, Any]:
    """The parameters that name a batch."""
    return {"tenant_id": batch.tenant_id, "id": batch.id, "done_until": batch.done_until, "until": batch.until}


def keys_due(held: Sequence[Lying], now: datetime) -> list[SessionKey]:
    """Those of these sessions that have a step due."""
    return [one.key for one in held if one.due_at is not None and one.due_at <= now]
