"""Edit a plan from one session on, or from the first session ahead: segments of one series.

What has begun, and what was cancelled, removed or edited on its own, is left as it is. Everything else from the cut on
follows, in one transaction; a place that is taken refuses all of it.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session as Tx

import recurrence
from config.settings import Settings
from db import segments, tails
from db.bookings import Taken
from db.models import PlanType, Segment
from services import (
    capacity,
    difference,
    edit_clash,
    free,
    materialize,
    plan_change,
    reach,
    references,
    rewrite,
    seats,
    settled,
    successor,
    transition,
    waitlist,
)
from services import room as rooms
from services.difference import Difference
from services.errors import Clash, InvalidField
from services.plan_change import Base, PlanChange, Tail
from services.reach import Cut, Named, Reach
from services.stays import Stay
from services.stretches_left import Piece

MOST_PASSED = 100  # sessions ahead whose new start has passed, left as they are by an edit of all
REPLACED = "what was planned from {} on is replaced: one rule goes on from the first session that changes"
PASSED = "the session of {} stays as it is: its new start has passed"


def hold(tx: Tx, named: Named, change: PlanChange, now: datetime) -> Reach:
    """The plan, held with everything that the change may reach. Raises NotFound."""
    wanted = [change.values.get(name) for name in ("space_id", "instructor_id")]
    ids = [id_ for id_ in (*wanted, *(change.participants or ())) if isinstance(id_, UUID)]
    return reach.hold(tx, named, ids, now, shared_too="exclusive" in change.values)


def edit(tx: Tx, held: Reach, change: PlanChange, now: datetime, settings: Settings) -> Difference:
    """Make the change; what it makes different is told.

    Raises NotFound; InvalidField, InvalidRecurrence, RecurrenceError for what can't be taken; Conflict when the plan
    is removed or nothing lies ahead; Clash when a space or instructor is taken.
    """
    found = draft(tx, held, change, now, settings)
    if found.clashes:
        raise Clash(found.clashes)
    return found


def draft(tx: Tx, held: Reach, change: PlanChange, now: datetime, settings: Settings) -> Difference:
    """The same, clashes told in the answer: for whoever only looks, and takes it back."""
    check_references(tx, held, change)
    bring_up(tx, held, now)
    cut, pieces, notes = pieces_of(tx, held, change, now, settings)
    materialize.take_up(held.segments, now)
    found, fresh = rewrite.write(tx, held, pieces, now, settings)
    taken = enrol(tx, held, change, cut, pieces, now)
    edit_clash.look_ahead(tx, held, change, fresh, found, now, settings)
    found.clashes = list(dict.fromkeys([*found.clashes, *taken]))
    settle_places(tx, held, change, now)
    held.series.version += 1
    held.series.updated_at = now
    tx.flush()
    found.notes += [*notes, *(note for piece in pieces if piece.tail for note in piece.tail.notes)]
    return found


def settle_places(tx: Tx, held: Reach, change: PlanChange, now: datetime) -> None:
    """Refuse fewer places than are taken; give those that there are to who waits. Raises InvalidField."""
    tenant_id, series_id = held.named.tenant_id, held.named.series_id
    if "capacity" in change.values or change.participants or change.times is not None:
        capacity.refuse_overfull(tx, tenant_id, series_id, "participants" if change.participants else "capacity", now)
    waitlist.promote(tx, tenant_id, series_id, waitlist.EDITED, now)


def check_references(tx: Tx, held: Reach, change: PlanChange) -> None:
    """Refuse ids that the tenant does not have. Raises InvalidField."""
    given = {name: (id_,) for name, id_ in change.values.items() if name in references.FIELDS and id_ is not None}
    references.check_new(tx, held.named.tenant_id, given | {"participants": change.participants or ()})


def bring_up(tx: Tx, held: Reach, now: datetime) -> None:
    """Settle the rows that are due."""
    due = [settled.key_of(row) for row in held.rows if row.next_due_at is not None and row.next_due_at <= now]
    if due:
        transition.settle(tx, due, now)
        tails.lock(tx, held.named.tenant_id, held.named.series_id, min(key.recurrence_id for key in due))


def pieces_of(
    tx: Tx, held: Reach, change: PlanChange, now: datetime, settings: Settings
) -> tuple[Cut, list[Piece], list[str]]:
    """Where the change begins, what it makes of each segment from there on, and notes.

    An edit of all passes over sessions whose new start would lie in the past. Raises InvalidField.
    """
    cut, passed = reach.cut_of(tx, held, now), list[str]()
    while True:
        pieces = cut_into(held, change, cut, now, settings)
        tail = pieces[0].tail
        assert tail is not None
        begins = recurrence.localize(tail.from_local, tail.series.zone, fold=tail.series.fold)
        if begins is None or begins > now:
            check_order(held, pieces[0], tail)
            replaced = [REPLACED.format(one.from_local.isoformat()) for one in pieces[1:2] if one.tail is None]
            return cut, pieces, [*passed, *replaced]
        following = reach.next_ahead(held, cut, now)
        if held.named.following or following is None or len(passed) == MOST_PASSED:
            raise InvalidField("starts_at", f"got {tail.from_local.isoformat()}, expected a start that is still ahead")
        passed.append(PASSED.format(cut.wall.isoformat()))
        cut = following


def cut_into(held: Reach, change: PlanChange, cut: Cut, now: datetime, settings: Settings) -> list[Piece]:
    """What a change that begins at the cut makes of each segment that it reaches."""
    later = [one for one in held.segments if one.from_local > cut.segment.from_local and not segments.is_empty(one)]
    living = [one for one in later if one.removed_at is None]
    replaced = tuple(segments.series_of(one) for one in living) if change.one_tail else ()
    earlier = tuple(segments.series_of(one) for one in before(held, cut.segment))
    gone = {one.from_local: one.removed_at for one in later if one.removed_at is not None and change.one_tail}
    touched = [
        row.recurrence_id
        for row in held.rows
        if row.recurrence_id >= cut.wall
        and difference.touched(row)
        and (row.removed_at is None or gone.get(row.segment_from) != row.removed_at)
    ]
    pieces = []
    ends = [*(one.from_local for one in living if not change.one_tail), None]
    for segment in [cut.segment, *(later if change.one_tail else living)]:
        whole = segments.series_of(segment)
        wall = cut.wall if segment is cut.segment else segment.from_local
        head, rest = recurrence.cut(whole, wall) if segment is cut.segment else (None, whole)
        assert rest is not None, "the cut is at a session"
        base = Base(
            series=rest, whole=whole, since=wall, until=next((one for one in ends if one is None or one > wall), None),
            anchor=anchor_of(held), cut=cut.wall, now=now,
            of_plan=held.named.recurrence_id is None, total=not held.named.following,
            daily_range=held.series.type == PlanType.ONE_TIME_RANGE, earlier=earlier, later=replaced,
        )  # fmt: skip
        tail = None
        if segment is cut.segment or not change.one_tail:
            tail = plan_change.of_segment(segment, change, base, touched, settings)
        pieces.append(Piece(segment=segment, from_local=segment.from_local, cut=wall, head=head, base=rest, tail=tail))
    return pieces


def before(held: Reach, segment: Segment) -> list[Segment]:
    """The segments before one that have sessions."""
    living = [one for one in held.segments if one.removed_at is None and not segments.is_empty(one)]
    return [one for one in living if one.from_local < segment.from_local]


def anchor_of(held: Reach) -> datetime:
    """The local start that a new start is measured from: that of the session named, or of the plan as it is shown."""
    if held.named.recurrence_id is not None:
        return held.named.recurrence_id
    return next((one for one in reversed(held.segments) if one.removed_at is None), held.segments[-1]).dtstart


def check_order(held: Reach, piece: Piece, tail: Tail) -> None:
    """Refuse a tail that would begin before a session that stays. Raises InvalidField."""
    if tail.from_local >= piece.cut:
        return
    earlier = [segments.series_of(one) for one in held.segments if one.from_local < piece.from_local]
    for series in [*earlier, *([] if piece.head is None else [piece.head])]:
        between = successor.starts_in(series, tail.from_local, piece.cut)
        if between:
            stays = between[-1].isoformat()
            message = f"got {tail.from_local.isoformat()}, expected a start after the session before it, of {stays}"
            raise InvalidField("starts_at", message)


def other_days(pieces: Sequence[Piece]) -> list[tuple[datetime, datetime]]:
    """Where stretches that move to another day began and begin, so ordered that none comes where the next one began.

    When they move to later days, nobody is enrolled later in the first: a touched session may stay before it.
    """
    moved = [(piece.cut, piece.tail.from_local) for piece in pieces if piece.tail is not None]
    later = [(old, new) for old, new in reversed(moved[1:]) if new.date() > old.date()]
    return later + [(old, new) for old, new in moved if new.date() < old.date()]


def enrol(tx: Tx, held: Reach, change: PlanChange, cut: Cut, pieces: Sequence[Piece], now: datetime) -> Sequence[Taken]:
    """Let enrolments follow the local dates; from the tail on the participants are those that are given.

    Returns what is in their way at sessions that stay as they are.
    """
    tails_begun = [piece.tail for piece in pieces if piece.tail is not None]
    begin = tails_begun[0].from_local
    key = {"tenant_id": held.named.tenant_id, "series_id": held.named.series_id}
    if any(tail.moves for tail in tails_begun):
        for began, begins in other_days(pieces):
            tails.enrol_with_stretch(tx, key, began, begins)
        tails.enrol_by_date(tx, key, cut.wall, begin)
    return () if change.participants is None else enrol_exactly(tx, held, begin, change.participants, now)


def enrol_exactly(tx: Tx, held: Reach, begin: datetime, people: Sequence[UUID], now: datetime) -> Sequence[Taken]:
    """Let just these people be enrolled from a local time on; who is left out of what begins soon cancels late.

    Returns what is in the way of those who were not, at sessions that have a time of their own.
    """
    tx.flush()
    key = {"tenant_id": held.named.tenant_id, "series_id": held.named.series_id}
    room = rooms.of_plan(tx, **key, now=now)
    new = seats.take_part(tx, room, begin, people)
    tails.wait_no_more(tx, **key, since=begin, people=new)
    return [taken for user_id in new for taken in free.at_moved(tx, room, user_id, [Stay(begin)])]
