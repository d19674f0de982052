"""Seconds on one integer line, for walls and instants alike.

The engine counts in whole seconds: `ordinal * 86400 + second of the day`, the ordinal being Python's (1 is 1
January of year 1). A wall time and a UTC instant use the same line, so that an instant is a wall less the
zone's offset. Nothing finer than a second exists here (RFC 5545 3.3.5), and nothing outside the years 1 to
9999.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final

DAY: Final = 86_400
WEEK: Final = 7 * DAY
FIRST: Final = DAY  # 1 January of year 1, 00:00:00
END: Final = (date.max.toordinal() + 1) * DAY  # the first second that no datetime can hold

WALL_ZERO: Final = datetime(1, 1, 1)
UTC_ZERO: Final = datetime(1, 1, 1, tzinfo=UTC)


def of_wall(wall: datetime) -> int:
    """The second of a naive wall time."""
    past = wall - WALL_ZERO
    return (past.days + 1) * DAY + past.seconds


def of_instant(instant: datetime) -> int:
    """The second of an aware instant, a part of a second dropped."""
    past = instant - UTC_ZERO
    return (past.days + 1) * DAY + past.seconds


def to_wall(second: int) -> datetime:
    """The naive wall time of a second."""
    return WALL_ZERO + timedelta(0, second - FIRST)


def to_instant(second: int) -> datetime:
    """The aware UTC instant of a second."""
    return UTC_ZERO + timedelta(0, second - FIRST)


class Spans(dict[int, timedelta]):
    """Lengths of time by their seconds, the common ones made once."""

    def __missing__(self, seconds: int) -> timedelta:
        return timedelta(0, min(seconds, END))  # what is longer leads out of the calendar all the same


class Zeros(dict[int, datetime]):
    """By offsets in seconds east of UTC: the instant at which such a clock shows MIDDLE; the common ones made once."""

    def __missing__(self, offset: int) -> datetime:
        return MIDDLE.replace(tzinfo=UTC) - SPANS[offset]


MIDDLE: Final = datetime(2000, 1, 1)
SPANS: Final = Spans(  # days, hours, minutes of a day, and the quarters of an hour that offsets are made of
    (n * unit, timedelta(0, n * unit))
    for unit, reach in (
        (DAY, range(15_000)),
        (3_600, range(600)),
        (60, range(1_440)),
        (900, range(-96, 0)),
        (1, range(60)),
    )
    for n in reach
)
ZEROS: Final = Zeros((offset, MIDDLE.replace(tzinfo=UTC) - SPANS[offset]) for offset in range(-DAY, DAY, 900))
