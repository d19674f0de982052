"""Runs: occurrences of a rule between which the clock does not change.

EXDATE takes sessions out, by local start, instant or local date (decision 16), and wins over RDATE (decision 17).
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, Final

from recurrence.counting import Cursor
from recurrence.errors import BudgetError
from recurrence.kinds import Months
from recurrence.series import Series
from recurrence.starts import Batch, batches, stretch
from recurrence.steady import NO_START, Steady, Stride
from recurrence.timeline import DAY, MIDDLE, SPANS, ZEROS
from recurrence.walk import Chunk, place, stride
from recurrence.zone import Section

FEW_OUT: Final = 8  # entries of EXDATE that are taken out of a run; with more, each start is looked at by itself
ALL_OUT: Final = 2_000  # stretches in a row, each of a few thousand starts at most, that EXDATE takes out whole
NO_TIME: Final = timedelta(0)
WITH_STRIDES: Final = (Steady, Months)

Run = tuple[datetime, datetime, datetime, Sequence[Any]]
"""Local start, start and end of an occurrence, and the timedeltas from each of the run to the next."""


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
                return shortened(run, exdates) if exdates else (run,)
    return several_runs(series, low, high, cursor)


def few(series: Series) -> bool:
    """Whether EXDATE takes out a few local starts, and nothing else."""
    local = series.excluded[0]
    return len(local) == len(series.exdates) <= FEW_OUT


def shortened(run: Run, out: Sequence[Any]) -> Iterable[Run]:
    """What is left of a run without these local starts, which are in order."""
    local, start, end, gaps = run
    locals_ = list(accumulate(gaps, initial=local))
    places = [bisect_left(locals_, one) for one in out]
    places = [n for n, one in zip(places, out, strict=True) if n < len(locals_) and locals_[n] == one]
    if not places:
        return (run,)
    gaps = [*gaps, NO_TIME]  # the last start is followed by none
    for n in reversed(places):
        gap = gaps.pop(n)
        if n:
            gaps[n - 1] += gap
        else:
            local, start, end = local + gap, start + gap, end + gap
    return ((local, start, end, gaps[:-1]),) if gaps else ()


def several_runs(series: Series, low: int, high: int, cursor: Cursor | None) -> Iterator[Run]:
    """The same of any series."""
    found = batches(series, low, high, cursor)
    for section, walls in without(series, found) if series.exdates else found:
        if series.duration.days:
            yield from by_ends(series, section, walls)
        else:
            yield run_of(series, stride(walls), section.offset, series.duration.seconds)


def by_ends(series: Series, section: Section, walls: Chunk) -> Iterator[Run]:
    """The runs of walls of one section, as far as their nominal days end in one section too: they are as long then."""
    seconds, ahead = series.duration.seconds, series.duration.days * DAY
    while walls:
        ending = series.where.section(walls[0] + ahead, series.fold)
        length = ahead + section.offset - ending.offset + seconds
        at = place(walls, ending.high - ahead)
        yield run_of(series, stride(walls[:at]), section.offset, length if length > 0 else ahead + seconds)
        walls = walls[at:]


def run_of(series: Series, stride: Stride, offset: int, length: int) -> Run:
    """The run of a stride in which the clocks have that offset, each session so many seconds long."""
    wall, gaps = stride
    local = series.dtstart + SPANS[wall - series.first]
    start = ZEROS[offset] + (local - MIDDLE)
    return local, start, start + SPANS[length], gaps


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
