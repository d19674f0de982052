"""The segments of a plan before and after an edit: what is left of the old ones, and where the new ones stand.

Touched rows stay at the segment they belong to, so that they keep what it says. Where nothing else of it is left, an
emptied copy of it, just before what takes its place, is kept for them; it gives nothing and is not shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session as Tx

import recurrence
from db import segments, tails
from db.models import Segment, Session
from lifecycle import State
from recurrence import Occurrence, Series
from services import difference
from services.errors import Conflict
from services.plan_change import Tail
from services.reach import Reach

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A segment that changes from a local start on: `base` is what it gave from there, `head` what stays of it.

    tail: what takes the place of the base; None: the tail of the piece before it does.
    """

    segment: Segment
    from_local: datetime
    cut: datetime
    head: Series | None
    base: Series
    tail: Tail | None

    def rows(self, reach: Reach) -> Iterator[Session]:
        """The rows that it gave from the cut on."""
        return (row for row in reach.rows if row.segment_from == self.from_local and row.recurrence_id >= self.cut)


@dataclass(slots=True, kw_only=True)
class Fresh:
    """A new segment, with its sessions up to the horizon; `alike`: rows and bookings need follow its times alone."""

    piece: Piece
    segment: Segment
    series: Series
    given: Mapping[datetime, Occurrence]
    alike: bool


def segment_of(old: Segment, tail: Tail, now: datetime) -> Segment:
    """The new segment, not yet written. It may take the place of a row, so nothing is left to the database to fill."""
    times = segments.columns_of(tail.series)
    return Segment(
        tenant_id=old.tenant_id,
        series_id=old.series_id,
        from_local=tail.from_local,
        **times,
        **tail.values,
        left_out=left_out(old, times["exdates"]),
        materialized_until=now,
        next_materialize_at=now,
        tzdata_version=recurrence.tzdata_version(),
        version=old.version + 1,
    )


def left_out(old: Segment, exdates: Sequence[str]) -> dict[str, str]:
    """Why some of the new exdates are ours: those that were, or that stand on the local date of one that was."""
    by_date = {start[:8]: why for start, why in old.left_out.items()}
    moved = {start: by_date[start[:8]] for start in exdates if start[:8] in by_date and start not in old.exdates}
    return moved | {start: why for start, why in old.left_out.items() if start in exdates}


def settle(tx: Tx, reach: Reach, pieces: Sequence[Piece], fresh: Sequence[Fresh]) -> None:
    """End the heads, keep what touched rows belong to, and put the new segments in their places.

    Raises Conflict when one would begin where another does.
    """
    begins = [one.segment.from_local for one in fresh]
    for place, wall in enumerate(begins):
        if wall in begins[:place]:
            raise Conflict(f"another stretch of the plan begins at {wall.isoformat()}")
    used = {one.from_local for one in reach.segments} | set(begins)
    for piece in pieces:
        stay = [row for row in piece.rows(reach) if difference.touched(row) and not removed_along(row, piece)]
        for row in stay:
            pin(row, piece.segment)
        if piece.head is not None:
            end(piece.segment, piece.head, piece.cut)
        elif stay or tails.has_before(tx, piece.segment, piece.cut):
            home_for(tx, piece.segment, min(begins), used, piece.cut, [row.recurrence_id for row in stay])
    make_way(tx, reach, pieces, begins, used)
    for one in fresh:
        stand(tx, reach, pieces, one.segment)
    tx.flush()


def home_for(
    tx: Tx, segment: Segment, wall: datetime, used: set[datetime], cut: datetime | None, some: Sequence[datetime]
) -> None:
    """An emptied copy at the last free place before a local time, for the rows of a segment before the cut (None: all)
    and some others.
    """
    while wall in used:
        wall -= SECOND
    used.add(wall)
    tx.add(emptied(segment, wall))
    tx.flush()
    tails.rehome_some(tx, segment, wall, cut, some)


def make_way(tx: Tx, reach: Reach, pieces: Sequence[Piece], begins: Sequence[datetime], used: set[datetime]) -> None:
    """Empty what the first new segment passes, of which every date is left out: else it would lie in the middle of it.
    What is kept for touched rows alone goes out of the way.
    """
    replaced = {piece.from_local for piece in pieces if piece.head is None}
    for one in reach.segments:
        if segments.is_empty(one):
            if one.from_local in begins:
                home_for(tx, one, one.from_local, used, None, ())
        elif begins[0] < one.from_local < pieces[0].cut and one.from_local not in replaced:
            for name, value in segments.emptied(one).items():
                setattr(one, name, value)


def removed_along(row: Session, piece: Piece) -> bool:
    """Whether a row was removed with its stretch of the plan."""
    return row.removed_at is not None and row.removed_at == piece.segment.removed_at


def pin(row: Session, segment: Segment) -> None:
    """Let a touched session that is still to come have its own times: its plan's are others from here on."""
    if row.state == State.SCHEDULED and row.removed_at is None and row.tracked and row.moved_to_local is None:
        row.moved_to_local = recurrence.wall_time(row.starts_at, segment.time_zone)
        row.moved_duration = str(recurrence.Duration.exactly(row.ends_at - row.starts_at))


def end(segment: Segment, head: Series, cut: datetime) -> None:
    """Let a segment end before the cut; `head` is what stays of it."""
    for name, value in segments.columns_of(head).items():
        setattr(segment, name, value)
    if segment.counted_until is not None and segment.counted_until > cut:
        segment.counted_until = segment.counted = None
    ends = recurrence.localize(cut, head.zone)
    if ends is not None and ends <= segment.materialized_until:
        segment.next_materialize_at = None


def columns(segment: Segment) -> dict[str, Any]:
    """All columns of a segment that are not computed from others."""
    names = [name for name, column in inspect(Segment).columns.items() if column.computed is None]
    return {name: getattr(segment, name) for name in names}


def emptied(segment: Segment, from_local: datetime) -> Segment:
    """A copy that gives nothing."""
    return Segment(**columns(segment) | segments.emptied(segment) | {"from_local": from_local})


def stand(tx: Tx, reach: Reach, pieces: Sequence[Piece], new: Segment) -> None:
    """Put a new segment in its place, over one that is not needed any more if need be. Raises Conflict."""
    there = next((one for one in reach.segments if one.from_local == new.from_local), None)
    if there is None:
        tx.add(new)
        return
    is_replaced = any(piece.segment is there and piece.head is None for piece in pieces)
    if not is_replaced and not segments.is_empty(there):
        raise Conflict(f"another stretch of the plan begins at {new.from_local.isoformat()}")
    for name, value in columns(new).items():
        setattr(there, name, value)


def drop(tx: Tx, pieces: Sequence[Piece], fresh: Sequence[Fresh]) -> None:
    """Delete the segments of which nothing is left."""
    standing = {one.segment.from_local for one in fresh}
    for piece in pieces:
        if piece.head is None and piece.from_local not in standing:
            tx.delete(piece.segment)
    tx.flush()
