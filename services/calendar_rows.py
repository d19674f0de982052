"""The rows of sessions that a calendar changed on their own: all of them in one statement.

A changed session is tracked when it begins after the import, wherever its plan had it; then its own times make it
due, and the row that its plan wrote a moment ago is taken over. One that began before is kept, never due. One that was
called off is so whenever it was to begin: that is known of it, and its ledger says who brought it in.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session as Tx

import recurrence
from db import ledger
from db.models import Segment
from db.sessions import SessionKey
from services import materialize
from services.calendar_entry import Change

EDITED_ONCE = 2  # the version of a session after people's first edit

KINDS = {
    "tenant_id": "uuid",
    "series_id": "uuid",
    "recurrence_id": "timestamp",
    "segment_from": "timestamp",
    "starts_at": "timestamptz",
    "ends_at": "timestamptz",
    "end_due_at": "timestamptz",
    "next_step": "text",
    "next_due_at": "timestamptz",
    "tracked": "boolean",
    "moved_to_local": "timestamp",
    "moved_duration": "text",
    "title": "text",
    "description": "text",
}
KEY = ("tenant_id", "series_id", "recurrence_id")

WRITE = text(f"""
    INSERT INTO session ({", ".join(KINDS)}, state, version)
    SELECT {", ".join(KINDS)}, 'SCHEDULED', {EDITED_ONCE}
    FROM unnest({", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in KINDS.items())}) AS new ({", ".join(KINDS)})
    ON CONFLICT ({", ".join(KEY)}) DO UPDATE
    SET version = excluded.version,
        {", ".join(f"{name} = excluded.{name}" for name in KINDS if name not in KEY)}
""")


class Row(NamedTuple):
    """A changed session and the segment it belongs to."""

    segment: Segment
    change: Change


def write(tx: Tx, rows: Sequence[Row], actor: str, now: datetime) -> None:
    """Write these sessions, or change the rows that are there already; `actor` brought them in."""
    if rows:
        columns = zip(*(values(row, now) for row in rows), strict=True)
        tx.execute(WRITE, {name: list(column) for name, column in zip(KINDS, columns, strict=True)})
    ledger.call_off(tx, [key_of(row) for row in rows if row.change.cancelled], actor, now)


def key_of(row: Row) -> SessionKey:
    """The key of a changed session."""
    return SessionKey(row.segment.tenant_id, row.segment.series_id, row.change.given.recurrence_id)


def values(row: Row, now: datetime) -> tuple[Any, ...]:
    """The columns of one row, in the order of KINDS."""
    segment, change = row
    at = recurrence.Occurrence((change.given.recurrence_id, change.starts_at, change.ends_at))
    tracked = change.cancelled or change.starts_at >= now
    planned = materialize.row_of(segment, at, tracked)
    lasts = recurrence.Duration.exactly(change.ends_at - change.starts_at)
    return (
        segment.tenant_id,
        segment.series_id,
        at.recurrence_id,
        segment.from_local,
        at.starts_at,
        at.ends_at,
        planned.end_due_at,
        planned.first_step,
        planned.first_due_at,
        tracked,
        recurrence.wall_time(at.starts_at, segment.time_zone) if change.moved else None,
        str(lasts) if change.moved else None,
        change.title,
        change.description,
    )
