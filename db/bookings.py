"""Statements on bookings: what spaces and instructors are taken for.

A session's bookings go in as one statement, ordered by resource and start, so that writers meet in one order
and do not deadlock. A booking that overlaps another is left out and told; the caller decides what that means.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session as Tx

from db import statements
from db.sessions import SessionKey, arrays

LOCK = statements.written("""
    SELECT set_config('lock_timeout', max(before), true) FROM (
        SELECT before, CAST(pg_advisory_xact_lock(key) AS text) AS granted
        FROM (SELECT current_setting('lock_timeout') AS before, set_config('lock_timeout', :patience, true) AS meanwhile
              OFFSET 0) AS patient,
             (SELECT DISTINCT turn, hashtextextended(CAST(resource AS text), 0) AS key
              FROM (SELECT 1 AS turn, unnest(CAST(:plans AS uuid[])) AS resource
                    UNION ALL SELECT 2, unnest(CAST(:resources AS uuid[]))) AS wanted
              ORDER BY turn, key OFFSET 0) AS sorted
        OFFSET 0
    ) AS turn
""")

FIRST = statements.written("""
    SELECT pg_try_advisory_xact_lock(key) FROM (
        SELECT min(hashtextextended(CAST(resource AS text), 0)) AS key
        FROM unnest(CAST(:resources AS uuid[])) AS wanted (resource) HAVING count(*) > 0 OFFSET 0
    ) AS first
""")

PATIENCE = "4s"  # for one's turn: those before are done in a few milliseconds each, but there may be a hundred

WANTED = """
    wanted AS MATERIALIZED (
        SELECT s.tenant_id, s.series_id, s.recurrence_id, r.resource, s.starts_at, s.ends_at
        FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]),
                    CAST(:recurrence_ids AS timestamp[])) AS k (tenant_id, series_id, recurrence_id)
        JOIN session s USING (tenant_id, series_id, recurrence_id)
        JOIN segment g ON (g.tenant_id, g.series_id, g.from_local) = (s.tenant_id, s.series_id, s.segment_from)
        CROSS JOIN LATERAL (VALUES ('space', coalesce(s.space_id, g.space_id)),
                                   ('instructor', coalesce(s.instructor_id, g.instructor_id)))
                           AS r (kind, resource)
        WHERE r.resource IS NOT NULL AND r.kind = ANY (g.exclusive)
          AND s.removed_at IS NULL AND s.state IN ('SCHEDULED', 'IN_PROGRESS') AND s.tracked
    )
"""

BOOK = statements.written(f"""
    WITH {WANTED}, booked AS (
        INSERT INTO booking (tenant_id, series_id, recurrence_id, resource, during)
        SELECT tenant_id, series_id, recurrence_id, resource, tstzrange(starts_at, ends_at)
        FROM wanted ORDER BY resource, starts_at
        ON CONFLICT DO NOTHING
        RETURNING series_id, recurrence_id, resource
    )
    SELECT tenant_id, series_id, recurrence_id, resource, starts_at, ends_at FROM wanted
    WHERE NOT EXISTS (SELECT FROM booked b WHERE (b.series_id, b.recurrence_id, b.resource)
                                               = (wanted.series_id, wanted.recurrence_id, wanted.resource))
    ORDER BY starts_at
""")

RELEASE = statements.written("""
    DELETE FROM booking b
    USING unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]), CAST(:recurrence_ids AS timestamp[]))
          AS k (tenant_id, series_id, recurrence_id)
    WHERE (b.tenant_id, b.series_id, b.recurrence_id) = (k.tenant_id, k.series_id, k.recurrence_id)
    RETURNING b.tenant_id, b.resource, lower(b.during), upper(b.during)
""")

DENIED = text("""
    SELECT DISTINCT s.tenant_id, s.series_id, s.recurrence_id
    FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:resources AS uuid[]), CAST(:starts AS timestamptz[]),
                CAST(:ends AS timestamptz[])) AS f (tenant_id, resource, starts_at, ends_at)
    JOIN session s ON s.tenant_id = f.tenant_id AND s.clash IS NOT NULL AND s.starts_at > :now
     AND s.starts_at < f.ends_at AND s.ends_at > f.starts_at
     AND CAST(f.resource AS text) = ANY (string_to_array(s.clash, ' '))
    WHERE s.state = 'SCHEDULED' AND s.removed_at IS NULL
    ORDER BY s.series_id, s.recurrence_id
""")

FORGET = text("""
    UPDATE session s SET clash = NULL
    FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]), CAST(:recurrence_ids AS timestamp[]))
         AS k (tenant_id, series_id, recurrence_id)
    WHERE (s.tenant_id, s.series_id, s.recurrence_id) = (k.tenant_id, k.series_id, k.recurrence_id)
""")

HELD_BY = text("""
    SELECT w.tenant_id, w.series_id, w.recurrence_id, b.tenant_id, b.series_id, b.recurrence_id
    FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]), CAST(:recurrence_ids AS timestamp[]),
                CAST(:resources AS uuid[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
         AS w (tenant_id, series_id, recurrence_id, resource, starts_at, ends_at)
    JOIN booking b ON b.resource = w.resource AND lower(b.during) < w.ends_at AND upper(b.during) > w.starts_at
    WHERE (b.series_id, b.recurrence_id) <> (w.series_id, w.recurrence_id)
    ORDER BY lower(b.during), b.series_id
""")

TELL = text("""
    UPDATE session s SET clash = lost.resources FROM (
        SELECT tenant_id, series_id, recurrence_id, string_agg(CAST(resource AS text), ' ') AS resources
        FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]), CAST(:recurrence_ids AS timestamp[]),
                    CAST(:resources AS uuid[])) AS l (tenant_id, series_id, recurrence_id, resource)
        GROUP BY 1, 2, 3) AS lost
    WHERE (s.tenant_id, s.series_id, s.recurrence_id) = (lost.tenant_id, lost.series_id, lost.recurrence_id)
""")

IN_THE_WAY = text("""
    SELECT s.series_id, s.recurrence_id, b.resource, lower(b.during), upper(b.during)
    FROM unnest(CAST(:resources AS uuid[]), CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[]))
         AS lost (resource, starts_at, ends_at)
    JOIN booking b ON b.resource = lost.resource
     AND lower(b.during) < lost.ends_at AND upper(b.during) > lost.starts_at
    JOIN session s USING (tenant_id, series_id, recurrence_id)
    GROUP BY s.series_id, s.recurrence_id, b.resource, b.during
    ORDER BY lower(b.during), b.resource LIMIT :limit
""")

MOST_LISTED = 100  # clashes listed in one answer, soonest first


class Lost(NamedTuple):
    """A booking that could not be made, because another holds the resource then."""

    key: SessionKey
    resource: UUID
    starts_at: datetime
    ends_at: datetime


class Freed(NamedTuple):
    """What a booking took until it was released."""

    tenant_id: UUID
    resource: UUID
    starts_at: datetime
    ends_at: datetime


class Taken(NamedTuple):
    """A booking that stands in the way: whose it is, what it takes, and from when until when."""

    series_id: UUID
    recurrence_id: datetime
    resource: UUID
    starts_at: datetime
    ends_at: datetime


def lock(tx: Tx, resources: Sequence[UUID], plans: Sequence[UUID] = ()) -> None:
    """Let plans that want the same resources take turns until the transaction ends.

    plans: series whose places are given away, or may become more or less; they come first, so that whoever gives a
    place away may then take its person.
    """
    if resources or plans:
        statements.fetch(tx, LOCK, {"resources": list(resources), "plans": list(plans), "patience": PATIENCE})


def is_free(tx: Tx, resources: Sequence[UUID]) -> bool:
    """Whether nobody has the turn that `lock` would wait for first; then it is had from now on."""
    return all(got for [got] in statements.fetch(tx, FIRST, {"resources": list(resources)}))


def book(tx: Tx, keys: Sequence[SessionKey]) -> list[Lost]:
    """Book what these sessions take, in one statement; returns what could not be booked, soonest first."""
    if not keys:
        return []
    return [Lost(SessionKey(*row[:3]), *row[3:]) for row in statements.fetch(tx, BOOK, arrays(keys))]


def release(tx: Tx, keys: Sequence[SessionKey]) -> list[Freed]:
    """Free what these sessions take; returns what they had."""
    return [Freed(*row) for row in statements.fetch(tx, RELEASE, arrays(keys))] if keys else []


def denied(tx: Tx, freed: Sequence[Freed], now: datetime) -> list[SessionKey]:
    """The sessions ahead that say in `clash` that they lack one of these resources, at a time at which it was freed."""
    if not freed:
        return []
    tenants, resources, starts, ends = (list(column) for column in zip(*freed, strict=True))
    wanted = {"tenant_ids": tenants, "resources": resources, "starts": starts, "ends": ends, "now": now}
    return [SessionKey(*row) for row in tx.execute(DENIED, wanted)]


def book_again(tx: Tx, keys: Sequence[SessionKey]) -> list[Lost]:
    """Book what these sessions take anew, and forget what they lost before; returns as `book` does."""
    if not keys:
        return []
    release(tx, keys)
    tx.execute(FORGET, arrays(keys))
    return book(tx, keys)


def held_by(tx: Tx, wanted: Sequence[Lost]) -> list[tuple[SessionKey, SessionKey]]:
    """Pairs: a session that wants a resource, and one whose booking holds it then, soonest booking first."""
    if not wanted:
        return []
    asked = arrays([one.key for one in wanted]) | {
        "resources": [one.resource for one in wanted],
        "starts": [one.starts_at for one in wanted],
        "ends": [one.ends_at for one in wanted],
    }
    return [(SessionKey(*row[:3]), SessionKey(*row[3:])) for row in tx.execute(HELD_BY, asked)]


def tell(tx: Tx, lost: Sequence[Lost]) -> None:
    """Write down at each session what it could not book, in one statement."""
    tx.execute(TELL, arrays([one.key for one in lost]) | {"resources": [one.resource for one in lost]})


def in_the_way(tx: Tx, lost: Sequence[Lost]) -> list[Taken]:
    """The bookings that hold what was lost, soonest first, at most `MOST_LISTED`."""
    wanted = {
        "resources": [one.resource for one in lost],
        "starts": [one.starts_at for one in lost],
        "ends": [one.ends_at for one in lost],
        "limit": MOST_LISTED,
    }
    return [Taken(*row) for row in tx.execute(IN_THE_WAY, wanted)]
