"""Where in the day a plain series stands, in numbers that a database can compare.

`daytime.py` tells two plain series apart by their times of day. Of two in one zone the same can be said by whoever has
only their columns: where this slot is handed to a query, a thousand plans need not be read to be left out.
"""

from typing import NamedTuple

from recurrence import daytime
from recurrence.clock import clock_of
from recurrence.series import Series
from recurrence.timeline import DAY


class Slot(NamedTuple):
    """All in seconds. Another plain series of the zone that starts and ends in the calm part of the day never meets
    this one if it begins `length` or more after `begins`, and ends before it begins again.
    """

    begins: int  # time of day
    length: int
    calm_from: int  # time of day
    calm_for: int


def slot(series: Series) -> Slot | None:
    """The slot of a plain series, in its own zone; None for any other.

    The clock is looked at from the decade of its own DTSTART on: before that it has no session, so that it does not
    matter what the clock did to the other one then.
    """
    if not daytime.plain(series):
        return None
    _, calm_from, calm_for = clock_of(series)
    return Slot(series.first % DAY, series.duration.seconds, calm_from, calm_for)
