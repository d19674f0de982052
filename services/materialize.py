"""Write the sessions that the plans give, up to the horizon, each exactly once.

The rows and the watermark that says how far they reach are one transaction. Rows that are there already are left as
they are, so doing it again, or in several processes at once, changes nothing. A session whose space or instructor is
taken by then is written all the same and says so in `clash`; nothing is held up.

A batch is bounded by rows as well as by segments: a plan that gives very many takes several batches. Where more than
one batch waits, two go on at once: while the database works on the rows of one, those of the other are made.
"""

import functools
import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session as Tx

import recurrence
from config.settings import Settings
from db import bookings, segments, stretches, tally
from db import engine as database
from db.bookings import Lost
from db.models import Segment
from db.segments import Watermark
from db.sessions import NewSession
from db.stretches import Stretch
from db.tally import Count
from lifecycle import Step
from services import retry, spell, stretch, unreadable
from services.stretch import REFILLS_PER_HORIZON, ROWS_A_BATCH, WITHOUT_BOUND

log = structlog.get_logger()

REFUSALS = (DataError, IntegrityError)  # what the database raises because of the data of a row
FIRST_BATCH = 100  # segments; the next ones follow from what a batch could hold
MOST_SEGMENTS = 2_000  # in a batch
LAST = datetime.max.replace(tzinfo=UTC)  # no sum goes beyond
LANES = 2  # batches at once: more than that only wait for each other


class Done(NamedTuple):
    """What a batch did, when, of how many segments, and whether more are waiting."""

    now: datetime
    counts: dict[str, int]
    segments: int
    more: bool


def drain(engine: Engine, settings: Settings, longest: timedelta = spell.OF_A_TASK) -> dict[str, int]:
    """Write the sessions of every segment that wants it; returns how many segments, sessions and clashes there were."""
    with undisturbed():
        counts, more = lane(engine, settings, longest, batches=1)
        if more:
            with ThreadPoolExecutor(LANES) as lanes:
                for found, _ in lanes.map(lambda _: lane(engine, settings, longest), range(LANES)):
                    counts.update(found)
    return dict(counts)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Inside, nobody looks for cycles: what is made here by the ten thousand has none, and the search takes a third."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def lane(
    engine: Engine, settings: Settings, longest: timedelta, batches: int = WITHOUT_BOUND
) -> tuple[Counter[str], bool]:
    """Batch after batch, until none is waiting or the time is over; what was done, and whether more is waiting.

    A batch that the database refuses for its data is halved until the segment that causes it stands alone; that one
    is set aside.
    """
    counts: Counter[str] = Counter()
    began: datetime | None = None
    limit = FIRST_BATCH
    while True:
        try:
            done = retry.run(engine, None, functools.partial(batch, limit=limit, settings=settings))
        except REFUSALS as error:
            if limit == 1:
                counts["set_aside"] += set_aside(engine, settings, str(error.orig))
            limit = max(1, limit // 2)
            continue
        counts.update(done.counts)
        began = began or done.now
        batches -= 1
        if not done.more or not batches or done.now - began > longest:
            return counts, done.more
        limit = min(MOST_SEGMENTS, 2 * done.segments)


def batch(tx: Tx, now: datetime, limit: int, settings: Settings) -> Done:
    """Write the sessions of at most so many segments, and no more than `ROWS_A_BATCH`."""
    claimed = segments.claim(tx, now, limit)
    if not claimed:
        return Done(now, {}, 0, False)
    new, watermarks, taken = prepare(tx, claimed, now, settings, ROWS_A_BATCH)
    segments.mark(tx, watermarks)
    written, lost = stretches.write(tx, new)
    note_clashes(tx, lost)
    counts = {"segments": taken, "sessions": written, "clashes": len(lost)}
    return Done(now, counts, taken, taken < len(claimed) or len(claimed) == limit)


def set_aside(engine: Engine, settings: Settings, reason: str) -> int:
    """Try the first segment alone; returns 1 when it can't be written and was set aside, else 0."""
    with database.transaction(engine) as (tx, now):
        for segment in segments.claim(tx, now, 1):
            try:
                with tx.begin_nested():
                    fill(tx, [segment], now, settings)
            except REFUSALS:
                give_up(tx, segment, reason)
                return 1
    return 0


def fill(tx: Tx, claimed: Sequence[Segment], now: datetime, settings: Settings) -> tuple[int, list[Lost]]:
    """Write the sessions of these segments up to the horizon, and their bookings: all of them, by plain statements.

    Returns how many sessions were written, and the bookings that could not be made.
    """
    new, watermarks, _ = prepare(tx, claimed, now, settings, WITHOUT_BOUND)
    segments.mark(tx, watermarks)
    return stretches.insert(tx, new)


def prepare(
    tx: Tx, claimed: Sequence[Segment], now: datetime, settings: Settings, room: int
) -> tuple[list[Stretch], list[Watermark], int]:
    """The new sessions of these segments, as many as there is room for, their watermarks, and how many segments it was.

    One that can't be expanded is set aside.
    """
    new: list[Stretch] = []
    watermarks: list[Watermark] = []
    taken = 0
    for segment in claimed:
        if room <= 0:
            break
        taken += 1
        try:
            given = stretch.of_segment(segment, now, settings, room)
        except recurrence.RecurrenceError as error:
            give_up(tx, segment, str(error))
            continue
        watermarks.append(given.watermark)
        if given.stretch.recurrence_ids:
            new.append(given.stretch)
            room -= len(given.stretch.recurrence_ids)
    return new, watermarks, taken


def row_of(segment: Segment, one: recurrence.Occurrence, tracked: bool = True) -> NewSession:
    """The row of one occurrence, with the step that comes first in its life; none when it is not tracked."""
    step, due_at = first_step(segment.auto_start, one.starts_at, one.ends_at)
    return NewSession(
        tenant_id=segment.tenant_id,
        series_id=segment.series_id,
        recurrence_id=one.recurrence_id,
        segment_from=segment.from_local,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        end_due_at=end_due_at(segment, one.ends_at),
        misfire_grace=segment.misfire_grace,
        first_step=step if tracked else None,
        first_due_at=due_at if tracked else None,
    )


def first_step(auto_start: str, starts_at: datetime, ends_at: datetime) -> tuple[Step, datetime]:
    """What comes first in a scheduled session's life, and when: its start, or for one started by hand its end."""
    step = stretch.first_step(auto_start)
    return step, starts_at if step is Step.START else ends_at


def end_due_at(segment: Segment, ends_at: datetime) -> datetime:
    """When a session that began ends by itself."""
    return ends_at + min(stretch.overrun(segment), LAST - ends_at)


def reach(first_look: datetime | None, now: datetime, horizon: timedelta) -> timedelta:
    """How far ahead the sessions of every plan are rows, at least; the whole horizon when no plan goes on.

    first_look: when the first of all plans is to be looked at again. `stretch.next_look` chose that instant so that its
    rows reach to a horizon after it, but for the spread.
    """
    return horizon if first_look is None else first_look + horizon - horizon / REFILLS_PER_HORIZON - now


def give_up(tx: Tx, segment: Segment, reason: str) -> None:
    """Set a segment aside that can't be expanded any more; the others go on."""
    segment.set_aside, segment.next_materialize_at = reason, None
    log.error("segment_set_aside", series_id=str(segment.series_id), reason=reason)


def take_up(held: Sequence[Segment], now: datetime) -> None:
    """Let segments that were set aside, and can be read, be written again."""
    for segment in held:
        if segment.set_aside is not None and unreadable.reason(segment) is None:
            segment.set_aside = None
            segment.next_materialize_at = None if segment.removed_at else now


def note_clashes(tx: Tx, lost: Sequence[Lost]) -> None:
    """Write down at each session what it could not book, and count it."""
    if lost:
        log.warning("late_clashes", count=len(lost), first=str(lost[0].key.series_id))
        bookings.tell(tx, lost)
        tally.add(tx, [Count(tally.LATE_CLASHES, (), (len(lost),))])
