"""When a newer edition of tzdata is installed, the sessions that have not begun are computed again.

Each segment says with which edition its rows were computed. Those with an older one than the installed are taken in
batches of one transaction: rows, bookings and the edition change together, so that a process killed anywhere leaves
a segment as it was or as it will be, and any number of workers share the work. What has begun, was cancelled or
removed is history and stays: a batch holds all that it wants to move, and only then looks at the clock, so that nothing
that began while it waited is moved. What becomes of each session is told in `services.recompute`.

It never goes backwards. A process with an older edition than a segment's goes on materializing it; the segment then
carries the older edition, and is computed again by the next worker that has a newer one.

Bookings move along. Sessions that change place with each other, or follow each other through a full day, meet in
their bookings while the batches go on; so one that lost its place says so in `clash`, and whoever frees that place
later hands it on, in the same transaction. What is left in the end is a clash.
"""

import functools
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import Engine, Row
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session as Tx

import recurrence
from db import bookings, editions, moves, sessions
from db import engine as database
from db.bookings import Lost
from db.editions import Rezoned
from db.models import Segment, Series
from db.moves import Ahead, Move
from db.sessions import NewSession, SessionKey
from services import changes, identity, materialize, retry, spell
from services.recompute import Recomputed, recompute

log = structlog.get_logger()

REFUSALS = (DataError, IntegrityError)  # what the database raises because of the data of a row
SEGMENTS_A_BATCH = 25  # a batch that moves all of them holds their sessions for about half a second
LOGGED = 3  # sessions of a plan that its log line names

Key = tuple[UUID, UUID, datetime]  # of a segment: tenant, series, from_local


class Wanted(NamedTuple):
    """What a batch is to do: how many segments and what becomes of them, sessions to be moved, and new ones."""

    counts: Counter[str]
    segments: tuple[Rezoned, ...]
    moves: tuple[Move, ...]
    new: tuple[NewSession, ...]
    resources: tuple[UUID, ...]  # what the segments take that have something to move


class Done(NamedTuple):
    """What one batch did: how much of what, the sessions it moved or gave up, and the places that they lost."""

    counts: Counter[str]
    moves: tuple[Move, ...]
    lost: tuple[Lost, ...]


def drain(engine: Engine, longest: timedelta = spell.OF_A_TASK) -> dict[str, int]:
    """Compute again what an older edition gave, for so long at most; returns how much of what there was.

    `segments`, `moved`, `given_up`, `new` (sessions), `clashes` (places lost), `regained`, `set_aside`. A batch that
    the database refuses for its data is halved until the segment that causes it stands alone and is set aside.
    """
    counts: Counter[str] = Counter()
    began: datetime | None = None
    limit = SEGMENTS_A_BATCH
    while True:
        try:
            now, done = retry.write(engine, None, functools.partial(hold, limit=limit), carry_out)
        except REFUSALS as error:
            if limit == 1:
                counts["set_aside"] += set_aside(engine, str(error.orig))
            limit = max(1, limit // 2)
            continue
        tell(done)
        counts.update(done.counts)
        began = began or now
        if not done.counts["segments"] or now - began > longest:
            return dict(+counts)
        limit = min(SEGMENTS_A_BATCH, limit * 2)


def hold(tx: Tx, began: datetime, limit: int) -> Wanted:
    """Find at most so many segments (none: none is left), and hold all that is to be done to them."""
    wanted = compute(tx, editions.claim_older(tx, recurrence.tzdata_version(), limit), began)
    bookings.lock(tx, wanted.resources)
    moves.hold(tx, wanted.moves)
    return wanted


def compute(tx: Tx, claimed: Sequence[Row[Segment, Series]], now: datetime) -> Wanted:
    """What is to be done to these segments, which the caller has locked."""
    ahead = of_segments(tx, [key_of(row.Segment) for row in claimed], now)
    counts = Counter(segments=len(claimed))
    wanted: list[Move] = []
    new: list[NewSession] = []
    done: list[Rezoned] = []
    taken: set[UUID] = set()
    for segment, series in claimed:
        rows = ahead[key_of(segment)]
        try:
            found = of_segment(tx, segment, series, rows, now)
        except recurrence.RecurrenceError as error:
            give_up(tx, segment, str(error))
            counts["set_aside"] += 1
            continue
        done.append(Rezoned(*key_of(segment), found.goes_on))
        if found.moves or found.new:
            wanted += found.moves
            new += found.new
            taken |= resources(segment, rows)
    return Wanted(counts, tuple(done), tuple(wanted), tuple(new), tuple(sorted(taken)))


def of_segment(tx: Tx, segment: Segment, series: Series, rows: Sequence[Ahead], now: datetime) -> Recomputed:
    """What is to be done to the sessions of a segment. Raises RecurrenceError.

    What the rule gives and has a row is not new, also where that row has begun, was called off or was removed.
    """
    found = recompute(segment, series, rows, now)
    history = moves.kept(tx, [SessionKey(*one[:3]) for one in found.new])
    return replace(found, new=tuple(one for one in found.new if SessionKey(*one[:3]) not in history))


def carry_out(tx: Tx, wanted: Wanted, now: datetime) -> tuple[datetime, Done]:
    """Do it: sessions and bookings, but for what has begun by `now`, and the edition; `now`, and what was done."""
    held = moves.apply(tx, wanted.moves, now)
    still_there = set(held)
    moved = [one for one in wanted.moves if one.key in still_there]
    freed = bookings.release(tx, held)
    written = sessions.insert(tx, [one for one in wanted.new if one.starts_at >= now])
    lost = bookings.book(tx, [*held, *written])
    again = [key for key in bookings.denied(tx, freed, now) if key not in still_there]
    still = bookings.book_again(tx, again)
    if lost or still:
        bookings.tell(tx, [*lost, *still])
    editions.rezoned(tx, wanted.segments, recurrence.tzdata_version(), now)
    changes.note_system(tx, "rezone", [one.key for one in moved])
    given_up = sum(one.starts_at is None for one in moved)
    counts = {
        "moved": len(moved) - given_up,
        "given_up": given_up,
        "new": len(written),
        "clashes": len({one.key for one in lost}),
        "regained": len(again) - len({one.key for one in still}),
    }
    return now, Done(wanted.counts + Counter(counts), tuple(moved), tuple(lost))


def of_segments(tx: Tx, keys: Sequence[Key], now: datetime) -> defaultdict[Key, list[Ahead]]:
    """The sessions that have not begun, by segment."""
    found: defaultdict[Key, list[Ahead]] = defaultdict(list)
    if not keys:
        return found
    for row in moves.ahead(tx, keys, now):
        found[row.tenant_id, row.series_id, row.segment_from].append(row)
    return found


def key_of(segment: Segment) -> Key:
    """The key of a segment."""
    return segment.tenant_id, segment.series_id, segment.from_local


def resources(segment: Segment, rows: Sequence[Ahead]) -> set[UUID]:
    """What the sessions of a segment take for themselves."""
    kinds = {"space": segment.space_id, "instructor": segment.instructor_id}
    found = {id_ for kind, id_ in kinds.items() if kind in segment.exclusive}
    if "space" in segment.exclusive:
        found |= {row.space_id for row in rows}
    if "instructor" in segment.exclusive:
        found |= {row.instructor_id for row in rows}
    return {id_ for id_ in found if id_ is not None}


def set_aside(engine: Engine, reason: str) -> int:
    """Try the first segment alone; returns 1 when it can't be computed and was set aside, else 0."""
    with database.transaction(engine) as (tx, now):
        for row in editions.claim_older(tx, recurrence.tzdata_version(), 1):
            try:
                with tx.begin_nested():
                    carry_out(tx, compute(tx, [row], now), now)
            except REFUSALS:
                give_up(tx, row.Segment, reason)
                return 1
    return 0


def give_up(tx: Tx, segment: Segment, reason: str) -> None:
    """Set a segment aside until the next edition; its rows stay as they are."""
    materialize.give_up(tx, segment, reason)
    segment.tzdata_version = recurrence.tzdata_version()


def tell(done: Done) -> None:
    """What was committed, in the log: a line for each plan whose sessions moved, and for each place that was lost."""
    for series_id, moved in groupby(done.moves, key=lambda one: one.series_id):
        told = [f"{one.recurrence_id.isoformat()}: {one.was_at.isoformat()} -> {new_start(one)}" for one in moved]
        log.info("series_rezoned", series_id=str(series_id), moved=len(told), first=told[:LOGGED])
    for one in done.lost:
        session = identity.format_id(one.key.series_id, one.key.recurrence_id)
        starts_at = one.starts_at.isoformat()
        log.warning("rezone_clash", session=session, resource=str(one.resource), starts_at=starts_at)


def new_start(move: Move) -> str:
    """Where a session moved, in words."""
    return "given up" if move.starts_at is None else move.starts_at.isoformat()
