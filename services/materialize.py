"""Write the sessions that the plans give, up to the horizon, each exactly once.

The rows and the watermark that says how far they reach are one transaction. Rows that are there already are left as
they are, so doing it again, or in several processes at once, changes nothing. A session whose space or instructor is
taken by then is written all the same and says so in `clash`; nothing is held up.

A segment is looked at again before its rows run out; the moment is spread by the series' id, so that plans made
together do not all come back together.
"""

import functools
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session as Tx

import recurrence
from config.settings import Settings
from db import bookings, segments, sessions
from db import engine as database
from db.bookings import Lost
from db.models import AutoStart, Segment
from db.segments import Watermark
from db.sessions import NewSession
from lifecycle import MAX_OVERRUN, Step
from services import retry

log = structlog.get_logger()

REFUSALS = (DataError, IntegrityError)  # what the database raises because of the data of a row
LONGEST_DRAIN = timedelta(seconds=30)  # a larger backlog is left to the next hint, so that no task meets its time limit
SEGMENTS_A_BATCH = 100
REFILLS_PER_HORIZON = 30  # with 60 days: a segment is looked at about every second day


def drain(engine: Engine, settings: Settings) -> dict[str, int]:
    """Write the sessions of every segment that wants it; returns how many segments, sessions and clashes there were.

    A batch that the database refuses for its data is halved until the segment that causes it stands alone; that one
    is set aside.
    """
    counts: Counter[str] = Counter()
    began: datetime | None = None
    limit = SEGMENTS_A_BATCH
    while True:
        try:
            now, done = retry.run(engine, None, functools.partial(batch, limit=limit, settings=settings))
        except REFUSALS as error:
            if limit == 1:
                counts["set_aside"] += set_aside(engine, settings, str(error.orig))
            limit = max(1, limit // 2)
            continue
        counts.update(done)
        began = began or now
        if not done or now - began > LONGEST_DRAIN:
            return dict(counts)
        limit = min(SEGMENTS_A_BATCH, limit * 2)


def batch(tx: Tx, now: datetime, limit: int, settings: Settings) -> tuple[datetime, dict[str, int]]:
    """Write the sessions of at most so many segments; `now`, and counts that are empty when none wants it."""
    claimed = segments.claim(tx, now, limit)
    if not claimed:
        return now, {}
    written, lost = fill(tx, claimed, now, settings)
    note_clashes(tx, lost)
    return now, {"segments": len(claimed), "sessions": written, "clashes": len(lost)}


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
    """Write the sessions of these segments up to the horizon, and their bookings.

    Returns how many sessions were written, and the bookings that could not be made.
    """
    horizon = timedelta(days=settings.horizon_days)
    new: list[NewSession] = []
    watermarks: list[Watermark] = []
    for segment in claimed:
        try:
            series = segments.series_of(segment)
            new += [
                row_of(segment, one) for one in recurrence.expand(series, segment.materialized_until, now + horizon)
            ]
            watermarks.append(watermark(segment, series, now, horizon))
        except recurrence.RecurrenceError as error:
            give_up(tx, segment, str(error))
    segments.mark(tx, watermarks)
    keys = sessions.insert(tx, new)
    return len(keys), bookings.book(tx, keys)


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
    return (Step.START, starts_at) if auto_start == AutoStart.SCHEDULED else (Step.END, ends_at)


def end_due_at(segment: Segment, ends_at: datetime) -> datetime:
    """When a session that began ends by itself."""
    return ends_at if segment.auto_end else ends_at + MAX_OVERRUN


def watermark(segment: Segment, series: recurrence.Series, now: datetime, horizon: timedelta) -> Watermark:
    """The new watermark of a segment; it is not looked at again when its rule gives nothing more."""
    coming = list(islice(recurrence.expand(series, now + horizon), 1))
    every = horizon / REFILLS_PER_HORIZON
    spread = every * (0.5 + segment.series_id.int % 1000 / 2000)
    again = max(now + spread, coming[0].starts_at - horizon) if coming else None
    key = (segment.tenant_id, segment.series_id, segment.from_local)
    return Watermark(*key, max(segment.materialized_until, now + horizon), again)


def reach(first_look: datetime | None, now: datetime, horizon: timedelta) -> timedelta:
    """How far ahead the sessions of every plan are rows, at least; the whole horizon when no plan goes on.

    first_look: when the first of all plans is to be looked at again. `watermark` chose that instant so that its rows
    reach to a horizon after it, but for the spread.
    """
    return horizon if first_look is None else first_look + horizon - horizon / REFILLS_PER_HORIZON - now


def give_up(tx: Tx, segment: Segment, reason: str) -> None:
    """Set a segment aside that can't be expanded any more; the others go on."""
    segment.set_aside, segment.next_materialize_at = reason, None
    log.error("segment_set_aside", series_id=str(segment.series_id), reason=reason)


def note_clashes(tx: Tx, lost: Sequence[Lost]) -> None:
    """Write down at each session what it could not book."""
    if lost:
        log.warning("late_clashes", count=len(lost), first=str(lost[0].key.series_id))
        bookings.tell(tx, lost)
