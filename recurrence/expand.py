"""From a series to its occurrences, lazily, in the order of their starts.

Runs of the rule (`runs.py`) are written out here; with RDATE the starts (`starts.py`) come one by one.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import accumulate, chain, islice
from typing import Final, NamedTuple

from recurrence import timeline
from recurrence.counting import Cursor, count_to
from recurrence.duration import MAX_DAYS
from recurrence.errors import RecurrenceError
from recurrence.occurrence import Occurrence, of_start
from recurrence.runs import Run, runs
from recurrence.series import Series
from recurrence.starts import starts
from recurrence.timeline import DAY, END, FIRST, SPANS, UTC_ZERO

ALWAYS_ENDS: Final = END - (MAX_DAYS + 2) * DAY  # what starts before it ends before the year 10000
FOR_EVER: Final = SPANS[END - DAY]


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
    recurrence_ids: list[datetime] = []
    starts_at: list[datetime] = []
    ends_at: list[datetime] = []
    low, high = bounds(series, start, end)
    for local, begin, stop, gaps in runs(series, low, high, cursor):
        if gaps:
            recurrence_ids += accumulate(gaps, initial=local)
            starts_at += accumulate(gaps, initial=begin)
            ends_at += accumulate(gaps, initial=stop)
        else:
            recurrence_ids.append(local)
            starts_at.append(begin)
            ends_at.append(stop)
    return tuple.__new__(Columns, (recurrence_ids, starts_at, ends_at))


def bounds(series: Series, start: datetime, end: datetime | None) -> tuple[int, int]:
    """A window in seconds, so that every occurrence that starts in it ends before the year 10000."""
    try:
        since = start - UTC_ZERO
        until = FOR_EVER if end is None else end - UTC_ZERO
    except TypeError:  # a naive time has no distance to an instant
        raise RecurrenceError("window", f"{start} to {end}", "an aware instant at both ends") from None
    low, high = since.days * DAY + since.seconds + DAY, until.days * DAY + until.seconds + DAY
    if since.microseconds:
        low += 1
    if until.microseconds:
        high += 1
    if high > ALWAYS_ENDS:
        high = min(high, END - series.duration.longest)
    return (low if low > FIRST else FIRST), high


def aware(part: str, instant: datetime) -> datetime:
    """`instant`, which must have an offset."""
    if instant.tzinfo is None:
        raise RecurrenceError(part, instant.isoformat(), "an aware instant")
    return instant


def occurrences(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterator[Occurrence]:
    """The occurrences that start in the seconds [low, high)."""
    if series.rdates:
        return one_by_one(series, low, high, cursor)
    found = runs(series, low, high, cursor)
    if isinstance(found, tuple) and found:  # one run, as in most windows of some weeks
        return iter(of_run(found[0]))
    return chain.from_iterable(map(of_run, found))


def of_run(run: Run) -> Iterable[Occurrence]:
    """The occurrences of a run."""
    local, start, end, gaps = run
    if not gaps:
        return (Occurrence((local, start, end)),)
    locals_, starts_at = accumulate(gaps, initial=local), accumulate(gaps, initial=start)
    return map(Occurrence, zip(locals_, starts_at, accumulate(gaps, initial=end), strict=True))


def one_by_one(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterator[Occurrence]:
    """The general way, with RDATE."""
    local, instants, days = series.excluded
    for start in starts(series, low, high, cursor):
        if start.wall not in local and start.instant not in instants and start.wall // DAY not in days:
            yield of_start(series, start)


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
    candidates = {series.where.place(wall, series.fold)[0]}
    candidates.update(start.instant for start in series.extra if start.wall == wall)
    for instant in sorted(candidates):
        for found in occurrences(series, max(instant, FIRST), min(instant + 1, END - series.duration.longest), None):
            if found.recurrence_id == recurrence_id:
                return found
    return None


def cursor_at(series: Series, wall: datetime, cursor: Cursor | None = None) -> Cursor:
    """The count reached at a naive wall time, going on from an earlier cursor. Raises BudgetError."""
    return Cursor(wall, count_to(series, max(timeline.of_wall(wall), series.first), cursor))
