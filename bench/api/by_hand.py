"""The limit: the same week, the same bytes, written by hand with psycopg. No layers, no models, one statement.

One connection a thread; a transaction in which the key is looked up and the tenant's role taken, then the page. It
knows no other filter, no cursor and no session that is not stored.
"""

import hashlib
import os
import threading
from datetime import datetime
from typing import Any, Final

import orjson
import psycopg
from flask import Flask, Response, request

URL: Final = os.environ.get("DATABASE_URL", "")
LIMIT_MOST: Final = 100

ENTER: Final = """
    SELECT tenant_id, role, set_config('role', 'sessionbeat_api', true),
           set_config('app.tenant', CAST(tenant_id AS text), true), clock_timestamp()
    FROM api_key WHERE key_hash = %s AND revoked_at IS NULL"""

WEEK: Final = """
    WITH mine AS (
        SELECT series_id FROM enrolment WHERE tenant_id = %(tenant)s AND user_id = %(user)s
        UNION SELECT series_id FROM segment WHERE tenant_id = %(tenant)s AND instructor_id = %(user)s
        UNION SELECT series_id FROM session WHERE tenant_id = %(tenant)s AND instructor_id = %(user)s)
    SELECT s.series_id, s.recurrence_id, v.type, coalesce(s.title, g.title), coalesce(s.description, g.description),
           g.time_zone, s.starts_at, s.ends_at,
           CASE WHEN s.next_step = 'START' AND s.next_due_at <= %(now)s AND NOT late THEN s.next_due_at
                WHEN s.started_at <= %(now)s THEN s.started_at END,
           CASE WHEN s.next_step IN ('START', 'END') AND s.end_due_at <= %(now)s
                     AND CASE WHEN s.next_step = 'START' THEN NOT late ELSE s.state = 'IN_PROGRESS' END
                THEN s.end_due_at
                WHEN s.ended_at <= %(now)s THEN s.ended_at END,
           s.removed_at,
           CASE WHEN NOT s.tracked THEN NULL
                WHEN s.started_at > %(now)s OR (s.state = 'MISSED' AND s.starts_at > %(now)s)
                     OR (s.state = 'MISSED' AND s.misfire_grace IS NULL AND s.ends_at > %(now)s) THEN 'SCHEDULED'
                WHEN s.ended_at > %(now)s THEN 'IN_PROGRESS'
                WHEN late THEN 'MISSED'
                WHEN s.next_step = 'START' AND s.next_due_at <= %(now)s AND s.end_due_at <= %(now)s THEN 'COMPLETED'
                WHEN s.next_step = 'START' AND s.next_due_at <= %(now)s THEN 'IN_PROGRESS'
                WHEN s.next_step = 'END' AND s.next_due_at <= %(now)s
                     THEN CASE s.state WHEN 'IN_PROGRESS' THEN 'COMPLETED' ELSE 'MISSED' END
                ELSE s.state END,
           s.tracked, s.progress, s.clash, g.routine_id, g.program_id, g.timeline_id, coalesce(s.space_id, g.space_id),
           g.subject_id, coalesce(s.instructor_id, g.instructor_id), coalesce(s.capacity, g.capacity),
           s.version + g.version - 1
    FROM session s
    JOIN segment g ON (g.tenant_id, g.series_id, g.from_local) = (s.tenant_id, s.series_id, s.segment_from)
    JOIN series v ON (v.tenant_id, v.id) = (s.tenant_id, s.series_id),
    LATERAL (SELECT s.next_step = 'START' AND coalesce(s.next_due_at + s.misfire_grace < %(now)s, false) AS late) AS l
    WHERE s.tenant_id = %(tenant)s AND s.series_id IN (SELECT series_id FROM mine) AND v.removed_at IS NULL
      AND s.removed_at IS NULL AND s.starts_at < %(to)s AND s.ends_at > %(from)s
      AND s.starts_at > CAST(%(from)s AS timestamptz) - interval '366 days'
    ORDER BY s.starts_at, s.series_id, s.recurrence_id LIMIT %(limit)s"""

app = Flask("by_hand")
mine = threading.local()


def connection() -> psycopg.Connection:
    """This thread's own."""
    if not hasattr(mine, "connection"):
        mine.connection = psycopg.connect(URL, options="-c timezone=UTC")
    found: psycopg.Connection = mine.connection
    return found


@app.get("/api/v1/sessions")
def week() -> Response:
    """One person's sessions in a window."""
    key = request.headers["Authorization"].removeprefix("Bearer ")
    asked = request.args
    with connection().transaction(), connection().cursor() as cursor:
        found = cursor.execute(ENTER, [hashlib.sha256(key.encode()).digest()]).fetchone()
        if found is None:
            return Response(status=401)
        limit = min(int(asked["limit"]), LIMIT_MOST)
        values = {"tenant": found[0], "user": asked["userId"], "now": found[4], "limit": limit + 1,
                  "from": datetime.fromisoformat(asked["from"]), "to": datetime.fromisoformat(asked["to"])}  # fmt: skip
        rows = cursor.execute(WEEK, values).fetchall()
    body = {"data": [shown(row) for row in rows[:limit]], "nextCursor": None, "hasMore": len(rows) > limit}
    return Response(orjson.dumps(body, option=orjson.OPT_UTC_Z), content_type="application/json")


def shown(row: tuple[Any, ...]) -> dict[str, Any]:
    """One session."""
    series, recurrence_id = row[0], row[1]
    return {
        "id": f"{series}_{recurrence_id:%Y%m%dT%H%M%S}",
        "sessionId": series,
        "type": row[2],
        "title": row[3],
        "description": row[4],
        "timeZone": row[5],
        "scheduledAt": row[6],
        "scheduledEndAt": row[7],
        "startedAt": row[8],
        "endedAt": row[9],
        "removedAt": row[10],
        "state": row[11],
        "tracked": row[12],
        "materialized": True,
        "recurrenceId": recurrence_id,
        "progress": row[13],
        "clash": row[14],
        "routineId": row[15],
        "programId": row[16],
        "timelineId": row[17],
        "spaceId": row[18],
        "subjectId": row[19],
        "instructorId": row[20],
        "capacity": row[21],
        "notes": [],
        "version": row[22],
    }
