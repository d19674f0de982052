"""What a segment gives from its watermark up to the horizon, where the watermark goes, and when to look again."""

import sys
from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple
from uuid import UUID

import recurrence
from config.settings import Settings
from db import segments
from db.models import AutoStart, Segment
from db.segments import Watermark
from db.stretches import Stretch
from lifecycle import MAX_OVERRUN, Step
from recurrence import Columns, Cursor, Series
from services import counted

ROWS_A_BATCH: Final = 20_000  # sessions written in one transaction, at most; about half a second
WITHOUT_BOUND: Final = sys.maxsize
REFILLS_PER_HORIZON: Final = 30  # with 60 days: a segment is looked at about every second day
PEEK: Final = timedelta(days=32)  # looked at beyond the horizon in the same breath: most plans have a session there

REACHED: Final = ("materialized_until", "next_materialize_at", "counted_until", "counted")
"""The columns of a segment that say how far its sessions are written."""


class Given(NamedTuple):
    """What a segment gives: its new sessions, and its new watermark."""

    stretch: Stretch
    watermark: Watermark


class Gathered(NamedTuple):
    """Occurrences, up to which instant they are complete, and the first start beyond it, if one was seen."""

    lists: Columns
    until: datetime
    coming: datetime | None


def of_segment(segment: Segment, now: datetime, settings: Settings, room: int = WITHOUT_BOUND) -> Given:
    """The next sessions of a segment, no more than `room`; where there are more, it is to be looked at again at once.

    Raises RecurrenceError when the segment can't be expanded.
    """
    series = segments.series_of(segment)
    horizon = timedelta(days=settings.horizon_days)
    since, until = segment.materialized_until, max(segment.materialized_until, now + horizon)
    cursor = counted.carried_on(series, segments.cursor_of(segment), since)
    found = gather(series, since, until, cursor, room, piece_of(settings))
    again: datetime | None = now
    if found.until == until:
        again = next_look(segment.series_id, found.coming or next_start(series, until, cursor), now, horizon)
    cursor = counted.carried_on(series, cursor, found.until)
    key = (segment.tenant_id, segment.series_id, segment.from_local)
    return Given(stretch(segment, found.lists), Watermark(*key, found.until, again, *(cursor or (None, None))))


def begin(segment: Segment, now: datetime, settings: Settings) -> Stretch:
    """The sessions up to the horizon of a segment that is not written yet, which learns how far they reach.

    Raises RecurrenceError when the segment can't be expanded.
    """
    given = of_segment(segment, now, settings)
    for name in REACHED:
        setattr(segment, name, getattr(given.watermark, name))
    return given.stretch


def piece_of(settings: Settings) -> timedelta:
    """The longest window that gives no more than a batch may hold, whatever the rule."""
    return timedelta(days=max(1, ROWS_A_BATCH // settings.max_sessions_per_day))


def gather(
    series: Series, since: datetime, until: datetime, cursor: Cursor | None, room: int, piece: timedelta
) -> Gathered:
    """The occurrences in [since, until), at most `room`, found piece by piece."""
    lists, coming = Columns([], [], []), None
    while since < until and len(lists.starts_at) < room:
        end = min(until, since + piece)
        found = recurrence.columns(series, since, end + PEEK, cursor)
        inside = bisect_left(found.starts_at, end)
        coming = found.starts_at[inside] if inside < len(found.starts_at) else None
        for kept, more in zip(lists, found, strict=True):
            kept += more[:inside]
        since = end
    if len(lists.starts_at) > room:
        since = coming = lists.starts_at[room]
        lists = Columns(*(kept[:room] for kept in lists))
    return Gathered(lists, since, coming)


def next_start(series: Series, instant: datetime, cursor: Cursor | None) -> datetime | None:
    """The first start at an instant or later; None when there is none."""
    coming = islice(recurrence.expand(series, instant, None, cursor), 1)
    return next((one.starts_at for one in coming), None)


def next_look(series_id: UUID, coming: datetime | None, now: datetime, horizon: timedelta) -> datetime | None:
    """When to look again at a segment whose rows reach to a horizon from now; None when its rule gives nothing more.

    The moment is spread by the series' id, so that plans that were made together, or begin at the same hour, do not all
    come back together. Rows then reach to a horizon ahead, less a refill.
    """
    if coming is None:
        return None
    every, share = horizon / REFILLS_PER_HORIZON, series_id.int % 1000 / 1000
    return max(now + every * (1 + share) / 2, coming - horizon + every * share)


def stretch(segment: Segment, lists: Columns) -> Stretch:
    """These occurrences as new sessions of the segment."""
    return Stretch(
        segment.tenant_id,
        segment.series_id,
        segment.from_local,
        segment.misfire_grace,
        first_step(segment.auto_start),
        overrun(segment),
        tuple(resources(segment)),
        *lists,
    )


def first_step(auto_start: str) -> Step:
    """What comes first in a scheduled session's life: its start, or for one started by hand its end."""
    return Step.START if auto_start == AutoStart.SCHEDULED else Step.END


def overrun(segment: Segment) -> timedelta:
    """How long after its planned end a session that began ends by itself."""
    return timedelta(0) if segment.auto_end else MAX_OVERRUN


def resources(segment: Segment) -> Iterator[UUID]:
    """What each session of the segment takes for itself."""
    if segment.space_id is not None and "space" in segment.exclusive:
        yield segment.space_id
    if segment.instructor_id is not None and "instructor" in segment.exclusive:
        yield segment.instructor_id
