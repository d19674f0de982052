"""The walk from period to period: the starts of a rule on the wall clock, from any point on.

Nothing is ever walked from DTSTART: each walk computes the period in which the wanted stretch begins and goes
on from there, so that a window costs what lies in it (decision 20). A walk yields chunks: ascending walls, as
lists or ranges, all from `low` on (or later), in order and without doubles. Whoever asks stops reading when
there is enough; a walk by itself ends at the last day there is, or as soon as a whole cycle of the calendar
has brought nothing (it never fires, decision 14).

    Steady    every so many seconds, with offsets: daily, weekly, and finer rules without filters; pure
              arithmetic
    Months    MONTHLY, and YEARLY by months
    Years     YEARLY by year: BYWEEKNO, BYYEARDAY, ordinals or BYSETPOS over a year
    Weeks     WEEKLY with BYMONTH
    Days      filtered dates with the times each of them has: `days.py`

Every step that brings nothing is counted; more than BUDGET of them end the call with a BudgetError.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain
from math import gcd
from typing import Final, Protocol

from recurrence import period
from recurrence.errors import BudgetError
from recurrence.period import DayParts
from recurrence.timeline import DAY, END
from recurrence.times import Times, pick

Chunk = Sequence[int]
Kind = list[tuple[int, Times]]  # day offsets from the first of a period, with the times of each

BUDGET: Final = 12_000  # steps in a row without an occurrence: some 40 ms at worst
MONTHS_IN_CYCLE: Final = 4_800
YEARS_IN_CYCLE: Final = 400
WEEKS_IN_CYCLE: Final = 20_871
FIRST_MONTH: Final = 12  # January of year 1, as 12 x year + month - 1
LAST_MONTH: Final = 9_999 * 12 + 11
LAST_WEEK: Final = END // DAY - 6  # a week that begins here no longer ends within year 9999
MANY: Final = 512  # starts in one chunk; a period that has more is cut day by day


class Walk(Protocol):
    """The starts of one rule, by walls. All walls are seconds as in timeline.py."""

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        """Chunks in order, from `low` on; the last may reach beyond `high`. Some may be empty."""
        ...

    def per_day(self) -> int:
        """The most starts that one day can have."""
        ...


class Steady:
    """Every `step` seconds from `anchor`, at each of the `offsets` (ascending, all below `step`)."""

    def __init__(self, anchor: int, step: int, offsets: Sequence[int]) -> None:
        self.anchor, self.step, self.offsets = anchor, step, offsets

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        offsets, step = self.offsets, self.step
        if len(offsets) == 1:
            first = self.anchor + offsets[0]
            yield range(first + -((first - low) // step) * step, high, step)
            return
        base = self.anchor + (low - self.anchor) // step * step
        while base < high and offsets:
            after = base + step * max(1, MANY // len(offsets))
            chunk = [start + offset for start in range(base, min(after, high), step) for offset in offsets]
            yield chunk[bisect_left(chunk, low) :]
            base = after

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


def spread(first: int, kind: Kind, low: int) -> Iterator[Chunk]:
    """The walls of one period whose first day is the ordinal `first`, from `low` on, in chunks of bearable
    size.
    """
    if sum([len(times) for _, times in kind]) <= MANY:
        chunk = [(first + day) * DAY + time for day, times in kind for time in times]
        yield chunk if chunk and chunk[0] >= low else chunk[bisect_left(chunk, low) :]
        return
    for day, times in kind:
        yield at_times((first + day) * DAY, times, low)


def at_times(midnight: int, times: Times, low: int) -> Chunk:
    """The walls of one day, from `low` on."""
    if low > midnight:
        times = times[bisect_left(times, low - midnight) :]
    if isinstance(times, range):
        return range(midnight + times.start, midnight + times.stop, times.step)
    return [midnight + time for time in times]


class Months:
    """The months `wanted`: each `step`-th from the index `start` on (12 x year + month - 1), or, with `years`, in each
    `years`-th year from that of `start` on."""

    def __init__(
        self, start: int, step: int, parts: DayParts, times: Times, positions: Sequence[int], years: int = 0
    ) -> None:
        self.start, self.step, self.years = start, step, years
        self.parts, self.times, self.positions = parts, times, positions
        named = parts.bymonth or period.MONTHS
        self.wanted = [n for n in named if (n - 1 - start) % gcd(step, 12) == 0]
        self.kinds: dict[tuple[int, int], Kind] = {}

    def kind(self, length: int, weekday: int) -> Kind:
        """The starts of a month of that length that begins on that weekday."""
        found = self.kinds.get((length, weekday))
        if found is None:
            found = [(day, self.times) for day in sorted(period.month_days(self.parts, length, weekday))]
            if self.positions:
                found = pick(found, self.positions)
            self.kinds[length, weekday] = found
        return found

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        if self.parts.skip != "OMIT":
            return joined(self.months(low, high, beside=1), low)
        return chain.from_iterable(spread(first, kind, low) for first, kind in self.months(low, high))

    def months(self, low: int, high: int, beside: int = 0) -> Iterator[tuple[int, Kind]]:
        """(ordinal of the first, kind) of the months that have starts, `beside` months more on both sides."""
        idle = 0
        for month in self.indices(month_of(low) - beside, month_of(high) + beside):
            year, number = divmod(month, 12)
            first = date(year, number + 1, 1).toordinal()
            kind = self.kind(period.month_length(number + 1, period.is_leap(year)), (first - 1) % 7)
            if kind:
                idle = 0
                yield first, kind
            elif (idle := idle + 1) > MONTHS_IN_CYCLE:
                return

    def indices(self, low: int, high: int) -> Iterator[int]:
        """The wanted months from index `low` to `high`."""
        low, high = max(low, FIRST_MONTH), min(high, LAST_MONTH)
        if self.years:
            year = low // 12
            year += (self.start // 12 - year) % self.years
            for january in range(12 * year, high + 1, 12 * self.years):
                yield from [january + n - 1 for n in self.wanted if low <= january + n - 1 <= high]
        elif self.wanted:
            for month in range(low + (self.start - low) % self.step, high + 1, self.step):
                if month % 12 + 1 in self.wanted:
                    yield month

    def per_day(self) -> int:
        return len(self.times)


def joined(months: Iterator[tuple[int, Kind]], low: int) -> Iterator[Chunk]:
    """The walls of months whose days may stand beside them (SKIP): in order, and a day that two of them name
    once.
    """
    held: set[int] = set()
    for first, kind in months:
        border = (first - 1) * DAY  # nothing of this month or a later one lies before the day before its first
        ready = sorted(wall for wall in held if wall < border)
        held = {wall for wall in held if wall >= border}
        held.update((first + day) * DAY + time for day, times in kind for time in times)
        yield [wall for wall in ready if wall >= low]
    yield sorted(wall for wall in held if wall >= low)


class Years:
    """Years of the calendar, or week-years where BYWEEKNO is given. `start` is one of them."""

    def __init__(self, start: int, step: int, parts: DayParts, times: Times, positions: Sequence[int]) -> None:
        self.start, self.step, self.parts, self.times, self.positions = start, step, parts, times, positions
        self.kinds: dict[tuple[bool, bool, bool, int], Kind] = {}

    def kind(self, year: int, weekday: int) -> Kind:
        """The starts of a year that begins on that weekday, its days counted from 1 January."""
        leaps = period.is_leap(year - 1), period.is_leap(year), period.is_leap(year + 1)
        key = (*leaps, weekday) if self.parts.byweekno else (False, leaps[1], False, weekday)
        found = self.kinds.get(key)
        if found is None:
            if self.parts.byweekno:
                days = period.week_year_days(self.parts, *leaps, weekday)
            else:
                days = period.year_days(self.parts, leaps[1], weekday)
            found = [(day, self.times) for day in days]
            if self.positions:
                found = pick(found, self.positions)
            self.kinds[key] = found
        return found

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        year = max(month_of(low) // 12 - 1, 1)
        year += (self.start - year) % self.step
        idle = 0
        for number in range(year, min(month_of(high) // 12 + 1, 9_999) + 1, self.step):
            first = date(number, 1, 1).toordinal()
            kind = self.kind(number, (first - 1) % 7)
            idle = 0 if kind else idle + 1
            if idle > YEARS_IN_CYCLE:
                return
            yield from spread(first, kind, low)

    def per_day(self) -> int:
        return len(self.times)


class Weeks:
    """Weeks within the months wanted. `start` is the ordinal of the first day of one of them, `step` in days."""

    def __init__(self, start: int, step: int, parts: DayParts, times: Times, positions: Sequence[int]) -> None:
        self.start, self.step, self.times, self.positions = start, step, times, positions
        self.wanted = frozenset(parts.bymonth or period.MONTHS)
        self.days = sorted((day - parts.wkst) % 7 for day in {day for _, day in parts.byday})

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        if self.positions and min(map(abs, self.positions)) > len(self.days) * len(self.times):
            return  # no week has that many
        first = max(low // DAY - 6, 1)
        first += (self.start - first) % self.step
        idle = 0
        for week in range(first, min(high // DAY + 1, LAST_WEEK), self.step):
            months = [date.fromordinal(week + day).month for day in self.days]
            kind = [(day, self.times) for day, month in zip(self.days, months, strict=True) if month in self.wanted]
            if self.positions:
                kind = pick(kind, self.positions)
            idle = 0 if kind else idle + 1
            if idle > WEEKS_IN_CYCLE:
                return
            yield from spread(week, kind, low)

    def per_day(self) -> int:
        return len(self.times)


def month_of(wall: int) -> int:
    """The index of the month in which a wall lies, held within the years 1 to 9999."""
    day = date.fromordinal(max(1, min(wall // DAY, END // DAY - 1)))
    return day.year * 12 + day.month - 1


def budgeted(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks without the empty ones. Raises BudgetError after BUDGET empty ones in a row."""
    idle = 0
    for chunk in chunks:
        if len(chunk):
            idle = 0
            yield chunk
        elif (idle := idle + 1) > BUDGET:
            raise BudgetError("RRULE", f"a rule that fires nowhere within {BUDGET} steps")
