"""The starts of a series in order: rule and RDATE, as wall seconds and as instants; EXDATE is not yet taken out.

Rule and DTSTART give walls; walls are cut at the sections of the zone, each of which has one offset; so wall times become
instants last (decision 1), by one subtraction. Then, in this order:

    gap       the starts in a gap are moved behind it and merged with those that are there; Gap.SKIP leaves them out,
              uncounted (decision 2)
    COUNT     counts walls from DTSTART on; EXDATE does not top it up, RDATE is not counted (decision 6). A window far from
              DTSTART needs the count before it: by arithmetic where the rule is steady, else from a Cursor if there is one
    RDATE     is added
    doubles   two starts at one instant are one session: the one whose wall time exists (decision 4), the rule's before an
              RDATE's, a PERIOD's (it says its own end) before both
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from typing import TYPE_CHECKING, NamedTuple

from recurrence import timeline, walk, zone
from recurrence.moment import Period
from recurrence.timeline import DAY, END
from recurrence.walk import Chunk, Steady
from recurrence.zone import Fold, Gap, Section, Zone

if TYPE_CHECKING:
    from recurrence.series import Series


class Cursor(NamedTuple):
    """The count reached at a wall time: `counted` starts of the rule lie before the naive local time `wall`."""

    wall: datetime
    counted: int


class Start(NamedTuple):
    """A start on its way: compared by instant, then by what is kept of two at one instant."""

    instant: int
    gap: bool
    rank: int
    wall: int
    end: int | None  # an instant, where an RDATE says its own


RULE, RDATE, PERIOD = 1, 2, 0  # ranks of starts at one instant


def starts(series: "Series", low: int, high: int, cursor: Cursor | None) -> Iterator[Start]:
    """Rule and RDATE together, in order, one of those that share an instant; EXDATE not yet taken out."""
    found = rule_starts(series, low, high, cursor)
    if series.rdates:
        extra = sorted([start for start in rdate_starts(series) if low <= start.instant < high])
        found = merge(found, extra)
    last = 0
    for start in found:
        if start.instant != last:
            last = start.instant
            yield start


def rule_starts(series: "Series", low: int, high: int, cursor: Cursor | None) -> Iterator[Start]:
    """The rule's starts in order of instants; those of a gap merged with what follows it."""
    last_wall, last_instant = bounds(series)
    high = min(high, last_instant)
    counter = Counter(series, cursor)
    waiting: Iterator[Start] | None = None
    for section in zone.load(series.zone).sections(low, series.fold):
        if section.low - section.offset >= high or section.low >= last_wall:
            break
        first = max(section.low, low + section.offset)
        last = min(section.high, high + section.offset, last_wall)
        if first >= last or (section.gap and series.gap is Gap.SKIP):
            continue
        found = placed(counter.walls(first, last), section)
        if section.gap:
            waiting = found
        elif waiting is not None:
            yield from merge(waiting, found)
            waiting = None
        else:
            yield from found
    if waiting is not None:
        yield from waiting


def placed(chunks: Iterable[Chunk], section: Section) -> Iterator[Start]:
    """Walls of one section as starts."""
    offset, gap = section.offset, section.gap
    for chunk in chunks:
        for wall in chunk:
            yield Start(wall - offset, gap, RULE, wall, None)


def bounds(series: "Series") -> tuple[int, int]:
    """The wall second and the instant before which the last start lies."""
    until = series.rule.until if series.rule is not None else None
    if until is None:
        return END, END
    if not isinstance(until, datetime):
        return (until.toordinal() + 1) * DAY, END
    if until.tzinfo is None:
        return timeline.of_wall(until) + 1, END
    return END, timeline.of_instant(until) + 1


class Counter:
    """The walls of a series from DTSTART on, and no more of them than COUNT."""

    def __init__(self, series: "Series", cursor: Cursor | None) -> None:
        self.series = series
        self.first = timeline.of_wall(series.dtstart)
        self.limit = series.rule.count if series.rule is not None else None
        self.reached, self.seen = self.first, 0
        if cursor is not None and self.limit is not None and timeline.of_wall(cursor.wall) > self.first:
            self.reached, self.seen = timeline.of_wall(cursor.wall), cursor.counted

    def walls(self, low: int, high: int) -> Iterator[Chunk]:
        """Chunks of the walls in [low, high), cut off where COUNT is reached."""
        low = max(low, self.first)
        if low >= high:
            return iter(())
        if self.limit is None:
            return walls(self.series, low, high)
        return limited(walls(self.series, low, high), self.limit - self.count_to(low))

    def count_to(self, wall: int) -> int:
        """How many starts the rule has before a wall, COUNT at most. Goes on from what was counted before."""
        if wall < self.reached:
            self.reached, self.seen = self.first, 0
        if self.seen < (self.limit or 0) and wall > self.reached:
            self.seen += count(self.series, self.reached, wall)
            self.reached = wall
        return min(self.seen, self.limit or 0)


def walls(series: "Series", low: int, high: int) -> Iterator[Chunk]:
    """Chunks of the walls in [low, high), which may not begin before DTSTART; without a rule DTSTART alone."""
    if series.walk is None:
        first = timeline.of_wall(series.dtstart)
        if low <= first < high:
            yield (first,)
        return
    for chunk in walk.budgeted(series.walk.chunks(low, high)):
        if chunk[-1] >= high:
            yield chunk[: bisect_left(chunk, high)]
            return
        yield chunk


def limited(chunks: Iterator[Chunk], limit: int) -> Iterator[Chunk]:
    """The first `limit` walls."""
    if limit <= 0:
        return
    for chunk in chunks:
        yield chunk[:limit]
        limit -= len(chunk)
        if limit <= 0:
            return


def count(series: "Series", low: int, high: int) -> int:
    """How many starts of the rule lie in the walls [low, high) and count: those in a gap do not under Gap.SKIP."""
    total = count_all(series, low, high)
    if series.gap is Gap.SKIP:
        for section in zone.load(series.zone).sections(low, series.fold):
            if section.low >= high:
                break
            if section.gap and section.high > low:
                total -= count_all(series, max(low, section.low), min(high, section.high))
    return total


def count_all(series: "Series", low: int, high: int) -> int:
    """The same without regard to gaps: by arithmetic where the rule is steady, else period by period."""
    if isinstance(series.walk, Steady):
        return series.walk.count(low, high)
    return sum([len(chunk) for chunk in walls(series, low, high)])


def rdate_starts(series: "Series") -> Iterator[Start]:
    """The RDATE's as starts, in no order; one in a gap is left out under Gap.SKIP."""
    where = zone.load(series.zone)
    for moment in series.rdates:
        begin = moment.start if isinstance(moment, Period) else moment
        if not isinstance(begin, datetime):
            begin = datetime.combine(begin, series.dtstart.time())
        if begin.tzinfo is not None:
            instant, gap = timeline.of_instant(begin), False
            wall = instant + where.offset_at(instant)
        else:
            wall = timeline.of_wall(begin)
            instant, gap = where.place(wall, series.fold)
        if gap and series.gap is Gap.SKIP:
            continue
        end = period_end(moment, wall, instant, where, series.fold) if isinstance(moment, Period) else None
        yield Start(instant, gap, RDATE if end is None else PERIOD, wall, end)


def period_end(moment: Period, wall: int, instant: int, where: Zone, fold: Fold) -> int:
    """The instant at which a PERIOD ends."""
    if moment.duration is not None:
        days = moment.duration.days
        base = where.place(wall + days * DAY, fold)[0] if days else instant
        return max(base, instant) + moment.duration.seconds
    assert moment.end is not None
    if moment.end.tzinfo is not None:
        return timeline.of_instant(moment.end)
    return max(where.place(timeline.of_wall(moment.end), fold)[0], instant + 1)
