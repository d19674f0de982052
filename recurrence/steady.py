"""Steady rules: every so many seconds, at some offsets, as daily, weekly, and finer rules without filters are.

Their starts are counted from an anchor, so that where the n-th lies, and how many lie before a wall, is arithmetic
(decision 20). A stretch of them is a pair of numbers; nothing is written out until it is asked for.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from operator import sub
from typing import Final, overload

from recurrence.timeline import DAY, SPANS

MANY: Final = 512  # starts in one chunk, about; a period that has more is cut day by day
PORTION: Final = 4 * MANY  # starts handed on at once


class Steady:
    """Every `step` seconds from `anchor`, at each of the `offsets` (ascending, all below `step`)."""

    __slots__ = ("anchor", "gaps", "offsets", "step")

    def __init__(self, anchor: int, step: int, offsets: Sequence[int]) -> None:
        self.anchor, self.step, self.offsets = anchor, step, offsets
        self.gaps: list[timedelta] = []

    def chunks(self, low: int, high: int) -> Iterator["Beats"]:
        """All starts in [low, high), as one."""
        yield self.between(low, high)

    def between(self, low: int, high: int) -> "Beats":
        """The starts in [low, high), perhaps none."""
        anchor, step, offsets = self.anchor, self.step, self.offsets
        rounds, rest = divmod(low - anchor, step)
        first = rounds * len(offsets) + bisect_left(offsets, rest)
        rounds, rest = divmod(high - anchor, step)
        last = rounds * len(offsets) + bisect_left(offsets, rest)
        return Beats(self, first, last if last > first else first)

    def numbers(self, low: int, high: int) -> "range | Beats":
        """The same as a range, where there is one offset."""
        if len(self.offsets) != 1:
            return self.between(low, high)
        step = self.step
        return range(low + (self.anchor + self.offsets[0] - low) % step, high, step)

    def portions(self, low: int, high: int) -> Iterable["Beats"]:
        """The same in portions that are not empty."""
        beats = self.between(low, high)
        first, last = beats.low, beats.high
        if last - first <= PORTION:
            return (beats,) if first < last else ()
        return (Beats(self, n, min(n + PORTION, last)) for n in range(first, last, PORTION))

    def strides(self, low: int, high: int) -> Iterable[tuple[int, Sequence[timedelta]]]:
        """The same as the first start of each portion, and how long after each of its starts the next one is."""
        offsets, step = self.offsets, self.step
        if len(offsets) == 1:
            low += (self.anchor + offsets[0] - low) % step
            more = (high - low - 1) // step
            if 0 <= more < PORTION:
                return ((low, [SPANS[step]] * more),)
        rounds, rest = divmod(low - self.anchor, step)
        place = bisect_left(offsets, rest)
        more, rest = divmod(high - self.anchor, step)
        more = (more - rounds) * len(offsets) + bisect_left(offsets, rest) - 1  # place included
        if more < place:
            return ()
        if more - place >= PORTION or len(offsets) > MANY:
            return (portion.steps() for portion in self.portions(low, high))
        gaps = self.gaps or self.spans()
        if place == len(offsets):
            rounds, place, more = rounds + 1, 0, more - place
        if more > len(offsets):
            gaps = gaps * (more // len(offsets) + 1)
        return ((self.anchor + rounds * step + offsets[place], gaps[place:more]),)

    def spans(self) -> list[timedelta]:
        """How long after each of the offsets the next one is."""
        offsets = self.offsets
        self.gaps = [SPANS[gap] for gap in map(sub, (*offsets[1:], offsets[0] + self.step), offsets)]
        return self.gaps

    def before(self, wall: int) -> int:
        """How many starts lie before a wall, counted from the anchor (negative before it)."""
        rounds, rest = divmod(wall - self.anchor, self.step)
        offsets = self.offsets
        return rounds * len(offsets) + bisect_left(offsets, rest)

    def wall(self, number: int) -> int:
        """The start before which there are so many."""
        rounds, place = divmod(number, len(self.offsets))
        return self.anchor + rounds * self.step + self.offsets[place]

    def per_day(self) -> int:
        """The most starts that one day can have."""
        if self.step < DAY:
            return -(-DAY // self.step) * len(self.offsets)
        days = [(self.anchor + offset) // DAY for offset in self.offsets]
        return max([days.count(day) for day in set(days)], default=0) if len(days) < MANY else len(days)


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
        offsets = self.steady.offsets
        if len(offsets) == 1:
            step, first = self.steady.step, self.steady.wall(self.low)
            return iter(range(first, first + len(self) * step, step))
        return map(self.steady.wall, range(self.low, self.high))

    def place(self, wall: int) -> int:
        """How many of these starts lie before a wall."""
        return min(max(self.steady.before(wall), self.low), self.high) - self.low

    def steps(self) -> tuple[int, Sequence[timedelta]]:
        """The first of them, and how long after each the next one is."""
        steady = self.steady
        offsets, gaps = steady.offsets, steady.gaps
        if len(offsets) > MANY:
            walls = [steady.wall(number) for number in range(self.low, self.high)]
            return walls[0], [SPANS[gap] for gap in map(sub, walls[1:], walls)]
        rounds, place = divmod(self.low, len(offsets))
        if not gaps:
            gaps = steady.spans()
        more = place + self.high - self.low - 1
        if more > len(offsets):
            gaps = gaps * (more // len(offsets) + 1)
        return steady.anchor + rounds * steady.step + offsets[place], gaps[place:more]
