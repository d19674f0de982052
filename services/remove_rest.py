"""Remove, restore or delete a plan from one session on: its head ends, the rest is a stretch of its own.

Removed softly, the rest stays as a segment that gives nothing; what it would give, near or far, tells when it was
removed. Every session of it that is not over is taken, touched or not. Deleted, nothing of it is left.
"""

from datetime import datetime

from sqlalchemy.orm import Session as Tx

import recurrence
from config.settings import Settings
from db import bookings, carry, segments, tails
from db.models import Segment, Session
from recurrence import Series
from services import capacity, edit_plan, former, history, materialize, reach, remove, settled, stretches_left, waitlist
from services import restore as restored
from services.errors import Clash, Conflict
from services.reach import Named, Reach
from services.remove import Target


def hold(tx: Tx, named: Named, now: datetime) -> Reach:
    """The plan, held with its sessions from the named one on. Raises NotFound."""
    return reach.hold(tx, named, (), now, from_past=True)


def take(tx: Tx, held: Reach, actor: str, now: datetime) -> None:
    """Remove what is not over, from the named session on. Again, it changes nothing. Raises NotFound."""
    reach.check_there(tx, held)
    if held.series.removed_at is not None or segment_of(held).removed_at is not None:
        return
    edit_plan.bring_up(tx, held, now)
    cut = reach.first_ahead(held.segments, held.named, now)
    if cut is not None:
        if is_first(held, cut.segment, cut.wall):
            remove.remove(tx, held.named.tenant_id, [Target(held.named.series_id)], actor, now)
            return
        rest = part(tx, held, cut.segment, cut.wall)
        for segment in [rest, *later(held, cut.segment)]:
            if segment.removed_at is None:
                segment.removed_at, segment.next_materialize_at = now, None
        tx.flush()
    remove.take(tx, [row for row in rows(held) if row.state in remove.OPEN or row.starts_at > now], actor, now)
    raise_version(tx, held, now)


def restore(tx: Tx, held: Reach, now: datetime, settings: Settings) -> None:
    """Bring back what was removed, from the named session on.

    Raises NotFound; Conflict when the whole plan is removed, or more people than may would have a place; Clash when a
    place was taken meanwhile.
    """
    reach.check_there(tx, held)
    if held.series.removed_at is not None:
        raise Conflict("the plan is removed: restore the plan")
    segment, named = segment_of(held), held.named.recurrence_id
    if segment.removed_at is None or named is None:
        return
    removed_at = segment.removed_at
    stretch = part(tx, held, segment, named)
    back = [stretch, *(one for one in later(held, segment) if one.removed_at == removed_at)]
    for one in back:
        own = [row for row in rows(held) if row.segment_from == one.from_local]
        met = restored.in_the_way(tx, one, own, removed_at, held.series.tracked_from, now, settings)
        restored.refuse(met)
    for one in back:
        one.removed_at, one.next_materialize_at = None, now
        one.materialized_until = max(one.materialized_until, now)
    tx.flush()
    restored.bring_back(tx, [settled.key_of(row) for row in rows(held) if row.removed_at == removed_at], now)
    raise_version(tx, held, now)
    _, lost = materialize.fill(tx, back, now, settings)
    if lost:
        raise Clash(bookings.in_the_way(tx, lost))
    capacity.refuse_return(tx, held.named.tenant_id, held.named.series_id, now)
    waitlist.promote(tx, held.named.tenant_id, held.named.series_id, waitlist.BACK, now)


def delete_for_good(tx: Tx, held: Reach, now: datetime, force: bool = False) -> None:
    """Delete everything from the named session on. Raises NotFound; Conflict when it has history, unless forced."""
    reach.check_there(tx, held)
    edit_plan.bring_up(tx, held, now)
    segment, wall = segment_of(held), held.named.recurrence_id
    assert wall is not None
    target = Target(held.named.series_id)
    if is_first(held, segment, wall):
        remove.delete_for_good(tx, held.named.tenant_id, target, now, force)
        return
    history.refuse(tx, held.named.tenant_id, target.series_id, since=wall, force=force)
    head, rest = recurrence.cut(segments.series_of(segment), wall)
    if rest is not None:
        former.keep(tx, segment, rest, wall, now)
    gone = [row.recurrence_id for row in rows(held)]
    carry.lift(tx, held.named.tenant_id, held.named.series_id, {}, gone)
    tails.forget(tx, [settled.key_of(row) for row in rows(held)])
    for one in later(held, segment):
        former.keep(tx, one, segments.series_of(one), one.from_local, now)
        drop(tx, one)
    if head is None:
        drop(tx, segment)
    else:
        stretches_left.end(segment, head, wall)
    raise_version(tx, held, now)
    waitlist.promote(tx, held.named.tenant_id, held.named.series_id, waitlist.DELETED, now)


def rows(held: Reach) -> list[Session]:
    """The rows from the named session on."""
    named = held.named.recurrence_id
    return [row for row in held.rows if named is None or row.recurrence_id >= named]


def segment_of(held: Reach) -> Segment:
    """The segment in which the named session lies."""
    assert held.named.recurrence_id is not None
    return reach.segment_at(held.segments, held.named.recurrence_id)


def is_first(held: Reach, segment: Segment, wall: datetime) -> bool:
    """Whether nothing of the plan lies before a session of a segment."""
    earlier = [one for one in held.segments if one.from_local < segment.from_local and not segments.is_empty(one)]
    return not earlier and recurrence.cut(segments.series_of(segment), wall)[0] is None


def later(held: Reach, segment: Segment) -> list[Segment]:
    """The segments after one; those that are kept for touched sessions alone stay out of it."""
    return [one for one in held.segments if one.from_local > segment.from_local and not segments.is_empty(one)]


def part(tx: Tx, held: Reach, segment: Segment, wall: datetime) -> Segment:
    """The segment from a session on: itself, when that is its first; else a new one, its rows with it."""
    head, rest = recurrence.cut(segments.series_of(segment), wall)
    if head is None or rest is None:
        return segment
    new = stretch(segment, rest)
    stretches_left.end(segment, head, wall)
    tx.add(new)
    tx.flush()
    own = [row for row in held.rows if row.segment_from == segment.from_local and row.recurrence_id >= wall]
    tails.rehome(tx, [settled.key_of(row) for row in own], new.from_local)
    return new


def stretch(segment: Segment, series: Series) -> Segment:
    """A copy of a segment, not yet written, that gives just this."""
    own = {"from_local": segments.first_local(series), "counted_until": None, "counted": None}
    columns = stretches_left.columns(segment) | segments.columns_of(series) | own
    return Segment(**columns | {"version": segment.version + 1})


def drop(tx: Tx, segment: Segment) -> None:
    """Delete a segment; where rows of before belong to it, it is emptied."""
    tx.flush()
    if tails.has_before(tx, segment, None):
        for name, value in segments.emptied(segment).items():
            setattr(segment, name, value)
    else:
        tx.delete(segment)


def raise_version(tx: Tx, held: Reach, now: datetime) -> None:
    """The plan is another one now, and what was read of it before is forgotten."""
    held.series.version += 1
    held.series.updated_at = now
    tx.flush()
    tx.expire_all()
