"""Write what an edit made of a plan's segments: heads end, tails begin, and the rows ahead follow.

A row whose local start stays keeps its key, and with it all that belongs to it. One that goes to another local start is
written anew, and excuses made in advance go along; one that nothing stands for is deleted. Touched rows stay as they
are, at the segment they belong to (see `stretches_left`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session as Tx

import recurrence
from config.settings import Settings
from db import bookings, carry, sessions, tails
from db.models import Session
from db.sessions import NewSession, SessionKey
from recurrence import Occurrence, Series
from services import difference, former, materialize, settled, stretch, stretches_left, successor
from services.difference import Difference, Kept, Moved, Slot
from services.plan_change import BOOKED, Tail
from services.reach import Reach
from services.stretches_left import Fresh, Piece
from services.successor import Days, of_start

ALIKE = ("auto_start", "auto_end", "misfire_grace", *BOOKED)
"""Columns that rows and bookings follow, besides times."""

MANY = 60  # days a row, for which looking day by day costs less than looking at all days between


@dataclass(slots=True)
class Work:
    """What is to be done to rows: `alike` change their segment at most, `heirs` are new starts by old ones."""

    alike: dict[datetime, list[SessionKey]] = field(default_factory=dict)
    changed: list[NewSession] = field(default_factory=list)
    new: dict[datetime, NewSession] = field(default_factory=dict)
    gone: list[SessionKey] = field(default_factory=list)
    heirs: dict[datetime, datetime] = field(default_factory=dict)
    taken: set[datetime] = field(default_factory=set)


def write(
    tx: Tx, reach: Reach, pieces: Sequence[Piece], now: datetime, settings: Settings
) -> tuple[Difference, list[Fresh]]:
    """Write the pieces, of which the first has a tail; what could not be booked is told as clashes. The segments that
    begin come along.

    Raises Conflict when two of them would begin at once.
    """
    found = Difference(until=pieces[0].segment.materialized_until)
    work, fresh = Work(), [begun(piece, piece.tail, now, settings) for piece in pieces if piece.tail is not None]
    for one in fresh:
        work.new |= {id_: materialize.row_of(one.segment, at) for id_, at in one.given.items()}
    into = fresh[0]
    for piece in pieces:
        into = next((one for one in fresh if one.piece is piece), into)
        sort_rows(reach, piece, into, work, found)
    tell_rest(reach, pieces, work, found)
    stretches_left.settle(tx, reach, pieces, fresh)
    carry_out(tx, reach, work)
    stretches_left.drop(tx, pieces, fresh)
    found.clashes = book(tx, work)
    for piece in pieces:
        if piece.tail is None or piece.tail.moves:
            former.keep(tx, piece.segment, piece.base, piece.cut, now)
    return found, fresh


def begun(piece: Piece, tail: Tail, now: datetime, settings: Settings) -> Fresh:
    """The new segment of a piece, not yet written, and its sessions up to the horizon."""
    segment = stretches_left.segment_of(piece.segment, tail, now)
    given = stretch.begin(segment, now, settings)
    starts = {one[0]: Occurrence(one) for one in zip(*given[-3:], strict=True)}
    alike = all(getattr(piece.segment, name) == getattr(segment, name) for name in ALIKE)
    return Fresh(piece=piece, segment=segment, series=tail.series, given=starts, alike=alike)


def sort_rows(reach: Reach, piece: Piece, into: Fresh, work: Work, found: Difference) -> None:
    """Decide what becomes of each row of a piece; `into` has the tail that takes its place."""
    rows = [row for row in piece.rows(reach) if difference.touched(row) is None]
    before, after = both_days(piece.base, into.series, rows, piece.tail is None or piece.tail.moves)
    for row in rows:
        old, key = difference.slot_of(row), settled.key_of(row)
        heir = heir_of(row, into, before, after)
        if heir is None or heir.recurrence_id in work.taken:
            work.gone.append(key)
            found.removed.append(old)
            continue
        work.taken.add(heir.recurrence_id)
        new = Slot(*heir)
        if new == old:
            found.kept.append(Kept(old, None))
        else:
            found.moved.append(Moved(old, new))
        if heir.recurrence_id != row.recurrence_id:
            work.gone.append(key)
            work.heirs[row.recurrence_id] = heir.recurrence_id
            work.new[heir.recurrence_id] = materialize.row_of(into.segment, heir)
            continue
        planned = work.new.pop(row.recurrence_id, None) or materialize.row_of(into.segment, heir)
        if new == old and into.alike:
            work.alike.setdefault(into.segment.from_local, []).append(key)
        else:
            work.changed.append(planned)


def both_days(
    base: Series, series: Series, rows: Sequence[Session], moves: bool
) -> tuple[Days, Days] | tuple[None, None]:
    """The local starts before and after the change, where they may differ; those of these rows' time at once."""
    if not moves or not rows:
        return None, None
    since = min(row.starts_at for row in rows) - 2 * successor.SLACK
    until = max(row.starts_at for row in rows) + 2 * successor.SLACK
    if until - since > MANY * len(rows) * successor.DAY:
        return Days(base), Days(series)
    return Days(base, since, until), Days(series, since, until)


def heir_of(row: Session, into: Fresh, before: Days | None, after: Days | None) -> Occurrence | None:
    """The session that stands for a row after the change; None: nothing does."""
    wall: datetime | None = row.recurrence_id
    if before is not None and after is not None:
        wall = of_start(row.recurrence_id, before, after)
    if wall is None:
        return None
    return into.given.get(wall) or recurrence.occurrence_at(into.series, wall)


def tell_rest(reach: Reach, pieces: Sequence[Piece], work: Work, found: Difference) -> None:
    """Add to the difference what is new, and what is left alone; forget rows that were removed with their stretch."""
    by_segment = {piece.segment.from_local: piece.segment for piece in pieces}
    for row in reach.rows:
        if row.recurrence_id < pieces[0].cut:
            continue
        segment = by_segment.get(row.segment_from)
        if segment is not None and segment.removed_at is not None and row.removed_at == segment.removed_at:
            work.gone.append(settled.key_of(row))
        elif (why := difference.touched(row)) is not None:
            found.kept.append(Kept(difference.slot_of(row), why))
    heirs = set(work.heirs.values())
    found.added += [
        Slot(one.recurrence_id, one.starts_at, one.ends_at)
        for one in work.new.values()
        if one.recurrence_id not in heirs and one.starts_at < found.until
    ]
    found.kept.sort()


def carry_out(tx: Tx, reach: Reach, work: Work) -> None:
    """Change, write and delete the rows; what belongs to one that goes is carried on to its heir."""
    tails.replan(tx, work.changed)
    for from_local, keys in work.alike.items():
        alike = set(keys)
        if any(row.segment_from != from_local and settled.key_of(row) in alike for row in reach.rows):
            tails.rehome(tx, keys, from_local)
    gone = [key.recurrence_id for key in work.gone]
    lifted = carry.lift(tx, reach.named.tenant_id, reach.named.series_id, work.heirs, gone)
    tails.forget(tx, work.gone)
    sessions.insert(tx, list(work.new.values()))
    carry.put(tx, lifted)


def book(tx: Tx, work: Work) -> Sequence[bookings.Taken]:
    """Book what is new or changed, all in one statement; who is in the way."""
    changed = [SessionKey(*one[:3]) for one in work.changed]
    bookings.release(tx, changed)
    lost = bookings.book(tx, [*changed, *(SessionKey(*one[:3]) for one in work.new.values())])
    return bookings.in_the_way(tx, lost) if lost else ()
