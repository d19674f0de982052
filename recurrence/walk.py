"""The walk from period to period: the starts of a rule on the wall clock, from any point on.

Nothing is ever walked from DTSTART: each walk computes the period in which the wanted stretch begins and goes
on from there, so that a window costs what lies in it (decision 20). A walk yields chunks: ascending walls, as
lists or ranges, in order and without doubles. The first may begin before `low` and the last reach beyond
`high`, because periods are taken whole; an empty one says that a step brought nothing. Whoever asks stops
reading when there is enough; a walk by itself ends at the last day there is, or as soon as a whole cycle of
the calendar has brought nothing (it never fires, decision 14).

    Steady    every so many seconds, with offsets: daily, weekly, and finer rules without filters; pure
              arithmetic
    Dense     the days of another walk, with more times a day than are worth listing
    Months, Years, Weeks
              by kinds of period: `kinds.py`
    Days      filtered dates with the times each of them has: `days.py`

Chunks grow: a short look is cheap, a long one fast.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from recurrence.timeline import DAY
from recurrence.times import Times

Chunk = Sequence[int]

FEW: Final = 8  # periods in the first chunk
MANY: Final = 512  # starts in one chunk, about; a period that has more is cut day by day


class Walk(Protocol):
    """The starts of one rule, by walls. All walls are seconds as in timeline.py."""

    def chunks(self, low: int, high: int) -> Iterable[Chunk]:
        """Chunks in order that hold every start in [low, high), and some around it."""
        ...

    def per_day(self) -> int:
        """The most starts that one day can have."""
        ...


def growing(periods: Sequence[int], width: int) -> Iterator[Sequence[int]]:
    """`periods` in slices, each longer than the one before; `width` is how many starts each may bring."""
    start, size, most = 0, FEW, max(FEW, MANY // max(width, 1))
    while start < len(periods):
        yield periods[start : start + size]
        start += size
        size = min(size * 4, most)


class Steady:
    """Every `step` seconds from `anchor`, at each of the `offsets` (ascending, all below `step`)."""

    __slots__ = ("anchor", "offsets", "step")

    def __init__(self, anchor: int, step: int, offsets: Sequence[int]) -> None:
        self.anchor, self.step, self.offsets = anchor, step, offsets

    def chunks(self, low: int, high: int) -> Iterable[Chunk]:
        offsets, step = self.offsets, self.step
        if len(offsets) == 1:
            first = self.anchor + offsets[0]
            walls = range(first + -((first - low) // step) * step, high, step)
            return (walls,) if len(walls) <= MANY else growing(walls, 1)
        bases = range(self.anchor + (low - self.anchor) // step * step, high, step)
        if len(offsets) > MANY:
            return (chunk for base in bases for chunk in at_times(base, offsets, low, high))
        if not offsets:
            return ()
        if len(bases) <= FEW:
            return ([base + offset for base in bases for offset in offsets],)
        return ([base + offset for base in run for offset in offsets] for run in growing(bases, len(offsets)))

    def per_day(self) -> int:
        if self.step < DAY:
            return -(-DAY // self.step) * len(self.offsets)
        days = [(self.anchor + offset) // DAY for offset in self.offsets]
        return max([days.count(day) for day in set(days)], default=0) if len(days) < MANY else len(days)

    def count(self, low: int, high: int) -> int:
        """How many starts lie in [low, high), by arithmetic."""
        return self.before(high) - self.before(low)

    def before(self, wall: int) -> int:
        """How many starts lie before a wall, counted from the anchor (negative before it)."""
        rounds, rest = divmod(wall - self.anchor, self.step)
        return rounds * len(self.offsets) + bisect_left(self.offsets, rest)


def at_times(midnight: int, times: Times, low: int, high: int) -> Iterator[Chunk]:
    """The walls of one day, as far as they lie in [low, high); one empty chunk when there are none."""
    times = times[bisect_left(times, low - midnight) : bisect_left(times, high - midnight)]
    if isinstance(times, range):
        yield range(midnight + times.start, midnight + times.stop, times.step)
    elif len(times) <= MANY:
        yield [midnight + time for time in times]
    else:
        for run in growing(times, 1):
            yield [midnight + time for time in run]


class Dense:
    """Each day that the walk `days` gives, at many `times`."""

    __slots__ = ("days", "times")

    def __init__(self, days: Walk, times: Times) -> None:
        self.days, self.times = days, times

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        for days in self.days.chunks(low - low % DAY, high):
            if not days:
                yield ()
            for midnight in days:
                if low - DAY < midnight < high:
                    yield from at_times(midnight, self.times, low, high)

    def per_day(self) -> int:
        return len(self.times)
