"""The first and cheapest proof: two series that share no time of the day never meet.

It is for *plain* series, which most are: one start time a day, shorter than a day, no RDATE, and away from the
changes of the clock (`clock.py`). How the days are chosen does not matter then. A few integers decide, so that one new
plan is told apart from the thousand others of a room in a millisecond; what is learnt of a series is kept with it. In
two zones their distance is taken from the least to the most that the offsets make it.
"""

from typing import Final

from recurrence.clock import DECADE, clock, shifts
from recurrence.series import Series
from recurrence.timeline import DAY
from recurrence.times import UNITS

NOTE: Final = "plain"  # the name under which a series keeps its length
NOT_PLAIN: Final = 2 * DAY  # longer than anything that fits into a day


def apart(a: Series, b: Series) -> bool:
    """Whether their times of the day alone keep two plain series apart."""
    mine = a.notes.get(NOTE)
    if mine is None:
        mine = plain_length(a)
    theirs = b.notes.get(NOTE)
    if theirs is None:
        theirs = plain_length(b)
    distance, room = b.first - a.first, DAY - theirs
    if a.time_zone != b.time_zone:
        turns = shifts(a.time_zone, b.time_zone, max(a.first, b.first) // DECADE)
        distance, room = distance + turns[0], room - turns[-1] + turns[0]
    return mine <= distance % DAY <= room


def plain(series: Series) -> bool:
    """Whether a series is plain."""
    return (series.notes.get(NOTE) or plain_length(series)) < NOT_PLAIN


def plain_length(series: Series) -> int:
    """How long the sessions of a plain series are, in seconds; NOT_PLAIN for any other. Kept with the series."""
    rule, duration, found = series.rule, series.duration, NOT_PLAIN
    several = rule is not None and (rule.byhour or rule.byminute or rule.bysecond or rule.freq in UNITS)
    if not (several or duration.days or series.rdates):
        first = series.first
        _, calm_from, calm_for = clock(series.time_zone, first // DECADE)
        if (first - calm_from) % DAY + duration.seconds <= calm_for:
            found = duration.seconds
    series.notes[NOTE] = found
    return found
