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
from recurrence.counting import Cursor, count_to
from recurrence.errors import BudgetError, RecurrenceError
from recurrence.series import Series
from recurrence.starts import RULE, Batch, Start, batches, starts
from recurrence.timeline import DAY, END, FIRST, UTC_ZERO, WALL_ZERO
from recurrence.walk import Chunk

SPANS: Final = {  # made once: days, hours, and the quarters of an hour that offsets and lengths are made of
    n * unit: timedelta(0, n * unit)
    for unit, reach in ((DAY, range(1_500)), (3_600, range(600)), (900, range(-96, 97)))
    for n in reach
}
ALL_OUT: Final = 2_000  # stretches in a row, each of a few thousand starts at most, that EXDATE takes out whole
AT_ONCE: Final = [timedelta(0)]


class Occurrence(NamedTuple):
    """One start of a series: `recurrence_id` is its naive local start, the others are aware UTC instants."""

    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime


Run = tuple[datetime, datetime, datetime, list[timedelta]]
"""Local start, start and end of an occurrence, and how long after it each of the run begins, itself included."""


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
    low, high = bounds(series, start, end)
    return occurrences(series, low, high, cursor)


def columns(series: Series, start: datetime, end: datetime, cursor: Cursor | None = None) -> Columns:
    """The same as `expand`, all at once and as parallel lists: what a bulk insert wants. Raises as expand does."""
    if series.rdates:
        found = list(expand(series, start, end, cursor))
        return Columns([one[0] for one in found], [one[1] for one in found], [one[2] for one in found])
    low, high = bounds(series, start, end)
    lists = Columns([], [], [])
    for local, begins, ends, later in runs(series, low, high, cursor):
        lists.recurrence_ids.extend([local + on for on in later])
        lists.starts_at.extend([begins + on for on in later])
        lists.ends_at.extend([ends + on for on in later])
    return lists


def span(seconds: int) -> timedelta:
    """So many seconds."""
    return SPANS.get(seconds) or timedelta(0, seconds)


def spans(walls: Chunk, base: int) -> list[timedelta]:
    """How long after `base` each wall is."""
    try:
        return [SPANS[wall - base] for wall in walls]
    except KeyError:
        return [timedelta(0, wall - base) for wall in walls]


def bounds(series: Series, start: datetime, end: datetime | None) -> tuple[int, int]:
    """A window in seconds, so that every occurrence that starts in it ends before the year 10000."""
    try:
        low = max(timeline.ceil_of_instant(start), FIRST)
        high = END if end is None else timeline.ceil_of_instant(end)
    except TypeError:  # a naive time has no distance to an instant
        raise RecurrenceError("window", f"{start} to {end}", "an aware instant at both ends") from None
    return low, min(high, END - series.duration.longest)


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
    """The quick way, where only the rule has a say."""
    new = tuple.__new__
    for local, start, end, later in runs(series, low, high, cursor):
        for on in later:
            yield new(Occurrence, (local + on, start + on, end + on))


def runs(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterator[Run]:
    """Occurrences of the rule that follow each other without a change of the clock: three datetimes move on together.

    Where nominal days lead beyond a section, each is a run of its own, because its length is.
    """
    days = series.duration.days
    length = span(days * DAY + series.duration.seconds)
    found = batches(series, low, high, cursor)
    for section, walls in without(series, found) if series.exdates else found:
        base = walls[0]
        if days and (section.gap or walls[-1] + days * DAY >= section.high):
            for wall in walls:
                one = occurrence(series, Start(wall - section.offset, section.gap, RULE, wall, None))
                yield *one, AT_ONCE
            continue
        since = timedelta(0, base - FIRST)
        start = UTC_ZERO + (since - span(section.offset))
        yield WALL_ZERO + since, start, start + length, spans(walls, base)


def one_by_one(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterator[Occurrence]:
    """The general way, with RDATE."""
    local, instants, days = series.excluded
    for start in starts(series, low, high, cursor):
        if start.wall not in local and start.instant not in instants and start.wall // DAY not in days:
            yield occurrence(series, start)


def without(series: Series, found: Iterator[Batch]) -> Iterator[Batch]:
    """The walls that no EXDATE takes out; a day that is out is leapt over."""
    local, instants, days = series.excluded
    out = 0
    for section, walls in found:
        offset = section.offset
        while walls and walls[0] // DAY in days:
            walls = walls[bisect_left(walls, (walls[0] // DAY + 1) * DAY) :]
        left = [w for w in walls if w not in local and w - offset not in instants and w // DAY not in days]
        if left:
            out = 0
            yield section, left
        elif (out := out + 1) > ALL_OUT:
            raise BudgetError("EXDATE", f"{ALL_OUT} stretches of sessions in a row that are all taken out")


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
    candidates.update(start.instant for start in series.extra if start.wall == wall)
    for instant in sorted(candidates):
        for found in occurrences(series, max(instant, FIRST), min(instant + 1, END - series.duration.longest), None):
            if found.recurrence_id == recurrence_id:
                return found
    return None


def cursor_at(series: Series, wall: datetime, cursor: Cursor | None = None) -> Cursor:
    """The count reached at a naive wall time, going on from an earlier cursor. Raises BudgetError."""
    return Cursor(wall, count_to(series, max(timeline.of_wall(wall), series.first), cursor))
