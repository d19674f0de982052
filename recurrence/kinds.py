"""Walks by kinds of period: months, years, and weeks within some months.

A kind of period is compiled once into the offsets of its starts, BYSETPOS applied, so that expanding it is one
addition a start. There are 28 kinds of month, 14 of year (56 of week-year), and a week has as many as its days can be
divided between two months.

    Months    MONTHLY, YEARLY by months, and DAILY with filters
    Years     YEARLY by year: BYWEEKNO, BYYEARDAY, ordinals or BYSETPOS over a year
    Weeks     WEEKLY with BYMONTH
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
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
    YEARS_IN_CYCLE,
    is_leap,
    month_of,
    month_start,
)
from recurrence.parts import OMIT
from recurrence.rule import Rule
from recurrence.steady import MANY, NO_START, SHORT, Steady, Stride, stride_of
from recurrence.timeline import DAY, END
from recurrence.times import Times, pick
from recurrence.walk import FEW, Chunk

LAST_WEEK: Final = END // DAY - 6  # a week that begins here no longer ends within year 9999


class Months:
    """The months that `indices` gives, as 12 x year + month - 1."""

    __slots__ = ("indices", "is_barren", "kinds", "positions", "rule", "times")

    def __init__(self, indices: Steady, rule: Rule, times: Times, positions: Sequence[int]) -> None:
        self.indices, self.rule, self.times, self.positions = indices, rule, times, positions
        self.is_barren = False  # whether a whole cycle was seen to bring nothing
        self.kinds: dict[int, Sequence[int]] = {}

    def chunks(self, low: int, high: int) -> Iterable[Chunk]:
        if self.rule.skip is OMIT:
            months = self.indices.numbers(month_of(low), month_of(high) + 1)
            return (self.walls(months),) if len(months) <= FEW else (walls for _, walls in self.runs(months))
        first, last = max(month_of(low) - 1, FIRST_MONTH), min(month_of(high) + 1, LAST_MONTH)
        return joined(self.runs(self.indices.numbers(first, last + 1)))  # a day may stand in the month beside its own

    def stride(self, low: int, high: int) -> Stride | None:
        """The starts in [low, high) as one stride, or None where these are too many months for one."""
        if self.rule.skip is not OMIT:
            return None
        cycles = (low - MONTH_STARTS[0]) // CYCLE
        moved, before = cycles * CYCLE, cycles * MONTHS_IN_CYCLE
        first = bisect_right(MONTH_STARTS, low - moved) - 1
        last = first + 1
        while MONTH_STARTS[last] + moved < high:
            last += 1
            if last - first > FEW or last == len(MONTH_STARTS):
                return None
        kinds = self.kinds
        walls: list[int] = []
        for month in self.indices.numbers(before + first, before + last):
            place = month - before
            kind = MONTH_KINDS[place]
            start = MONTH_STARTS[place] + moved
            found = kinds[kind] if kind in kinds else self.compiled(kind)
            walls += [start + offset for offset in found if low <= start + offset < high]
        return stride_of(walls) if walls else NO_START

    def runs(self, months: Sequence[int]) -> Iterator[tuple[Sequence[int], list[int]]]:
        """The months in runs, with the walls of each run: longer ones, as long as these are few."""
        most = len(self.positions) or 31 * len(self.times) or 1  # starts of a month
        start, size, idle = 0, max(1, min(FEW, SHORT // most)), 0
        while start < len(months) and not self.is_barren:
            run = months[start : start + size]
            walls = self.walls(run)
            yield run, walls
            idle = 0 if walls else idle + len(run)
            self.is_barren = idle > MONTHS_IN_CYCLE
            start += size
            if len(walls) < MANY:
                size = min(size * 4, MANY)

    def walls(self, months: Sequence[int]) -> list[int]:
        """The starts in these months."""
        kinds = self.kinds
        walls: list[int] = []
        for month in months:
            cycles, place = divmod(month, MONTHS_IN_CYCLE)
            kind = kinds.get(MONTH_KINDS[place])
            if kind is None:
                kind = self.compiled(MONTH_KINDS[place])
            if kind:
                start = MONTH_STARTS[place] + cycles * CYCLE
                walls += [start + offset for offset in kind]
        return walls

    def count(self, months: range) -> int:
        """How many starts these months have (one at least): their kinds are counted in bytes."""
        first = months.start % MONTHS_IN_CYCLE
        span = months[-1] - months.start + 1
        kinds = (MONTH_KINDS * ((first + span) // MONTHS_IN_CYCLE + 1))[first : first + span : months.step]
        return sum(kinds.count(kind) * len(self.kinds.get(kind) or self.compiled(kind)) for kind in set(kinds))

    def compiled(self, kind: int) -> Sequence[int]:
        """The starts of a kind of month, in seconds from its first."""
        length, weekday = divmod(kind, 7)
        found = offsets_of(period.month_days(self.rule, length, weekday), self.times, self.positions)
        self.kinds[kind] = found
        return found

    def per_day(self) -> int:
        return len(self.times)


def offsets_of(days: Sequence[int], times: Times, positions: Sequence[int]) -> Sequence[int]:
    """The starts of a period in seconds from its first, of the days it has, by BYSETPOS's choice."""
    if len(times) == 1:
        time = times[0]
        if positions:
            total = len(days)
            days = [days[n - 1 if n > 0 else n] for n in positions if -total <= n <= total]
            if len(days) > 1:
                days = sorted(set(days))
        return [day * DAY + time for day in days]
    kept = pick([(day, times) for day in days], positions) if positions else [(day, times) for day in days]
    return [day * DAY + time for day, chosen in kept for time in chosen]


def joined(runs: Iterator[tuple[Sequence[int], list[int]]]) -> Iterator[Chunk]:
    """The walls of months whose days may stand beside them (SKIP): in order, and a day that two of them name
    once.
    """
    held: set[int] = set()
    for run, walls in runs:
        border = month_start(run[0]) - DAY  # nothing of this month or a later one lies before the day before its first
        yield sorted([wall for wall in held if wall < border])
        held = {wall for wall in held if wall >= border}
        held.update(walls)
    yield sorted(held)


class Years:
    """Years of the calendar, or week-years where BYWEEKNO is given. `start` is one of them."""

    __slots__ = ("kinds", "positions", "rule", "start", "step", "times")

    def __init__(self, start: int, step: int, rule: Rule, times: Times, positions: Sequence[int]) -> None:
        self.start, self.step, self.rule, self.times, self.positions = start, step, rule, times, positions
        self.kinds: dict[tuple[bool, bool, bool, int], Sequence[int]] = {}

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        year = max(month_of(low) // 12 - 1, 1)
        year += (self.start - year) % self.step
        idle = 0
        for number in range(year, min(month_of(high) // 12 + 1, LAST_MONTH // 12) + 1, self.step):
            first = date(number, 1, 1).toordinal()
            kind, begin = self.kind(number, (first - 1) % 7), first * DAY
            yield [begin + offset for offset in kind[bisect_left(kind, low - begin) : bisect_left(kind, high - begin)]]
            idle = 0 if kind else idle + 1
            if idle > YEARS_IN_CYCLE:
                return

    def kind(self, year: int, weekday: int) -> Sequence[int]:
        """The starts of a year that begins on that weekday, in seconds from 1 January."""
        leaps = is_leap(year - 1), is_leap(year), is_leap(year + 1)
        key = (*leaps, weekday) if self.rule.byweekno else (False, leaps[1], False, weekday)
        found = self.kinds.get(key)
        if found is None:
            if self.rule.byweekno:
                days = period.week_year_days(self.rule, *leaps, weekday)
            else:
                days = period.year_days(self.rule, leaps[1], weekday)
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
        if not self.kind(self.days):
            return  # BYSETPOS leaves nothing of a whole week, nor of a part
        first = max(low // DAY - 6, 1)
        first += (self.start - first) % self.step
        for week in range(first, min(high // DAY + 1, LAST_WEEK), self.step):
            yield [week * DAY + offset for offset in self.kind(self.wanted_days(week))]

    def kind(self, days: tuple[int, ...]) -> Sequence[int]:
        """The starts of a week of which these days are wanted, in seconds from its first."""
        found = self.kinds.get(days)
        if found is None:
            found = self.kinds[days] = offsets_of(days, self.times, self.positions)
        return found

    def wanted_days(self, week: int) -> tuple[int, ...]:
        """The days of a week that lie in a wanted month."""
        month = date.fromordinal(week).month
        if month == date.fromordinal(week + 6).month:
            return self.days if month in self.wanted else ()
        return tuple([day for day in self.days if date.fromordinal(week + day).month in self.wanted])

    def per_day(self) -> int:
        return len(self.times)
