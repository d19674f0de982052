"""What lies in the database after a run, read with plain SQL into plain values. Nothing of ours is imported."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

JUST_NOW = timedelta(seconds=1)

SERIES = """
    SELECT s.id, CAST(substr(g.description, 7) AS int), s.created_at, s.removed_at, s.tracked_from,
           min(g.materialized_until), max(g.set_aside), s.version, s.updated_at,
           ARRAY(SELECT DISTINCT f.replaced_at FROM former f WHERE f.tenant_id = s.tenant_id AND f.series_id = s.id)
    FROM series s JOIN segment g ON g.tenant_id = s.tenant_id AND g.series_id = s.id
    WHERE g.description LIKE 'chaos-%' GROUP BY s.tenant_id, s.id, g.description ORDER BY 2"""

SESSIONS = """
    SELECT s.series_id, s.recurrence_id, s.starts_at, s.ends_at, s.state, s.tracked, s.next_step, s.next_due_at,
           s.removed_at, coalesce(s.title, g.title)
    FROM session s JOIN segment g ON (g.tenant_id, g.series_id, g.from_local)
                                   = (s.tenant_id, s.series_id, s.segment_from)
    ORDER BY s.series_id, s.recurrence_id"""

LEDGER = """
    SELECT series_id, recurrence_id, seq, kind, effective_at, applied_at, actor, outcome
    FROM transition ORDER BY series_id, recurrence_id, seq"""

MARKS = "SELECT series_id, recurrence_id, user_id::text, mark, marked_by FROM attendance"
BOOKINGS = "SELECT series_id, recurrence_id, resource::text, lower(during), upper(during) FROM booking"


class Plan(NamedTuple):
    """A plan as it is stored; `number` is the one that its client gave it.

    watermark: up to where there are rows of all of it. version, updated_at: of its last edit as a whole. replaced:
    when such edits gave it other starts.
    """

    series_id: UUID
    number: int
    created_at: datetime
    removed_at: datetime | None
    tracked_from: datetime
    watermark: datetime
    set_aside: str | None
    version: int = 1
    updated_at: datetime | None = None
    replaced: Sequence[datetime] = ()


class Session(NamedTuple):
    """A session as it is stored."""

    series_id: UUID
    local: datetime
    starts_at: datetime
    ends_at: datetime
    state: str
    tracked: bool
    next_step: str | None
    next_due_at: datetime | None
    removed_at: datetime | None
    title: str | None


class Entry(NamedTuple):
    """A row of the ledger."""

    seq: int
    kind: str
    effective_at: datetime
    applied_at: datetime
    actor: str
    outcome: str

    @property
    def by_hand(self) -> bool:
        return self.actor != "system"

    @property
    def late_s(self) -> float:
        return (self.applied_at - self.effective_at).total_seconds()


Key = tuple[UUID, datetime]


class World(NamedTuple):
    """Everything that was stored at `now`, by the keys of series and sessions."""

    now: datetime
    plans: list[Plan]
    sessions: dict[UUID, list[Session]]
    ledger: dict[Key, list[Entry]]
    marks: dict[Key, dict[str, tuple[str, str]]]
    bookings: dict[Key, list[tuple[str, datetime, datetime]]]

    def is_quiet(self) -> bool:
        """Whether nothing fell due just now, so that it may be half done; what was due before is not excused."""
        dues = (one.next_due_at for many in self.sessions.values() for one in many if one.next_due_at is not None)
        return not any(self.now - JUST_NOW < due <= self.now for due in dues)


def read(url: str) -> World:
    """Read all of it in one transaction, as of one instant."""
    sessions: dict[UUID, list[Session]] = defaultdict(list)
    ledger: dict[Key, list[Entry]] = defaultdict(list)
    marks: dict[Key, dict[str, tuple[str, str]]] = defaultdict(dict)
    bookings: dict[Key, list[tuple[str, datetime, datetime]]] = defaultdict(list)
    with psycopg.connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET LOCAL TIME ZONE 'UTC'")
        for row in connection.execute(SESSIONS):
            sessions[row[0]].append(Session(*row))
        for row in connection.execute(LEDGER):
            ledger[row[0], row[1]].append(Entry(*row[2:]))
        for series_id, local, user, mark, by in connection.execute(MARKS):
            marks[series_id, local][user] = (mark, by)
        for series_id, local, *booking in connection.execute(BOOKINGS):
            bookings[series_id, local].append((booking[0], booking[1], booking[2]))
        plans = [Plan(*row) for row in connection.execute(SERIES)]
        now: Any = connection.execute("SELECT now()").fetchone()
    return World(now[0], plans, sessions, ledger, marks, bookings)
