"""Rules by the day: DAILY with filters and an interval, and finer rules with filters or an uneven step.

Finer rules mean the wall clock: "every 5 hours" counts hours that a clock without daylight saving would show
(decision 4). So a day has the times that remain of the step's grid in it, and the filters choose among days
and times. Where the step divides a day, all days have the same times.

Two ways through the calendar, both with skip-ahead: by months, taking the days that the filters leave of
each, when the step is short; from step to step, asking the filters about each day, when it is long.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from math import gcd
from typing import Final

from recurrence import period
from recurrence.calendar import MONTH_KINDS, MONTHS_IN_CYCLE, is_leap, month_of, month_start
from recurrence.rule import Rule
from recurrence.timeline import DAY, FIRST, WEEK
from recurrence.times import Times, pick
from recurrence.walk import Chunk, at_times

LONG_STEP: Final = 16 * DAY  # from here on fewer steps than days are looked at


class Days:
    """Starts on a grid of `step` seconds through `anchor`, kept if the day passes the filters of `rule` and the
    time is in `allowed`.

    `inner` are the starts of one grid period, in seconds from its beginning, BYSETPOS already applied.
    """

    def __init__(self, anchor: int, step: int, rule: Rule, allowed: Times | None, inner: tuple[int, ...]) -> None:
        self.anchor, self.step, self.rule, self.inner = anchor, step, rule, inner
        self.allowed = allowed
        self.wanted = frozenset(rule.bymonth or period.MONTHS)
        self.kinds: dict[tuple[int, int, bool], Sequence[int]] = {}
        self.same = DAY % step == 0  # all days have the same times
        self.known: Times | None = None

    def possible(self) -> bool:
        """False when no time that is allowed, on no weekday that is, ever meets the grid."""
        if not self.inner:
            return False
        day = gcd(self.step, DAY)
        if self.allowed is not None and not any((time - self.anchor) % day == 0 for time in self.allowed):
            return False
        if not self.rule.byday:
            return True
        week = gcd(self.step, WEEK)
        wanted = [(self.anchor - (weekday + 1) * DAY) % week for _, weekday in self.rule.byday]
        if self.allowed is None:
            return any(time < DAY for time in wanted)
        times = {time % week for time in self.allowed}
        return any(time in times for time in wanted)

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        if not self.possible():
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
            for offset in days:
                midnight = start + offset * DAY
                if low - DAY < midnight < high:
                    yield from at_times(midnight, self.times(midnight), low, high)

    def by_steps(self, low: int, high: int) -> Iterator[Chunk]:
        """Step after step."""
        first = max(low - DAY, FIRST)
        first += (self.anchor - first) % self.step
        for start in range(first, high, self.step):
            midnight = start // DAY * DAY
            if (self.allowed is None or start - midnight in self.allowed) and self.passes(midnight):
                yield [start + offset for offset in self.inner]
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
                total = 365 + leap
                named = {(n - 1 if n > 0 else total + n) - before for n in self.rule.byyearday if abs(n) <= total}
                days = [day for day in days if day in named]
            found = self.kinds[key] = days
        return found

    def times(self, midnight: int) -> Times:
        """The times of the day that begins at `midnight`, ascending."""
        first = (self.anchor - midnight) % self.step
        if first >= DAY:
            return ()
        if self.known is not None:
            return self.known
        found = self.grid(first)
        if self.same or self.step % DAY == 0:
            self.known = found
        return found

    def per_day(self) -> int:
        if self.same:
            return len(self.grid(self.anchor % self.step))
        points = -(-DAY // self.step)
        return min(points, points if self.allowed is None else len(self.allowed)) * len(self.inner)

    def grid(self, first: int) -> Times:
        """What the filters leave of a day's grid whose first point is `first` seconds in."""
        grid = range(first, DAY, self.step)
        starts: Sequence[int] = grid
        if self.allowed is not None:
            if len(self.allowed) < len(grid):
                starts = [time for time in self.allowed if time in grid]
            else:
                wanted = frozenset(self.allowed)
                starts = [time for time in grid if time in wanted]
        if self.inner == (0,):
            return starts if isinstance(starts, range) else tuple(starts)
        return tuple([start + offset for start in starts for offset in self.inner])


def picked_inner(inner: tuple[int, ...], positions: Sequence[int]) -> tuple[int, ...]:
    """BYSETPOS within one period of a day's part."""
    if not positions:
        return inner
    return tuple([time for _, times in pick([(0, inner)], positions) for time in times])
