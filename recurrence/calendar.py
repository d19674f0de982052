"""The Gregorian calendar, which repeats every 400 years: how long its months are, and on which weekday each begins.

A month is counted as 12 x year + month - 1, and is told completely by its kind: its length and the weekday of
its first day. One cycle of 4,800 months is tabulated from year 0 on; every other is the same, moved.
"""

from bisect import bisect_right
from itertools import accumulate
from typing import Final

from recurrence.timeline import DAY, END

DAYS_IN_CYCLE: Final = 146_097  # 400 years, a whole number of weeks
CYCLE: Final = DAYS_IN_CYCLE * DAY
YEARS_IN_CYCLE: Final = 400
MONTHS_IN_CYCLE: Final = 4_800
FIRST_MONTH: Final = 12  # January of year 1
LAST_MONTH: Final = 9_999 * 12 + 11
LENGTHS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
YEAR_ZERO: Final = -365  # the ordinal of its first day, a Saturday


def is_leap(year: int) -> bool:
    """Whether a year of the Gregorian calendar, thought on in both directions, has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(month: int, leap: bool) -> int:
    """Days of a month, 1 to 12."""
    return 29 if leap and month == 2 else LENGTHS[month - 1]


def month_kind(length: int, weekday: int) -> int:
    """The number of a kind of month; `divmod` by 7 gives length and weekday back."""
    return length * 7 + weekday


CYCLE_LENGTHS: Final = [month_length(n % 12 + 1, is_leap(n // 12)) for n in range(MONTHS_IN_CYCLE)]
CYCLE_DAYS: Final = list(accumulate(CYCLE_LENGTHS, initial=YEAR_ZERO))
MONTH_STARTS: Final = [day * DAY for day in CYCLE_DAYS]  # the first second of each month of the cycle
MONTH_KINDS: Final = bytes(
    month_kind(length, (day - 1) % 7) for day, length in zip(CYCLE_DAYS, CYCLE_LENGTHS, strict=False)
)


def month_start(month: int) -> int:
    """The first wall second of a month."""
    cycles, place = divmod(month, MONTHS_IN_CYCLE)
    return MONTH_STARTS[place] + cycles * CYCLE


def month_of(wall: int) -> int:
    """The month in which a wall lies, held within the years 1 to 9999."""
    if not DAY <= wall < END:
        return FIRST_MONTH if wall < DAY else LAST_MONTH
    cycles, past = divmod(wall - MONTH_STARTS[0], CYCLE)
    return cycles * MONTHS_IN_CYCLE + bisect_right(MONTH_STARTS, past + MONTH_STARTS[0]) - 1
