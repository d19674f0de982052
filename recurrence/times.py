"""The times of a day, in seconds from its midnight, and BYSETPOS.

What a rule does not say, it takes from DTSTART (RFC 5545 3.3.10): the hour and minute of a weekly class, the
minute of an hourly one. A sixtieth second is read as the fifty-ninth (RFC 5545 3.3.12): no wall clock here
shows it.

BYSETPOS picks from all starts of one period, in order (decision 10). A period is held as days with their
times, never multiplied out, so that picking from a year of seconds costs no more than from a week of
mornings.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Container, Iterator, Sequence
from itertools import accumulate
from typing import Final, overload

from recurrence.parts import Frequency
from recurrence.rule import Rule
from recurrence.timeline import DAY

Times = Sequence[int]  # seconds of a day, ascending: a tuple, a range where that says it, or Nested where they are many

LISTED: Final = 4_096  # times of a day that are written out

UNITS: Final = {
    Frequency.SECONDLY: 1,
    Frequency.MINUTELY: 60,
    Frequency.HOURLY: 3600,
}  # seconds of a period within a day


class Nested(Sequence[int]):
    """Each of `inner`, all below `unit`, after each of `outer`, its multiples: in order, and never written out."""

    __slots__ = ("begins", "inner", "outer", "rests", "unit")

    def __init__(self, outer: Times, inner: Times, unit: int) -> None:
        self.outer, self.inner, self.unit = outer, inner, unit
        self.begins, self.rests = passing(outer), passing(inner)

    def __len__(self) -> int:
        return len(self.outer) * len(self.inner)

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[int, ...]: ...
    def __getitem__(self, place: int | slice) -> int | tuple[int, ...]:
        if not isinstance(place, slice):
            begin, rest = divmod(place, len(self.inner))
            return self.outer[begin] + self.inner[rest]
        first, last, _ = place.indices(len(self))
        begin, rest = divmod(first, len(self.inner))
        found: list[int] = []
        while (wanted := last - first - len(found)) > 0:
            base = self.outer[begin]
            found += [base + time for time in self.inner[rest : rest + wanted]]
            begin, rest = begin + 1, 0
        return tuple(found)

    def __iter__(self) -> Iterator[int]:
        for begin in self.outer:
            for rest in self.inner:
                yield begin + rest

    def __contains__(self, time: object) -> bool:
        assert isinstance(time, int)
        rest = time % self.unit
        return rest in self.rests and time - rest in self.begins


def before(times: Times, time: int) -> int:
    """How many of the times lie before a time."""
    if not isinstance(times, Nested):
        return bisect_left(times, time)
    rest = time % times.unit
    begun = before(times.outer, time - rest)
    found = begun * len(times.inner)
    return (
        found + before(times.inner, rest) if begun < len(times.outer) and times.outer[begun] == time - rest else found
    )


def passing(times: Times) -> Container[int]:
    """The same times, to look one up."""
    return frozenset(times) if isinstance(times, tuple | list) else times


def day_times(rule: Rule, time: int) -> Times:
    """The times of each day that a rule of DAILY or slower names; `time` is DTSTART's."""
    if not (rule.byhour or rule.byminute or rule.bysecond):
        return (time,)
    hours = rule.byhour or (time // 3600,)
    minutes = rule.byminute or (time // 60 % 60,)
    return product(hours, minutes, rule.bysecond or (time % 60,))


def product(hours: Sequence[int], minutes: Sequence[int], seconds: Collection[int]) -> Times:
    """All combinations in order, in seconds."""
    shown = tuple(sorted({min(second, 59) for second in seconds}))
    if len(hours) * len(minutes) * len(shown) <= LISTED:
        return tuple([h * 3600 + m * 60 + s for h in hours for m in minutes for s in shown])
    return nested(nested([h * 3600 for h in hours], [m * 60 for m in minutes], 3600), shown, 60)


def nested(outer: Times, inner: Times, unit: int) -> Times:
    """Each of `inner` after each of `outer`, as in Nested: but written out where they are few."""
    if len(outer) * len(inner) <= LISTED:
        return tuple([begin + rest for begin in outer for rest in inner])
    if len(inner) == 1 and inner[0] == 0:
        return outer
    return Nested(outer, inner, unit)


def inner_times(rule: Rule, time: int) -> Times:
    """The starts within each period of an HOURLY, MINUTELY or SECONDLY rule, in seconds from the period's first;
    `time` is DTSTART's.
    """
    if rule.freq is Frequency.SECONDLY:
        return (0,)
    seconds = rule.bysecond or (time % 60,)
    if rule.freq is Frequency.MINUTELY:
        return product((0,), (0,), seconds)
    return product((0,), rule.byminute or (time // 60 % 60,), seconds)


def allowed_starts(rule: Rule) -> Times | None:
    """The seconds of a day at which a period of such a rule may begin; None when every one may."""
    unit = UNITS[rule.freq]
    limits = (rule.byhour, rule.byminute if unit < 3600 else (), rule.bysecond if unit < 60 else ())
    if not any(limits):
        return None
    hours = limits[0] or range(24)
    minutes = limits[1] or (range(60) if unit < 3600 else (0,))
    seconds = {min(second, 59) for second in limits[2] or (range(60) if unit < 60 else (0,))}
    return product(hours, minutes, seconds) if len(hours) * len(minutes) * len(seconds) < DAY // unit else None


def pick(days: Sequence[tuple[int, Times]], positions: Sequence[int]) -> list[tuple[int, Times]]:
    """What BYSETPOS leaves of a period: `positions` count from 1, or from -1 backwards, over the days' times
    in order.
    """
    totals = list(accumulate([len(times) for _, times in days]))
    total = totals[-1] if totals else 0
    picked: dict[int, list[int]] = {}
    for index in sorted({n - 1 if n > 0 else total + n for n in positions}):
        if 0 <= index < total:
            place = bisect_right(totals, index)
            day, times = days[place]
            picked.setdefault(day, []).append(times[index - (totals[place] - len(times))])
    return [(day, tuple(times)) for day, times in picked.items()]
