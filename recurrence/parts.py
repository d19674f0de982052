"""The words a rule is made of (RFC 5545 3.3.10, and SKIP of RFC 7529)."""

from enum import IntEnum, StrEnum
from typing import Final, NamedTuple


class Frequency(StrEnum):
    """The unit that INTERVAL counts."""

    SECONDLY = "SECONDLY"  # every second of the wall clock
    MINUTELY = "MINUTELY"  # every minute of the wall clock
    HOURLY = "HOURLY"  # every hour of the wall clock
    DAILY = "DAILY"  # every date
    WEEKLY = "WEEKLY"  # every week, from WKST on
    MONTHLY = "MONTHLY"  # every calendar month
    YEARLY = "YEARLY"  # every calendar year; with BYWEEKNO every week-year

    __hash__ = str.__hash__  # Enum's own is slow


class Weekday(IntEnum):
    """Days of the week, numbered as Python does."""

    MO = 0
    TU = 1
    WE = 2
    TH = 3
    FR = 4
    SA = 5
    SU = 6

    __hash__ = int.__hash__  # Enum's own is slow


class Skip(StrEnum):
    """What becomes of a day of the month that does not exist (RFC 7529)."""

    OMIT = "OMIT"  # it is left out and not counted
    BACKWARD = "BACKWARD"  # the last day before it stands in
    FORWARD = "FORWARD"  # the first day after it stands in


OMIT: Final = Skip.OMIT  # to ask an Enum for a member takes as long as calling a function


class ByDay(NamedTuple):
    """One entry of BYDAY: `ordinal` 0 means each such weekday, 2 the second, -1 the last."""

    ordinal: int
    weekday: Weekday
