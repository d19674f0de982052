"""Statements about all that is stored of one person: to end it, to forget it, and to hand it out."""

from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session as Tx

PLANS = text("""
    SELECT DISTINCT e.series_id FROM enrolment e
    WHERE (e.tenant_id, e.user_id) = (:tenant_id, :user_id) AND (
        e.until_local IS NULL OR e.until_local > CAST(:today AS timestamp) - interval '2 days'
        OR EXISTS (SELECT FROM session s
                   WHERE (s.tenant_id, s.series_id) = (e.tenant_id, e.series_id) AND s.recurrence_id >= e.from_local
                     AND s.recurrence_id < e.until_local AND s.starts_at > :now))
    ORDER BY 1
""")
"""A session that was put off lies ahead of an enrolment that is over."""

WAITS = text("DELETE FROM waiting WHERE (tenant_id, user_id) = (:tenant_id, :user_id)")

EXCUSES = text("""
    DELETE FROM attendance a USING session s
    WHERE (s.tenant_id, s.series_id, s.recurrence_id) = (a.tenant_id, a.series_id, a.recurrence_id)
      AND (a.tenant_id, a.user_id) = (:tenant_id, :user_id) AND s.starts_at > :now AND s.started_at IS NULL
      AND a.mark IN ('EXPECTED', 'EXCUSED')
""")

ANSWERS = text("""
    DELETE FROM idempotency_key WHERE tenant_id = :tenant_id
      AND (position(convert_to(:id, 'UTF8') IN body) > 0 OR position(convert_to(:email, 'UTF8') IN body) > 0)
""")

ROWS = text("""
    UPDATE attendance_import_row SET person = :id, detail = replace(detail, person, :id)
    WHERE tenant_id = :tenant_id AND (CAST(user_id AS text) = :id OR lower(person) = lower(:email))
""")
"""Also by an address that the person had before."""

AT_IT = """
    JOIN session s ON (s.tenant_id, s.series_id, s.recurrence_id) = (a.tenant_id, a.series_id, a.recurrence_id)
    JOIN segment g ON (g.tenant_id, g.series_id, g.from_local) = (s.tenant_id, s.series_id, s.segment_from)
    WHERE (a.tenant_id, a.user_id) = (:tenant_id, :user_id)
    ORDER BY s.starts_at, s.series_id, s.recurrence_id"""
WHICH = "a.series_id, a.recurrence_id, coalesce(s.title, g.title) AS title, s.starts_at, s.ends_at"
LATEST = """
    (SELECT g.title FROM segment g WHERE (g.tenant_id, g.series_id) = (a.tenant_id, a.series_id)
     ORDER BY g.from_local DESC LIMIT 1) AS title"""

KEPT = MappingProxyType(
    {
        "enrolments": f"""
    SELECT a.series_id, {LATEST}, a.from_local, a.until_local, a.drop_in FROM enrolment a
    WHERE (a.tenant_id, a.user_id) = (:tenant_id, :user_id) ORDER BY a.from_local, a.series_id""",
        "waiting": f"""
    SELECT a.series_id, {LATEST}, a.from_local, a.until_local, a.drop_in, a.since FROM waiting a
    WHERE (a.tenant_id, a.user_id) = (:tenant_id, :user_id) ORDER BY a.since, a.series_id""",
        "attendance": f"SELECT {WHICH}, a.mark, a.marked_at, a.marked_by, a.done FROM attendance a {AT_IT}",
        "presence": f"SELECT {WHICH}, a.checked_in_at, a.checked_out_at FROM presence a {AT_IT}, a.checked_in_at",
        "withdrawals": f"SELECT {WHICH}, a.withdrawn_at FROM withdrawal a {AT_IT}",
        "instructs": """
    SELECT s.series_id, s.recurrence_id, coalesce(s.title, g.title) AS title, s.starts_at, s.ends_at
    FROM session s JOIN segment g
      ON (g.tenant_id, g.series_id, g.from_local) = (s.tenant_id, s.series_id, s.segment_from)
    WHERE s.tenant_id = :tenant_id AND coalesce(s.instructor_id, g.instructor_id) = :user_id
      AND s.series_id IN (
          SELECT series_id FROM segment WHERE (tenant_id, instructor_id) = (:tenant_id, :user_id)
          UNION SELECT series_id FROM session WHERE (tenant_id, instructor_id) = (:tenant_id, :user_id))
    ORDER BY s.starts_at, s.series_id, s.recurrence_id""",
        "changes": """
    SELECT at, actor, kind FROM change_log
    WHERE tenant_id = :tenant_id AND noun = 'users' AND subject = CAST(:user_id AS text)
    ORDER BY transaction_id, seq""",
    }
)
"""What is kept of a person, by what it is; one statement each."""


def plans(tx: Tx, tenant_id: UUID, user_id: UUID, now: datetime) -> list[UUID]:
    """The plans that a person is enrolled in, as far as they may lie ahead."""
    asked = {"tenant_id": tenant_id, "user_id": user_id, "now": now, "today": now.replace(tzinfo=None)}
    return list(tx.scalars(PLANS, asked))


def leave(tx: Tx, tenant_id: UUID, user_id: UUID, now: datetime) -> None:
    """Let a person wait nowhere any more, and be excused from nothing that lies ahead."""
    person = {"tenant_id": tenant_id, "user_id": user_id}
    tx.execute(WAITS, person)
    tx.execute(EXCUSES, {**person, "now": now})


def forget(tx: Tx, tenant_id: UUID, user_id: UUID, email: str) -> None:
    """Forget the answers that are kept to be repeated and name a person; rows that came in bulk keep the id alone."""
    named = {"tenant_id": tenant_id, "id": str(user_id), "email": email}
    tx.execute(ANSWERS, named)
    tx.execute(ROWS, named)


def kept(tx: Tx, tenant_id: UUID, user_id: UUID, what: str) -> Sequence[dict[str, Any]]:
    """What is kept of a person, one of `KEPT`, in order."""
    found = tx.execute(text(KEPT[what]), {"tenant_id": tenant_id, "user_id": user_id})
    return [dict(row) for row in found.mappings()]
