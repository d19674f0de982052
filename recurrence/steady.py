"""Steady rules: every so many seconds, at some offsets, as daily, weekly, and finer rules without filters are.

Their starts are counted from an anchor, so that where the n-th lies, and how many lie before a wall, is arithmetic
(decision 20). A stretch of them is a pair of numbers; nothing is written out until it is asked for.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import chain, count, islice, pairwise
from typing import Final, overload

from recurrence.timeline import DAY, SPANS
from recurrence.times import before

Stride = tuple[int, Sequence[timedelta]]
"""Starts as the first of them, and how long after each of them the next one is."""

NO_START: Final[Stride] = (0, ())
MANY: Final = 512  # starts in one chunk, about; a period that has more is cut day by day
PORTION: Final = 4 * MANY  # starts handed on at once
WHOLE: Final = 768  # starts that are handed on at once in any case: four weeks of hours
SHORT: Final = MANY // 8  # of these in the first portion, of which not all may be wanted


def stride_of(walls: Sequence[int]) -> Stride:
    """Walls as one stride."""
    if len(walls) == 1:
        return walls[0], ()
    if isinstance(walls, range):
        return walls[0], [SPANS[walls.step]] * (len(walls) - 1)
    return walls[0], [SPANS[later - wall] for wall, later in pairwise(walls)]


class Steady:
    """Every `step` seconds from `anchor`, at each of the `offsets` (ascending, all below `step`).

    `gaps` are how long after each of them the next one is, where there are several and few enough for a stride.
    """

    __slots__ = ("anchor", "gaps", "offsets", "step")

    def __init__(self, anchor: int, step: int, offsets: Sequence[int]) -> None:
        self.anchor, self.step, self.offsets = anchor, step, offsets
        if 1 < len(offsets) <= MANY:
            self.gaps = [SPANS[later - offset] for offset, later in pairwise((*offsets, offsets[0] + step))]

    def chunks(self, low: int, high: int) -> Iterator["Beats"]:
        """All starts in [low, high), as one."""
        yield self.between(low, high)

    def between(self, low: int, high: int) -> "Beats":
        """The starts in [low, high), perhaps none."""
        anchor, step, offsets = self.anchor, self.step, self.offsets
        rounds, rest = divmod(low - anchor, step)
        first = rounds * len(offsets) + before(offsets, rest)
        rounds, rest = divmod(high - anchor, step)
        last = rounds * len(offsets) + before(offsets, rest)
        return Beats(self, first, last if last > first else first)

    def numbers(self, low: int, high: int) -> "range | Beats":
        """The same as a range, where there is one offset."""
        if len(self.offsets) != 1:
            return self.between(low, high)
        step = self.step
        return range(low + (self.anchor + self.offsets[0] - low) % step, high, step)

    def portions(self, low: int, high: int) -> Iterable["Beats"]:
        """The same in portions that are not empty, each longer than the one before."""
        beats = self.between(low, high)
        if beats.high - beats.low <= WHOLE:
            return (beats,) if beats.low < beats.high else ()
        return self.cut(beats.low, beats.high)

    def cut(self, first: int, last: int) -> Iterator["Beats"]:
        """The starts with the numbers [first, last), in portions."""
        size = SHORT
        while first < last:
            yield Beats(self, first, min(first + size, last))
            first += size
            size = min(size * 4, PORTION)

    def stride(self, low: int, high: int) -> Stride | None:
        """The same as one stride, or None where there are too many for one."""
        anchor, step, offsets = self.anchor, self.step, self.offsets
        number = len(offsets)
        if number == 1:
            low += (anchor + offsets[0] - low) % step
            more = (high - low - 1) // step
            if more < PORTION:
                return (low, [SPANS[step]] * more) if more >= 0 else NO_START
            return None
        if number > MANY:
            return None
        rounds, rest = divmod(low - anchor, step)
        first = bisect_left(offsets, rest)
        more, rest = divmod(high - anchor, step)
        last = (more - rounds) * number + bisect_left(offsets, rest) - 1  # the first offset of the first round being 0
        if last < first:
            return NO_START
        if last - first >= PORTION:
            return None
        begin = offsets[first] if first < number else offsets[0] + step
        gaps = self.gaps * (last // number + 1)
        return anchor + rounds * step + begin, gaps[first:last]

    def before(self, wall: int) -> int:
        """How many starts lie before a wall, counted from the anchor (negative before it)."""
        rounds, rest = divmod(wall - self.anchor, self.step)
        offsets = self.offsets
        return rounds * len(offsets) + before(offsets, rest)

    def wall(self, number: int) -> int:
        """The start before which there are so many."""
        rounds, place = divmod(number, len(self.offsets))
        return self.anchor + rounds * self.step + self.offsets[place]

    def least_gap(self) -> int:
        """The shortest way from a start to the next one (seconds), or 0 where they are more than can be looked at."""
        if len(self.offsets) > MANY:
            return 0
        return min([later - offset for offset, later in pairwise((*self.offsets, self.offsets[0] + self.step))])

    def per_day(self) -> int:
        """The most starts that one day can have."""
        if self.step < DAY:
            return -(-DAY // self.step) * len(self.offsets)
        if self.step == DAY or len(self.offsets) >= MANY:
            return len(self.offsets)
        days = [(self.anchor + offset) // DAY for offset in self.offsets]
        return max([days.count(day) for day in set(days)], default=0)


class Beats(Sequence[int]):
    """The starts of a steady rule with the numbers [low, high)."""

    __slots__ = ("high", "low", "steady")

    def __init__(self, steady: Steady, low: int, high: int) -> None:
        self.steady, self.low, self.high = steady, low, high

    def __len__(self) -> int:
        return self.high - self.low

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> "Beats": ...
    def __getitem__(self, place: int | slice) -> "int | Beats":
        if isinstance(place, slice):
            low, high, _ = place.indices(self.high - self.low)
            return Beats(self.steady, self.low + low, self.low + max(low, high))
        if place < 0:
            place += self.high - self.low
        if not 0 <= place < self.high - self.low:
            raise IndexError(place)
        return self.steady.wall(self.low + place)

    def __iter__(self) -> Iterator[int]:
        anchor, step, offsets = self.steady.anchor, self.steady.step, self.steady.offsets
        if self.low == self.high:
            return iter(())
        rounds, place = divmod(self.low, len(offsets))
        if len(offsets) == 1:
            first = anchor + rounds * step + offsets[0]
            return iter(range(first, first + len(self) * step, step))
        base, number = anchor + rounds * step, len(self)
        begun = [base + offset for offset in offsets[place : place + number]]
        starts = (later + offset for later in count(base + step, step) for offset in offsets)
        return chain(begun, islice(starts, number - len(begun)))

    def place(self, wall: int) -> int:
        """How many of these starts lie before a wall."""
        return min(max(self.steady.before(wall), self.low), self.high) - self.low

    def stride(self) -> Stride:
        """They all as one stride."""
        steady = self.steady
        return steady.stride(steady.wall(self.low), steady.wall(self.high - 1) + 1) or stride_of(list(self))
