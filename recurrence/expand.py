"""From a series to its occurrences, lazily, in the order of their starts.

`starts.py` gives the starts. EXDATE takes sessions out, by local start, instant or local date (decision 16),
and wins over RDATE (decision 17).

An end counts nominal days on the wall clock from the start the rule gave, exact seconds after that (decision
18). Where a skipped day would put it at or before its start, the days count exactly.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final, NamedTuple

from recurrence import timeline, zone
from recurrence.errors import RecurrenceError
from recurrence.moment import Moment
from recurrence.series import Series
from recurrence.starts import Counter, Cursor, Start, batches, rdate_starts, starts
from recurrence.timeline import DAY, END, FIRST

STEPS: Final = {n * unit: timedelta(0, n * unit) for n in range(1, 400) for unit in (3_600, DAY)}  # made once


class Occurrence(NamedTuple):
    """One start of a series: `recurrence_id` is its naive local start, the others are aware UTC instants."""

    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime


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


def aware(part: str, instant: datetime) -> datetime:
    """`instant`, which must have an offset."""
    if instant.tzinfo is None:
        raise RecurrenceError(part, instant.isoformat(), "an aware instant")
    return instant


def occurrences(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterator[Occurrence]:
    """The occurrences that start in the seconds [low, high)."""
    if series.rdates or series.exdates:
        return one_by_one(series, low, high, cursor)
    return by_batches(series, low, high, cursor)


def by_batches(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterator[Occurrence]:
    """The quick way, where only the rule has a say: three datetimes moved on together while the offset stays
    the same.
    """
    days, seconds = series.duration.days, series.duration.seconds
    length = days * DAY + seconds
    new = tuple.__new__
    for section, walls in batches(series, low, high, cursor):
        first = walls[0]
        if days and (section.gap or walls[-1] + days * DAY >= section.high):
            for wall in walls:
                yield occurrence(series, Start(wall - section.offset, section.gap, 0, wall, None))
            continue
        local = timeline.to_wall(first)
        start = timeline.to_instant(first - section.offset)
        end = timeline.to_instant(first - section.offset + length)
        for wall in walls:
            on = wall - first
            later = STEPS.get(on) or timedelta(0, on)
            yield new(Occurrence, (local + later, start + later, end + later))


def one_by_one(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterator[Occurrence]:
    """The general way, with RDATE and EXDATE."""
    found = starts(series, low, high, cursor)
    if series.exdates:
        found = without(series, found)
    for start in found:
        yield occurrence(series, start)


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


def without(series: Series, found: Iterator[Start]) -> Iterator[Start]:
    """The starts that no EXDATE takes out."""
    local, instants, days = exdate_sets(series.exdates)
    for start in found:
        if start.wall not in local and start.instant not in instants and start.wall // DAY not in days:
            yield start


def exdate_sets(exdates: tuple[Moment, ...]) -> tuple[set[int], set[int], set[int]]:
    """EXDATE as wall seconds, instants and ordinals of days."""
    local: set[int] = set()
    instants: set[int] = set()
    days: set[int] = set()
    for moment in exdates:
        if not isinstance(moment, datetime):
            assert isinstance(moment, date)
            days.add(moment.toordinal())
        elif moment.tzinfo is None:
            local.add(timeline.of_wall(moment))
        else:
            instants.add(timeline.of_instant(moment))
    return local, instants, days


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
    counter = Counter(series, cursor)
    return Cursor(wall, counter.count_to(max(timeline.of_wall(wall), counter.first)))
