"""How a zone's clock behaves from some time on: its offsets, and when in the day it changes.

Whoever compares wall times instead of instants must know where the two may disagree. A change of the clock spoils a
stretch of the wall, from the lower of the two times that it joins to the higher one: the hour that never was, or the
hour that comes twice. Over the years a zone spoils a few such stretches of the day, most of them at night. The longest
stretch of the day that none of them touches is *calm*: sessions that start in it, and whose exact seconds end in it,
follow each other on the wall as they do in time.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from recurrence import zone
from recurrence.series import Series
from recurrence.timeline import DAY

DECADE: Final = 3_653 * DAY  # clocks are looked at from the decade of a series' DTSTART on
EARLIER: Final = 400 * DAY  # and so long before it: a session may have begun before the other series did
FOREVER: Final = 200_000 * DAY  # longer than any session


class Clock(NamedTuple):
    """All in seconds. `calm_from` is a time of day; `calm_for` is FOREVER where the clock never changes, and -1 where
    no part of the day is calm.
    """

    offsets: tuple[int, ...]  # every offset in use, ascending
    calm_from: int
    calm_for: int

    @property
    def spread(self) -> int:
        """How far its offsets lie apart."""
        return self.offsets[-1] - self.offsets[0]


@lru_cache(maxsize=256)
def clock(time_zone: str | None, decade: int) -> Clock:
    """The behaviour of a zone (None: UTC) from a decade on, which is counted from year 0."""
    where = zone.load(time_zone or "UTC")
    start = decade * DECADE - EARLIER
    at = [n for n, instant in enumerate(where.instants) if instant >= start]
    first = at[0] if at else len(where.instants)
    spoiled = set()
    for n in at:
        before, after = where.offsets[n], where.offsets[n + 1]
        spoiled.add(((where.instants[n] + min(before, after)) % DAY, abs(after - before)))
    return Clock(tuple(sorted(set(where.offsets[first:]))), *calm_stretch(sorted(spoiled)))


def calm_stretch(spoiled: list[tuple[int, int]]) -> tuple[int, int]:
    """Begin and length of the longest part of the day that is left by stretches, each a time of day and a length."""
    if not spoiled:
        return 0, FOREVER
    reach = max([time + length for time, length in spoiled]) - DAY  # what is spoiled from the day before
    widest, begin = 0, 0
    for time, length in [*spoiled, (spoiled[0][0] + DAY, 0)]:
        if time - reach > widest:
            widest, begin = time - reach, reach
        reach = max(reach, time + length)
    return begin % DAY, widest or -1


def clock_of(series: Series) -> Clock:
    """The behaviour of a series' zone while the series runs."""
    return clock(series.time_zone, series.first // DECADE)


@lru_cache(maxsize=256)
def shifts(time_zone: str | None, other: str | None, decade: int) -> tuple[int, ...]:
    """What the offsets of one zone can exceed those of another by, from a decade on."""
    mine, theirs = clock(time_zone, decade).offsets, clock(other, decade).offsets
    return tuple(sorted({x - y for x in mine for y in theirs}))
