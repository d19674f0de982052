"""Statements that tell what plans take for themselves: spaces, instructors, and who is enrolled."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from db import statements
from db.segments import array_text

TAKES = statements.written("""
    WITH plan AS (
        SELECT * FROM segment WHERE tenant_id = :tenant_id AND series_id = ANY (CAST(:series_ids AS uuid[]))
    )
    SELECT space_id AS resource FROM plan WHERE space_id IS NOT NULL AND (:shared_too OR 'space' = ANY (exclusive))
    UNION SELECT instructor_id FROM plan
    WHERE instructor_id IS NOT NULL AND (:shared_too OR 'instructor' = ANY (exclusive))
    UNION SELECT e.user_id FROM plan g JOIN enrolment e USING (tenant_id, series_id)
    WHERE :shared_too OR 'participants' = ANY (g.exclusive)
    UNION SELECT own.resource FROM plan g
    JOIN session s ON (s.tenant_id, s.series_id, s.segment_from) = (g.tenant_id, g.series_id, g.from_local)
    CROSS JOIN LATERAL (VALUES (s.space_id), (s.instructor_id)) AS own (resource)
    WHERE s.ends_at > :now AND own.resource IS NOT NULL
""")

ENROLLED = statements.written("""
    SELECT user_id FROM enrolment
    WHERE (tenant_id, series_id) = (:tenant_id, :series_id) AND (until_local IS NULL OR until_local > :since)
      AND (CAST(:until AS timestamp) IS NULL OR from_local <= :until)
      AND NOT EXISTS (SELECT FROM attendance a
                      WHERE (a.tenant_id, a.series_id, a.recurrence_id, a.user_id)
                          = (enrolment.tenant_id, enrolment.series_id, CAST(:until AS timestamp), enrolment.user_id)
                        AND a.mark = 'EXCUSED')
    ORDER BY user_id
""")

STAYS = statements.written("""
    SELECT user_id, from_local, until_local FROM enrolment
    WHERE (tenant_id, series_id) = (:tenant_id, :series_id) AND (until_local IS NULL OR until_local > :since)
""")


def of_plans(
    tx: Tx, tenant_id: UUID, series_ids: Collection[UUID], now: datetime, shared_too: bool = False
) -> list[UUID]:
    """All that the sessions of these series may take from `now` on, be it by an edit of one of them alone.

    `shared_too`: what they use without having it for themselves as well.
    """
    asked = {"tenant_id": tenant_id, "series_ids": array_text(series_ids), "now": now, "shared_too": shared_too}
    return [id_ for [id_] in statements.fetch(tx, TAKES, asked)] if series_ids else []


def enrolled(tx: Tx, tenant_id: UUID, series_id: UUID, since: datetime, until: datetime | None) -> list[UUID]:
    """Who is expected at a session of this series that starts in [since, until], wall times; None: without end.

    Of one session (both are its own) those that are excused are left out.
    """
    asked = {"tenant_id": tenant_id, "series_id": series_id, "since": since, "until": until}
    return [id_ for [id_] in statements.fetch(tx, ENROLLED, asked)]


def stays(tx: Tx, tenant_id: UUID, series_id: UUID, since: datetime) -> list[tuple[Any, ...]]:
    """Who is expected at sessions of this series that start at a wall time or later: since when, and until when."""
    return statements.fetch(tx, STAYS, {"tenant_id": tenant_id, "series_id": series_id, "since": since})
