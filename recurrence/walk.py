"""The walk from period to period: the starts of a rule on the wall clock, from any point on.

Nothing is ever walked from DTSTART: each walk computes the period in which the wanted stretch begins and goes
on from there, so that a window costs what lies in it (decision 20). A walk yields chunks: ascending walls, as
lists, ranges or Beats, in order and without doubles. The first may begin before `low` and the last reach beyond
`high`, because periods are taken whole; an empty one says that a step brought nothing. Whoever asks stops
reading when there is enough; a walk by itself ends at the last day there is, or as soon as a whole cycle of
the calendar has brought nothing (it never fires, decision 14). Weeks that step over
their months are left to the budget.

    Steady    every so many seconds, with offsets: pure arithmetic, `steady.py`
    Dense     the days of another walk, with more times a day than are worth listing
    Months, Years, Weeks
              by kinds of period: `kinds.py`
    Days      filtered dates with the times each of them has: `days.py`

Chunks grow: a short look is cheap, a long one fast.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from recurrence.steady import MANY, Beats, Stride, stride_of
from recurrence.timeline import DAY, END
from recurrence.times import Times

Chunk = Sequence[int]

FEW: Final = 8  # periods in the first chunk
WRITTEN: Final = 4  # starts that are as much work as a step, where they are written out


class Walk(Protocol):
    """The starts of one rule, by walls. All walls are seconds as in timeline.py."""

    def chunks(self, low: int, high: int) -> Iterable[Chunk]:
        """Chunks in order that hold every start in [low, high), and some around it."""
        ...

    def per_day(self) -> int:
        """The most starts that one day can have."""
        ...


def growing(periods: Sequence[int], width: int, start: int = 0, end: int = END) -> Iterator[Sequence[int]]:
    """`periods` from place `start` to `end` in slices, each longer than the one before; `width` is how many starts each
    may bring.
    """
    size, most, end = FEW, max(FEW, MANY // width), min(end, len(periods))
    while start < end:
        yield periods[start : min(start + size, end)]
        start += size
        size = min(size * 4, most)


def place(chunk: Chunk, wall: int) -> int:
    """How many walls of a chunk lie before a wall."""
    return chunk.place(wall) if isinstance(chunk, Beats) else bisect_left(chunk, wall)


def cost(chunk: Chunk) -> int:
    """How many steps a chunk is."""
    return 1 + len(chunk) // WRITTEN if isinstance(chunk, list) else 1


def stride(chunk: Chunk) -> Stride:
    """A chunk as one stride."""
    return chunk.stride() if isinstance(chunk, Beats) else stride_of(chunk)


def at_times(midnight: int, times: Times, low: int, high: int) -> Iterator[Chunk]:
    """The walls of one day, as far as they lie in [low, high); one empty chunk when there are none."""
    first, last = 0, len(times)
    if midnight < low or high - DAY < midnight:
        first, last = bisect_left(times, low - midnight), bisect_left(times, high - midnight)
    if isinstance(times, range):
        times = times[first:last]
        yield range(midnight + times.start, midnight + times.stop, times.step)
    elif last - first <= MANY:
        yield [midnight + time for time in times[first:last]]
    else:
        for run in growing(times, 1, first, last):
            yield [midnight + time for time in run]


class Dense:
    """Each day that the walk `days` gives, at many `times`."""

    __slots__ = ("days", "times")

    def __init__(self, days: Walk, times: Times) -> None:
        self.days, self.times = days, times

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        for days in self.days.chunks(low - low % DAY, high):
            days = days[place(days, low - DAY + 1) : place(days, high)]
            if not days:
                yield ()
            for midnight in days:
                yield from at_times(midnight, self.times, low, high)

    def per_day(self) -> int:
        return len(self.times)
