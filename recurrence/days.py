"""Rules by the day: DAILY with filters and an interval, and finer rules with filters or an uneven step.

Finer rules mean the wall clock: "every 5 hours" counts hours that a clock without daylight saving would show
(decision 4). So a day has the times that remain of the step's grid in it, and the filters choose among days
and times. Where the step divides a day, all days have the same times.

Two ways through the calendar, both with skip-ahead: by months, taking the days that the filters leave of
each, when the step is short; from step to step, asking the filters about each day, when it is long.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterator, Sequence, Set
from datetime import date
from functools import cached_property
from math import gcd
from typing import Final

from recurrence import period
from recurrence.calendar import MONTH_KINDS, MONTHS_IN_CYCLE, is_leap, month_of, month_start
from recurrence.rule import Rule
from recurrence.timeline import DAY, FIRST, WEEK
from recurrence.times import LISTED, UNITS, Nested, Times, nested, passing, pick
from recurrence.walk import Chunk, at_times, growing

LONG_STEP: Final = 16 * DAY  # from here on fewer steps than days are looked at
SIFTED: Final = 8  # points of a grid that are looked at for each start that they are expected to bring


class Days:
    """Starts on a grid of `step` seconds through `anchor`, kept if the day passes the filters of `rule` and the
    time is in `allowed`.

    `inner` are the starts of one grid period, in seconds from its beginning, BYSETPOS already applied.
    """

    def __init__(self, anchor: int, step: int, rule: Rule, allowed: Times | None, inner: Times) -> None:
        self.anchor, self.step, self.rule, self.inner = anchor, step, rule, inner
        self.allowed = allowed
        self.wanted = frozenset(rule.bymonth or period.MONTHS)
        self.kinds: dict[tuple[int, int, bool], Sequence[int]] = {}

    @cached_property
    def possible(self) -> bool:
        """False when no time that is allowed, on no weekday that is, ever meets the grid."""
        if not self.inner:
            return False
        day = gcd(self.step, DAY)
        if not self.meets(range(self.anchor % day, DAY, day)):
            return False
        if not self.rule.byday:
            return True
        week = gcd(self.step, WEEK)
        wanted = {(self.anchor - (weekday + 1) * DAY) % week for _, weekday in self.rule.byday}
        return any(self.meets(range(time, DAY, week)) for time in wanted)

    def meets(self, grid: range) -> bool:
        """Whether a time of this grid is allowed."""
        points, kept = self.points(grid)
        return any(point in kept for point in points)

    @cached_property
    def passing(self) -> Container[int]:
        """The times that are allowed, where they are not all: to look one up."""
        return passing(self.allowed or ())

    @cached_property
    def named(self) -> tuple[Set[int], Set[int]]:
        """The days that BYYEARDAY names, counted from 1 January, in years of 365 days and of 366."""
        given = self.rule.byyearday
        years = [{n - 1 if n > 0 else total + n for n in given if abs(n) <= total} for total in (365, 366)]
        return years[0], years[1]

    @cached_property
    def known(self) -> Times | None:
        """The times of each day that has any, where all have the same, and these are not too many to be listed."""
        grid = range(self.anchor % min(self.step, DAY), DAY, self.step)
        if (DAY % self.step and self.step % DAY) or len(self.points(grid)[0]) * len(self.inner) > LISTED:
            return None
        return self.listed(grid)

    def listed(self, grid: range) -> Times:
        """The times of a day with that grid."""
        if self.allowed is None and self.inner == (0,):
            return grid
        points: Times = grid if self.allowed is None else self.allowed
        if self.allowed is not None and self.step != UNITS[self.rule.freq]:
            points = on_grid(points, grid)
        return nested(points, self.inner, UNITS.get(self.rule.freq, DAY))

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        if not self.possible:
            return iter(())
        return self.by_steps(low, high) if self.step >= LONG_STEP else self.by_months(low, high)

    def by_months(self, low: int, high: int) -> Iterator[Chunk]:
        """Month after month, day after day."""
        idle = 0
        for month in range(month_of(low), month_of(high) + 1):
            days = self.month(month)
            idle = 0 if days else idle + 1
            if idle > MONTHS_IN_CYCLE:
                return
            if not days:
                yield ()
                continue
            start = month_start(month)
            first, last = bisect_left(days, (low - start) // DAY), bisect_right(days, (high - 1 - start) // DAY)
            for offset in days[first:last]:
                yield from self.day(start + offset * DAY, low, high)

    def by_steps(self, low: int, high: int) -> Iterator[Chunk]:
        """Step after step."""
        first = max(low - DAY, FIRST)
        first += (self.anchor - first) % self.step
        for start in range(first, high, self.step):
            midnight = start // DAY * DAY
            if (self.allowed is None or start - midnight in self.passing) and self.passes(midnight):
                yield from at_times(start, self.inner, low, high)
            else:
                yield ()

    def passes(self, midnight: int) -> bool:
        """Whether the filters leave the day that begins at this wall."""
        month = month_of(midnight)
        return (midnight - month_start(month)) // DAY in self.month(month)

    def month(self, month: int) -> Sequence[int]:
        """Offsets of the days of a month that the filters leave, in order."""
        year, number = divmod(month, 12)
        if number + 1 not in self.wanted:
            return ()
        leap = is_leap(year)
        kind = MONTH_KINDS[month % MONTHS_IN_CYCLE]
        key = (kind, number, leap) if self.rule.byyearday else (kind, 0, False)
        found = self.kinds.get(key)
        if found is None:
            days = period.month_days(self.rule, *divmod(kind, 7))
            if self.rule.byyearday:
                before = date(year, number + 1, 1).timetuple().tm_yday - 1
                days = [day for day in days if before + day in self.named[leap]]
            found = self.kinds[key] = days
        return found

    def day(self, midnight: int, low: int, high: int) -> Iterator[Chunk]:
        """The starts of the day that begins at `midnight`, as far as they lie in [low, high); an empty chunk where a
        step brought none.
        """
        first = (self.anchor - midnight) % self.step
        if first >= DAY:
            yield ()
        elif self.known is not None:
            yield from at_times(midnight, self.known, low, high)
        else:
            yield from self.sifted(midnight, range(first, DAY, self.step), low, high)

    def sifted(self, midnight: int, grid: range, low: int, high: int) -> Iterator[Chunk]:
        """The same of a day with a grid of its own."""
        inner = self.inner
        if self.allowed is None and inner == (0,):
            yield from at_times(midnight, grid, low, high)
            return
        points, kept = self.points(grid)
        begin, end = bisect_left(points, low - midnight - inner[-1]), bisect_left(points, high - midnight)
        if len(inner) == 1:
            for run in growing(points, SIFTED, begin, end):
                yield [midnight + point + inner[0] for point in run if point in kept]
            return
        for point in points[begin:end]:
            if point in kept:
                yield from at_times(midnight + point, inner, low, high)
            else:
                yield ()

    def points(self, grid: range) -> tuple[Sequence[int], Container[int]]:
        """Times of day of which those that the other one holds are both on the grid and allowed."""
        if self.allowed is None:
            return grid, grid
        return (self.allowed, grid) if len(self.allowed) < len(grid) else (grid, self.passing)

    def per_day(self) -> int:
        if self.known is not None:
            return len(self.known)
        points = -(-DAY // self.step)
        return min(points, points if self.allowed is None else len(self.allowed)) * len(self.inner)


def on_grid(times: Times, grid: range) -> Times:
    """Those of the times that lie on a grid which begins within its first step."""
    if isinstance(times, Nested) and times.unit % grid.step == 0:  # then what follows a part's beginning decides
        return nested(times.outer, [time for time in times.inner if (time - grid.start) % grid.step == 0], times.unit)
    return tuple([time for time in times if time in grid])


def picked_inner(inner: Times, positions: Sequence[int]) -> Times:
    """BYSETPOS within one period of a day's part."""
    if not positions:
        return inner
    return tuple([time for _, times in pick([(0, inner)], positions) for time in times])
