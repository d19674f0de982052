"""How far an edit of a plan reaches: from one session on, or from the first session ahead; and holding all of that.

The past is never rewritten: whatever session is named, the first that changes lies ahead. Locks are taken in the order
in which every writer of plans takes them: places and people, series, segments, sessions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session as Tx

import recurrence
from db import segments, tails, takes
from db.models import Segment, Series, Session
from services import counted, former, turn
from services.errors import Conflict, NotFound

OVER = "nothing of this plan lies ahead: what is over is history"


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What an edit names: a plan, and with a recurrence id one session of it; `following`: from that session on."""

    tenant_id: UUID
    series_id: UUID
    recurrence_id: datetime | None
    following: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A plan that is held: its segments from first to last, and its rows, from the named one or the first that may
    change on.
    """

    named: Named
    series: Series
    segments: tuple[Segment, ...]
    rows: tuple[Session, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where a change begins: the segment, and the local start of its first session that changes."""

    segment: Segment
    wall: datetime


def hold(
    tx: Tx,
    named: Named,
    resources: Sequence[UUID],
    now: datetime,
    from_past: bool = False,
    shared_too: bool = False,
) -> Reach:
    """The plan, held with everything that a change may reach; `resources` are those that its sessions will take.

    `from_past`: rows of the past too, from the named session on. `shared_too`: what is not exclusive yet may become so.
    Raises NotFound.
    """
    taken = takes.of_plans(tx, named.tenant_id, [named.series_id], now, shared_too)
    turn.take(tx, [*taken, *resources], [named.series_id])
    plan = (Series.tenant_id == named.tenant_id, Series.id == named.series_id)
    series = tx.scalars(
        select(Series).where(*plan).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if series is None:
        raise NotFound("session", named.series_id)
    held = sorted(segments.lock(tx, named.tenant_id, [named.series_id]), key=lambda one: one.from_local)
    low = named.recurrence_id
    if not from_past and (cut := first_ahead(held, named, now, removed=True)) is not None:
        low = cut.wall if low is None else min(low, cut.wall)
    rows = tails.lock(tx, named.tenant_id, named.series_id, low)
    return Reach(named=named, series=series, segments=tuple(held), rows=tuple(rows))


def cut_of(tx: Tx, reach: Reach, now: datetime) -> Cut:
    """Where the change begins. Raises NotFound for a session that is not there; Conflict when nothing lies ahead."""
    if reach.series.removed_at is not None:
        raise Conflict("the plan is removed: restore it first")
    check_there(tx, reach)
    named = reach.named.recurrence_id
    if named is not None and reach.named.following and segment_at(reach.segments, named).removed_at is not None:
        raise Conflict("the plan is removed from there on: restore it first")
    cut = first_ahead(reach.segments, reach.named, now)
    if cut is None:
        raise Conflict(OVER)
    return cut


def check_there(tx: Tx, reach: Reach) -> None:
    """Refuse a session that the plan does not have. Raises NotFound.

    One of a day on which the plan is paused is a place in the plan all the same, from which on it may change.
    """
    named = reach.named.recurrence_id
    if named is None or any(row.recurrence_id == named for row in reach.rows):
        return
    segment = segment_at(reach.segments, named)
    series = segments.series_of(segment)
    if reach.named.following and named.date() in segment.excluded_days:
        series = replace(series, exdates=tuple(one for one in series.exdates if one != named.date()))
    if segment.from_local <= named and counted.occurrence_at(segment, series, named):
        return
    raise former.refusal(tx, reach.named.tenant_id, reach.named.series_id, named)


def segment_at(held: Sequence[Segment], wall: datetime) -> Segment:
    """The segment in which a local time lies; the first, when it lies before all of them."""
    giving = [one for one in held if not segments.is_empty(one)] or held
    return next((one for one in reversed(giving) if one.from_local <= wall), giving[0])


def first_ahead(held: Sequence[Segment], named: Named, now: datetime, removed: bool = False) -> Cut | None:
    """The first session ahead, from the named one on if the change is to follow it; `removed`: of removed ones too."""
    since = named.recurrence_id if named.following else None
    held = [one for one in held if not segments.is_empty(one)]
    for number, segment in enumerate(held):
        until = held[number + 1].from_local if number + 1 < len(held) else None
        if (since and until and until <= since) or (segment.removed_at and not removed):
            continue
        wall = first_start(segment, since, now)
        if wall is not None:
            return Cut(segment=segment, wall=wall)
    return None


def next_ahead(reach: Reach, cut: Cut, now: datetime) -> Cut | None:
    """The first session after a cut."""
    named = Named(
        tenant_id=reach.named.tenant_id,
        series_id=reach.named.series_id,
        recurrence_id=cut.wall + timedelta(seconds=1),
        following=True,
    )
    return first_ahead(reach.segments, named, now)


def first_start(segment: Segment, since: datetime | None, now: datetime) -> datetime | None:
    """The local start of the first session of a segment that begins after now, and not before `since`."""
    series = segments.series_of(segment)
    begin = now
    if since is not None:
        near = recurrence.localize(since, series.zone)
        assert near is not None, "with Gap.SHIFT every wall time has an instant"
        begin = max(now, near - counted.SLACK)
    cursor = counted.carried_on(series, segments.cursor_of(segment), begin)
    for one in recurrence.expand(series, begin, None, cursor):
        if one.starts_at > now and (since is None or one.recurrence_id >= since):
            return one.recurrence_id
    return None
