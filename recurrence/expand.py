"""From a series to its occurrences, lazily, in the order of their starts.

`starts.py` gives the starts. EXDATE takes sessions out, by local start, instant or local date (decision 16),
and wins over RDATE (decision 17).

An end counts nominal days on the wall clock from the start the rule gave, exact seconds after that (decision
18). Where a skipped day would put it at or before its start, the days count exactly.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate, chain, islice
from typing import Any, Final, NamedTuple

from recurrence import timeline
from recurrence.counting import Cursor, count_to
from recurrence.duration import MAX_DAYS
from recurrence.errors import BudgetError, RecurrenceError
from recurrence.kinds import Months
from recurrence.moment import Moment
from recurrence.series import Series
from recurrence.starts import RULE, Batch, Start, batches, starts, stretch
from recurrence.steady import NO_START, Steady, Stride
from recurrence.timeline import DAY, END, FIRST, MIDDLE, SPANS, UTC_ZERO, ZEROS
from recurrence.walk import place, stride

ALWAYS_ENDS: Final = END - (MAX_DAYS + 2) * DAY  # what starts before it ends before the year 10000
FEW_OUT: Final = 8  # entries of EXDATE that are taken out of a run; with more, each start is looked at by itself
NO_TIME: Final = timedelta(0)
WITH_STRIDES: Final = (Steady, Months)
FOR_EVER: Final = SPANS[END - DAY]
ALL_OUT: Final = 2_000  # stretches in a row, each of a few thousand starts at most, that EXDATE takes out whole


class Occurrence(tuple[datetime, datetime, datetime]):
    """One start of a series: `recurrence_id` is its naive local start, the others are aware UTC instants.

    Made of the three as one: a NamedTuple, which takes them one by one, costs a quarter more.
    """

    __slots__ = ()

    @property
    def recurrence_id(self) -> datetime:
        """The naive local start that the rule gave."""
        return self[0]

    @property
    def starts_at(self) -> datetime:
        """The instant at which it starts."""
        return self[1]

    @property
    def ends_at(self) -> datetime:
        """The instant at which it ends."""
        return self[2]


Run = tuple[datetime, datetime, datetime, Sequence[Any]]
"""Local start, start and end of an occurrence, and the timedeltas from each of the run to the next."""


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
    return occurrences(series, *bounds(series, start, end), cursor)


def columns(series: Series, start: datetime, end: datetime, cursor: Cursor | None = None) -> Columns:
    """The same as `expand`, all at once and as parallel lists: what a bulk insert wants. Raises as expand does."""
    if series.rdates:
        found = list(expand(series, start, end, cursor))
        return Columns([one[0] for one in found], [one[1] for one in found], [one[2] for one in found])
    low, high = bounds(series, start, end)
    lists = Columns([], [], [])
    recurrence_ids, starts_at, ends_at = lists
    for local, start_at, end_at, gaps in runs(series, low, high, cursor):
        recurrence_ids += accumulate(gaps, initial=local)
        starts_at += accumulate(gaps, initial=start_at)
        ends_at += accumulate(gaps, initial=end_at)
    return lists


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
    return chain.from_iterable(map(of_run, runs(series, low, high, cursor)))


def of_run(run: Run) -> Iterable[Occurrence]:
    """The occurrences of a run."""
    local, start, end, gaps = run
    if not gaps:
        return (Occurrence((local, start, end)),)
    locals_, starts_at = accumulate(gaps, initial=local), accumulate(gaps, initial=start)
    return map(Occurrence, zip(locals_, starts_at, accumulate(gaps, initial=end), strict=True))


def runs(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterable[Run]:
    """Occurrences of the rule between which the clock does not change: three datetimes move on together."""
    walk, exdates = series.walk, series.exdates
    if isinstance(walk, WITH_STRIDES) and not (series.duration.days or series.counts or (exdates and not few(series))):
        calm = stretch(series, low, high)
        if calm is not None:
            section, first, last = calm
            found = walk.stride(first, last)
            if found is NO_START:
                return ()
            if found is not None:  # one run, as in most windows of some weeks
                run = run_of(series, found, section.offset, series.duration.seconds)
                return shortened(run, frozenset(exdates)) if exdates else (run,)
    return several_runs(series, low, high, cursor)


def few(series: Series) -> bool:
    """Whether EXDATE takes out a few local starts, and nothing else."""
    local = series.excluded[0]
    return len(local) == len(series.exdates) <= FEW_OUT


def shortened(run: Run, out: frozenset[Moment]) -> Iterable[Run]:
    """What is left of a run without these local starts."""
    local, start, end, gaps = run
    locals_ = list(accumulate(gaps, initial=local))
    if out.isdisjoint(locals_):
        return (run,)
    gaps = [*gaps, NO_TIME]  # the last start is followed by none
    for n in sorted([locals_.index(each) for each in out.intersection(locals_)], reverse=True):
        gap = gaps.pop(n)
        if n:
            gaps[n - 1] += gap
        else:
            local, start, end = local + gap, start + gap, end + gap
    return ((local, start, end, gaps[:-1]),) if gaps else ()


def several_runs(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterator[Run]:
    """The same of any series. Where nominal days lead beyond a section, each is a run of its own, because its length
    is.
    """
    days, length = series.duration.days, series.duration.seconds
    found = batches(series, low, high, cursor)
    for section, walls in without(series, found) if series.exdates else found:
        if days and (section.gap or walls[-1] + days * DAY >= section.high):
            for wall in walls:
                yield *occurrence(series, Start(wall - section.offset, section.gap, RULE, wall, None)), ()
        else:
            yield run_of(series, stride(walls), section.offset, days * DAY + length)


def run_of(series: Series, stride: Stride, offset: int, length: int) -> Run:
    """The run of a stride in which the clocks have that offset, each session so many seconds long."""
    wall, gaps = stride
    local = series.dtstart + SPANS[wall - series.first]
    start = ZEROS[offset] + (local - MIDDLE)
    return local, start, start + SPANS[length], gaps


def one_by_one(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterator[Occurrence]:
    """The general way, with RDATE."""
    local, instants, days = series.excluded
    for start in starts(series, low, high, cursor):
        if start.wall not in local and start.instant not in instants and start.wall // DAY not in days:
            yield occurrence(series, start)


def without(series: Series, found: Iterable[Batch]) -> Iterator[Batch]:
    """The walls that no EXDATE takes out; a day that is out is leapt over."""
    local, instants, days = series.excluded
    out = 0
    for section, walls in found:
        while days and walls and walls[0] // DAY in days:
            walls = walls[place(walls, (walls[0] // DAY + 1) * DAY) :]
        left = [wall for wall in walls if wall not in local]
        if instants:
            left = [wall for wall in left if wall - section.offset not in instants]
        if days:
            left = [wall for wall in left if wall // DAY not in days]
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
            end = series.where.place(start.wall + days * DAY, series.fold)[0] + seconds
            if end <= start.instant:
                end = start.instant + days * DAY + seconds
    return Occurrence((timeline.to_wall(start.wall), timeline.to_instant(start.instant), timeline.to_instant(end)))


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
