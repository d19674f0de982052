"""Walks by kinds of period: months, years, and weeks within some months.

A kind of period is compiled once into the offsets of its starts, BYSETPOS applied, so that expanding it is one
addition a start. There are 28 kinds of month, 14 of year (56 of week-year), and a week has as many as its days can be
divided between two months.

    Months    MONTHLY, YEARLY by months, and DAILY with filters
    Years     YEARLY by year: BYWEEKNO, BYYEARDAY, ordinals or BYSETPOS over a year
    Weeks     WEEKLY with BYMONTH
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from recurrence import period
from recurrence.calendar import (
    CYCLE,
    FIRST_MONTH,
    LAST_MONTH,
    MONTH_KINDS,
    MONTH_STARTS,
    MONTHS_IN_CYCLE,
    WEEKS_IN_CYCLE,
    YEARS_IN_CYCLE,
    is_leap,
    month_of,
    month_start,
)
from recurrence.period import DayParts
from recurrence.timeline import DAY, END
from recurrence.times import Times, pick
from recurrence.walk import Chunk, Steady, growing

LAST_WEEK: Final = END // DAY - 6  # a week that begins here no longer ends within year 9999


class Months:
    """The months that `indices` gives, as 12 x year + month - 1."""

    __slots__ = ("indices", "kinds", "parts", "positions", "times")

    def __init__(self, indices: Steady, parts: DayParts, times: Times, positions: Sequence[int]) -> None:
        self.indices, self.parts, self.times, self.positions = indices, parts, times, positions
        self.kinds: dict[int, Sequence[int]] = {}

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        beside = self.parts.skip != "OMIT"  # SKIP may move a day into the month before or after its own
        runs = self.runs(max(month_of(low) - beside, FIRST_MONTH), min(month_of(high) + beside, LAST_MONTH) + 1)
        if beside:
            yield from joined(runs)
        else:
            for _, walls in runs:
                yield walls

    def runs(self, low: int, high: int) -> Iterator[tuple[int, list[int]]]:
        """The walls of the wanted months in [low, high), run by run, each with the first wall of its first month."""
        kinds = self.kinds
        idle = 0
        for indices in self.indices.chunks(low, high):
            for run in growing(indices[bisect_left(indices, low) : bisect_left(indices, high)], 1):
                walls: list[int] = []
                for month in run:
                    cycles, place = divmod(month, MONTHS_IN_CYCLE)
                    kind = kinds.get(MONTH_KINDS[place])
                    if kind is None:
                        kind = self.compiled(MONTH_KINDS[place])
                    start = MONTH_STARTS[place] + cycles * CYCLE
                    walls += [start + offset for offset in kind]
                yield month_start(run[0]), walls
                idle = 0 if walls else idle + len(run)
                if idle > MONTHS_IN_CYCLE:
                    return

    def compiled(self, kind: int) -> Sequence[int]:
        """The starts of a kind of month, in seconds from its first."""
        length, weekday = divmod(kind, 7)
        found = offsets_of(sorted(period.month_days(self.parts, length, weekday)), self.times, self.positions)
        self.kinds[kind] = found
        return found

    def per_day(self) -> int:
        return len(self.times)


def offsets_of(days: Sequence[int], times: Times, positions: Sequence[int]) -> Sequence[int]:
    """The starts of a period in seconds from its first, of the days it has, by BYSETPOS's choice."""
    if positions and len(times) > 1:
        kept = pick([(day, times) for day in days], positions)
        return [day * DAY + time for day, chosen in kept for time in chosen]
    if positions:
        total = len(days)
        places = sorted({n - 1 if n > 0 else total + n for n in positions})
        days = [days[place] for place in places if 0 <= place < total]
    return [day * DAY + time for day in days for time in times]


def joined(runs: Iterator[tuple[int, list[int]]]) -> Iterator[Chunk]:
    """The walls of months whose days may stand beside them (SKIP): in order, and a day that two of them name
    once.
    """
    held: set[int] = set()
    for first, walls in runs:
        border = first - DAY  # nothing of this month or a later one lies before the day before its first
        yield sorted([wall for wall in held if wall < border])
        held = {wall for wall in held if wall >= border}
        held.update(walls)
    yield sorted(held)


class Years:
    """Years of the calendar, or week-years where BYWEEKNO is given. `start` is one of them."""

    __slots__ = ("kinds", "parts", "positions", "start", "step", "times")

    def __init__(self, start: int, step: int, parts: DayParts, times: Times, positions: Sequence[int]) -> None:
        self.start, self.step, self.parts, self.times, self.positions = start, step, parts, times, positions
        self.kinds: dict[tuple[bool, bool, bool, int], Sequence[int]] = {}

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        year = max(month_of(low) // 12 - 1, 1)
        year += (self.start - year) % self.step
        idle = 0
        for number in range(year, min(month_of(high) // 12 + 1, LAST_MONTH // 12) + 1, self.step):
            first = date(number, 1, 1).toordinal()
            kind = self.kind(number, (first - 1) % 7)
            yield [first * DAY + offset for offset in kind]
            idle = 0 if kind else idle + 1
            if idle > YEARS_IN_CYCLE:
                return

    def kind(self, year: int, weekday: int) -> Sequence[int]:
        """The starts of a year that begins on that weekday, in seconds from 1 January."""
        leaps = is_leap(year - 1), is_leap(year), is_leap(year + 1)
        key = (*leaps, weekday) if self.parts.byweekno else (False, leaps[1], False, weekday)
        found = self.kinds.get(key)
        if found is None:
            if self.parts.byweekno:
                days = period.week_year_days(self.parts, *leaps, weekday)
            else:
                days = period.year_days(self.parts, leaps[1], weekday)
            found = self.kinds[key] = offsets_of(days, self.times, self.positions)
        return found

    def per_day(self) -> int:
        return len(self.times)


class Weeks:
    """Weeks within the months `wanted`. `start` is the ordinal of the first day of one of them, `step` in days;
    `days` are counted from there."""

    __slots__ = ("days", "kinds", "positions", "start", "step", "times", "wanted")

    def __init__(
        self, start: int, step: int, wanted: frozenset[int], days: Sequence[int], times: Times, positions: Sequence[int]
    ) -> None:
        self.start, self.step, self.wanted, self.days = start, step, wanted, tuple(days)
        self.times, self.positions = times, positions
        self.kinds: dict[tuple[int, ...], Sequence[int]] = {}

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        first = max(low // DAY - 6, 1)
        first += (self.start - first) % self.step
        idle = 0
        for week in range(first, min(high // DAY + 1, LAST_WEEK), self.step):
            days = self.wanted_days(week)
            kind = self.kinds.get(days)
            if kind is None:
                kind = self.kinds[days] = offsets_of(days, self.times, self.positions)
            yield [week * DAY + offset for offset in kind]
            idle = 0 if kind else idle + 1
            if idle > WEEKS_IN_CYCLE:
                return

    def wanted_days(self, week: int) -> tuple[int, ...]:
        """The days of a week that lie in a wanted month."""
        month = date.fromordinal(week).month
        if month == date.fromordinal(week + 6).month:
            return self.days if month in self.wanted else ()
        return tuple([day for day in self.days if date.fromordinal(week + day).month in self.wanted])

    def per_day(self) -> int:
        return len(self.times)
