"""The times of a day, in seconds from its midnight, and BYSETPOS.

What a rule does not say, it takes from DTSTART (RFC 5545 3.3.10): the hour and minute of a weekly class, the
minute of an hourly one. A sixtieth second is read as the fifty-ninth (RFC 5545 3.3.12): no wall clock here
shows it.

BYSETPOS picks from all starts of one period, in order (decision 10). A period is held as days with their
times, never multiplied out, so that picking from a year of seconds costs no more than from a week of
mornings.
"""

from bisect import bisect_right
from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import Final

from recurrence.parts import Frequency
from recurrence.rule import Rule
from recurrence.timeline import DAY

Times = Sequence[int]  # seconds of a day, ascending: a tuple, or a range where that says it

UNITS: Final = {
    Frequency.SECONDLY: 1,
    Frequency.MINUTELY: 60,
    Frequency.HOURLY: 3600,
}  # seconds of a period within a day


def day_times(rule: Rule, time: int) -> tuple[int, ...]:
    """The times of each day that a rule of DAILY or slower names; `time` is DTSTART's."""
    if not (rule.byhour or rule.byminute or rule.bysecond):
        return (time,)
    hours = rule.byhour or (time // 3600,)
    minutes = rule.byminute or (time // 60 % 60,)
    return product(hours, minutes, rule.bysecond or (time % 60,))


def product(hours: Sequence[int], minutes: Sequence[int], seconds: Collection[int]) -> tuple[int, ...]:
    """All combinations in order, in seconds."""
    shown = sorted({min(second, 59) for second in seconds})
    return tuple([h * 3600 + m * 60 + s for h in hours for m in minutes for s in shown])


def inner_times(rule: Rule, time: int) -> tuple[int, ...]:
    """The starts within each period of an HOURLY, MINUTELY or SECONDLY rule, in seconds from the period's first;
    `time` is DTSTART's.
    """
    if rule.freq is Frequency.SECONDLY:
        return (0,)
    seconds = rule.bysecond or (time % 60,)
    if rule.freq is Frequency.MINUTELY:
        return product((0,), (0,), seconds)
    return product((0,), rule.byminute or (time // 60 % 60,), seconds)


def allowed_starts(rule: Rule) -> tuple[int, ...] | None:
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
