"""Statements on sessions: written from occurrences, locked, found. All of them take sets of keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Row, Select, Uuid, cast, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session as Tx

from db import statements
from db.models import Segment, Session


class SessionKey(NamedTuple):
    """What names a session: its tenant, its series, and the wall time its rule gave it."""

    tenant_id: UUID
    series_id: UUID
    recurrence_id: datetime


class NewSession(NamedTuple):
    """A session to be written: its key, its segment, its planned start and end (instants), and what comes first.

    `first_step` is None for a session that is kept but never comes due.
    """

    tenant_id: UUID
    series_id: UUID
    recurrence_id: datetime
    segment_from: datetime
    starts_at: datetime
    ends_at: datetime
    end_due_at: datetime
    misfire_grace: timedelta | None
    first_step: str | None
    first_due_at: datetime | None


INSERT = statements.written("""
    INSERT INTO session (tenant_id, series_id, recurrence_id, segment_from, starts_at, ends_at, end_due_at,
                         misfire_grace, state, next_step, next_due_at, tracked)
    SELECT t, s, r, g, starts, ends, end_due, grace, 'SCHEDULED', step, due, step IS NOT NULL
    FROM unnest(CAST(:tenant_id AS uuid[]), CAST(:series_id AS uuid[]), CAST(:recurrence_id AS timestamp[]),
                CAST(:segment_from AS timestamp[]), CAST(:starts_at AS timestamptz[]),
                CAST(:ends_at AS timestamptz[]), CAST(:end_due_at AS timestamptz[]),
                CAST(:misfire_grace AS interval[]), CAST(:first_step AS text[]),
                CAST(:first_due_at AS timestamptz[]))
         AS new (t, s, r, g, starts, ends, end_due, grace, step, due)
    ON CONFLICT DO NOTHING
    RETURNING tenant_id, series_id, recurrence_id
""")


def insert(tx: Tx, sessions: Sequence[NewSession]) -> list[SessionKey]:
    """Write the sessions that are not there yet, in one statement; returns the keys of those written."""
    if not sessions:
        return []
    columns = dict(zip(NewSession._fields, (list(column) for column in zip(*sessions, strict=True)), strict=True))
    return [SessionKey(*row) for row in statements.fetch(tx, INSERT, columns)]


def arrays(keys: Sequence[SessionKey]) -> dict[str, list[Any]]:
    """The keys as three parallel arrays, as statements take them in `unnest`."""
    return {
        "tenant_ids": [key.tenant_id for key in keys],
        "series_ids": [key.series_id for key in keys],
        "recurrence_ids": [key.recurrence_id for key in keys],
    }


def with_segment() -> Select[Session, Segment]:
    """Every session beside its segment."""
    return select(Session, Segment).join(
        Segment,
        (Segment.tenant_id == Session.tenant_id)
        & (Segment.series_id == Session.series_id)
        & (Segment.from_local == Session.segment_from),
    )


def among(keys: Sequence[SessionKey]) -> ColumnElement[bool]:
    """The condition that a session is one of these; any number of them, as three parameters."""
    columns = zip((Uuid, Uuid, DateTime), (arrays(keys).values()), strict=True)
    wanted = func.unnest(*(cast(literal(values, ARRAY(kind)), ARRAY(kind)) for kind, values in columns))
    listed = wanted.table_valued("tenant_id", "series_id", "recurrence_id").render_derived()
    key = tuple_(Session.tenant_id, Session.series_id, Session.recurrence_id)
    return key.in_(select(listed.c.tenant_id, listed.c.series_id, listed.c.recurrence_id))


def lock(tx: Tx, keys: Sequence[SessionKey]) -> list[Row[Session, Segment]]:
    """The sessions of these keys with their segments, locked in key order until the transaction ends."""
    statement = (
        with_segment()
        .where(among(keys))
        .order_by(Session.series_id, Session.recurrence_id)
        .with_for_update(of=Session)
        .execution_options(populate_existing=True)
    )
    return list(tx.execute(statement))
