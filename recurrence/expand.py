"""From a series to its occurrences, lazily, in the order of their starts.

`starts.py` gives the starts. EXDATE takes sessions out, by local start, instant or local date (decision 16),
and wins over RDATE (decision 17).

An end counts nominal days on the wall clock from the start the rule gave, exact seconds after that (decision
18). Where a skipped day would put it at or before its start, the days count exactly.
"""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple

from recurrence import timeline, zone
from recurrence.errors import RecurrenceError
from recurrence.series import Series
from recurrence.starts import Batch, Cursor, Start, batches, count_to, rdate_starts, starts
from recurrence.timeline import DAY, END, FIRST
from recurrence.walk import Chunk, growing
from recurrence.zone import Section

SPANS: Final = {n * unit: timedelta(0, n * unit) for n in range(400) for unit in (3_600, DAY)}  # made once


class Occurrence(NamedTuple):
    """One start of a series: `recurrence_id` is its naive local start, the others are aware UTC instants."""

    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime


class Columns(NamedTuple):
    """Occurrences as three lists of equal length, in the order of their starts; see Occurrence."""

    recurrence_ids: list[datetime]
    starts_at: list[datetime]
    ends_at: list[datetime]


def expand(
    series: Series, start: datetime, end: datetime | None = None, cursor: Cursor | None = None
) -> Iterator[Occurrence]:
    """The occurrences whose `starts_at` lies in [start, end), both aware instants; without `end` until the year 9999.

    Lazy; `expand(s, a, b)` followed by `expand(s, b, c)` is `expand(s, a, c)`. Raises RecurrenceError for a
    naive bound, and BudgetError while iterating when the next start is too far to be found in one call.
    """
    low = max(timeline.ceil_of_instant(aware("start", start)), FIRST)
    high = END if end is None else timeline.ceil_of_instant(aware("end", end))
    return occurrences(series, low, min(high, END - series.duration.longest), cursor)


def columns(series: Series, start: datetime, end: datetime, cursor: Cursor | None = None) -> Columns:
    """The same as `expand`, all at once and as parallel lists: what a bulk insert wants. Raises as expand does."""
    if series.rdates:
        found = list(expand(series, start, end, cursor))
        return Columns([one[0] for one in found], [one[1] for one in found], [one[2] for one in found])
    low = max(timeline.ceil_of_instant(aware("start", start)), FIRST)
    high = min(timeline.ceil_of_instant(aware("end", end)), END - series.duration.longest)
    lists = Columns([], [], [])
    for section, walls in kept(series, low, high, cursor):
        if ends_move(series, section, walls):
            rows = [occurrence(series, start_of(section, wall)) for wall in walls]
            for column, values in zip(lists, zip(*rows, strict=True), strict=True):
                column.extend(values)
            continue
        first, begins, ends = first_of(series, section, walls[0])
        base = walls[0]
        later = [SPANS.get(wall - base) or timedelta(0, wall - base) for wall in walls]
        lists.recurrence_ids.extend([first + span for span in later])
        lists.starts_at.extend([begins + span for span in later])
        lists.ends_at.extend([ends + span for span in later])
    return lists


def aware(part: str, instant: datetime) -> datetime:
    """`instant`, which must have an offset."""
    if instant.tzinfo is None:
        raise RecurrenceError(part, instant.isoformat(), "an aware instant")
    return instant


def occurrences(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterator[Occurrence]:
    """The occurrences that start in the seconds [low, high)."""
    if series.rdates:
        return one_by_one(series, low, high, cursor)
    return by_batches(series, low, high, cursor)


def by_batches(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterator[Occurrence]:
    """The quick way, where only the rule has a say: three datetimes moved on together while the offset stays
    the same.
    """
    new = tuple.__new__
    for section, walls in kept(series, low, high, cursor):
        if ends_move(series, section, walls):
            for wall in walls:
                yield occurrence(series, start_of(section, wall))
            continue
        local, start, end = first_of(series, section, walls[0])
        base = walls[0]
        for wall in walls:
            later = SPANS.get(wall - base) or timedelta(0, wall - base)
            yield new(Occurrence, (local + later, start + later, end + later))


def one_by_one(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterator[Occurrence]:
    """The general way, with RDATE."""
    local, instants, days = series.excluded
    for start in starts(series, low, high, cursor):
        if start.wall not in local and start.instant not in instants and start.wall // DAY not in days:
            yield occurrence(series, start)


def kept(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterator[Batch]:
    """The rule's starts in [low, high), without those that EXDATE takes out."""
    found = batches(series, low, high, cursor)
    return without(series, found) if series.exdates else found


def without(series: Series, found: Iterator[Batch]) -> Iterator[Batch]:
    """The walls that no EXDATE takes out; a day that is out is leapt over."""
    local, instants, days = series.excluded
    for section, walls in found:
        offset = section.offset
        for run in growing(walls, 1):
            while run and run[0] // DAY in days:
                run = run[bisect_left(run, (run[0] // DAY + 1) * DAY) :]
            left = [w for w in run if w not in local and w - offset not in instants and w // DAY not in days]
            if left:
                yield section, left


def ends_move(series: Series, section: Section, walls: Chunk) -> bool:
    """Whether nominal days lead some of these walls beyond their section, so that a change of the clock counts."""
    days = series.duration.days
    return days > 0 and (section.gap or walls[-1] + days * DAY >= section.high)


def first_of(series: Series, section: Section, wall: int) -> tuple[datetime, datetime, datetime]:
    """Local start, start and end of the occurrence at a wall, where its length is exact."""
    since = timedelta(0, wall - FIRST)
    start = timeline.UTC_ZERO + (since - timedelta(0, section.offset))
    return timeline.WALL_ZERO + since, start, start + series.duration.span


def start_of(section: Section, wall: int) -> Start:
    """A start of the rule."""
    return Start(wall - section.offset, section.gap, 0, wall, None)


def occurrence(series: Series, start: Start) -> Occurrence:
    """A start with its end."""
    end = start.end
    if end is None:
        days, seconds = series.duration.days, series.duration.seconds
        end = start.instant + seconds
        if days:
            end = zone.load(series.zone).place(start.wall + days * DAY, series.fold)[0] + seconds
            if end <= start.instant:
                end = start.instant + days * DAY + seconds
    return Occurrence(timeline.to_wall(start.wall), timeline.to_instant(start.instant), timeline.to_instant(end))


def next_after(series: Series, instant: datetime, limit: int) -> list[Occurrence]:
    """The first `limit` occurrences that start after an instant; fewer when the series ends. Raises as expand
    does.
    """
    low = timeline.of_instant(aware("instant", instant)) + 1
    found = occurrences(series, max(low, FIRST), END - series.duration.longest, None)
    return list(islice(found, limit))


def occurrence_at(series: Series, recurrence_id: datetime) -> Occurrence | None:
    """The occurrence with that naive local start, if the series has it. Costs one window of a second."""
    wall = timeline.of_wall(recurrence_id)
    candidates = {zone.load(series.zone).place(wall, series.fold)[0]}
    candidates.update(start.instant for start in rdate_starts(series) if start.wall == wall)
    for instant in sorted(candidates):
        for found in occurrences(series, max(instant, FIRST), min(instant + 1, END - series.duration.longest), None):
            if found.recurrence_id == recurrence_id:
                return found
    return None


def cursor_at(series: Series, wall: datetime, cursor: Cursor | None = None) -> Cursor:
    """The count reached at a naive wall time, going on from an earlier cursor. Raises BudgetError."""
    return Cursor(wall, count_to(series, max(timeline.of_wall(wall), series.first), cursor))
