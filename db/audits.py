"""Statements of the auditor: which segments come next, what is stored of them, and what was found."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session as Tx

from db.models import Audit, Segment, Series

SEGMENTS = "segments"  # the one round there is
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
SEGMENT_KEY = (Segment.tenant_id, Segment.series_id, Segment.from_local)

STORED = text("""
    SELECT s.tenant_id, s.series_id, s.segment_from, s.recurrence_id, s.starts_at, s.ends_at, s.moved_to_local,
           s.state = 'SCHEDULED' AND s.removed_at IS NULL AND s.set_aside IS NULL AND s.tracked AS alive
    FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]), CAST(:from_locals AS timestamp[]))
         AS g (tenant_id, series_id, from_local)
    JOIN session s ON (s.tenant_id, s.series_id, s.segment_from) = (g.tenant_id, g.series_id, g.from_local)
     AND s.recurrence_id >= :since
""")

FOUND = text("""
    UPDATE segment g SET mismatch = found.mismatch
    FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]), CAST(:from_locals AS timestamp[]),
                CAST(:mismatches AS text[])) AS found (tenant_id, series_id, from_local, mismatch)
    WHERE (g.tenant_id, g.series_id, g.from_local) = (found.tenant_id, found.series_id, found.from_local)
      AND g.mismatch IS DISTINCT FROM found.mismatch
""")


class SegmentKey(NamedTuple):
    """What names a segment."""

    tenant_id: UUID
    series_id: UUID
    from_local: datetime


class Stored(NamedTuple):
    """A stored session; `alive`: scheduled and tracked, neither removed nor set aside."""

    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime
    moved_to_local: datetime | None
    alive: bool


def take(tx: Tx, limit: int, now: datetime, not_within: timedelta) -> list[SegmentKey]:
    """The segments that come next in the round, and the place after them is remembered.

    Empty when a sample was taken less than `not_within` ago, or is being taken. At the end the round begins anew.
    """
    fresh = {"name": SEGMENTS, "looked_at": NEVER}
    tx.execute(insert(Audit).values(fresh).on_conflict_do_nothing())
    waiting = select(Audit).where(Audit.name == SEGMENTS, Audit.looked_at <= now - not_within)
    place = tx.scalars(waiting.with_for_update(skip_locked=True)).one_or_none()
    if place is None:
        return []
    statement = select(*SEGMENT_KEY).order_by(*SEGMENT_KEY).limit(limit)
    if place.series_id is not None:
        statement = statement.where(tuple_(*SEGMENT_KEY) > (place.tenant_id, place.series_id, place.from_local))
    keys = [SegmentKey(*row) for row in tx.execute(statement)]
    last = keys[-1] if len(keys) == limit else (None, None, None)
    place.tenant_id, place.series_id, place.from_local = last
    place.looked_at = now
    return keys


def segments(tx: Tx, keys: Sequence[SegmentKey]) -> list[Row[Segment, Series]]:
    """These segments, each beside its series."""
    return list(
        tx.execute(
            select(Segment, Series)
            .join(Series, (Series.tenant_id == Segment.tenant_id) & (Series.id == Segment.series_id))
            .where(tuple_(*SEGMENT_KEY).in_(keys))
        )
    )


def stored(tx: Tx, keys: Sequence[SegmentKey], since: datetime) -> dict[SegmentKey, list[Stored]]:
    """What is stored of these segments, from a recurrence id (wall time) on."""
    found: dict[SegmentKey, list[Stored]] = {key: [] for key in keys}
    for row in tx.execute(STORED, columns(keys) | {"since": since}):
        found[SegmentKey(*row[:3])].append(Stored(*row[3:]))
    return found


def found(tx: Tx, mismatches: dict[SegmentKey, str | None]) -> None:
    """Write down what is wrong with these segments; None: nothing."""
    if mismatches:
        tx.execute(FOUND, columns(list(mismatches)) | {"mismatches": list(mismatches.values())})


def standing(tx: Tx) -> int:
    """How many segments have a mismatch that was not gone when they were last audited; a small index."""
    return tx.scalar(select(func.count()).select_from(Segment).where(Segment.mismatch.is_not(None))) or 0


def last(tx: Tx) -> datetime | None:
    """When a sample was last taken; None: never."""
    return tx.scalar(select(Audit.looked_at).where(Audit.name == SEGMENTS))


def columns(keys: Sequence[SegmentKey]) -> dict[str, list[object]]:
    """The keys as three parallel arrays, as statements take them in `unnest`."""
    return {
        "tenant_ids": [key.tenant_id for key in keys],
        "series_ids": [key.series_id for key in keys],
        "from_locals": [key.from_local for key in keys],
    }
