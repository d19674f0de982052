"""The starts of a series in order: rule and RDATE, as wall seconds and as instants; EXDATE is not yet taken
out.

Rule and DTSTART give walls; walls are cut at the sections of the zone, each of which has one offset; so wall
times become instants last (decision 1), by one subtraction. Then, in this order:

    gap       the starts in a gap are moved behind it and merged with those that are there; Gap.SKIP leaves
              them out, uncounted (decision 2)
    COUNT     ends them: `counting.py`
    RDATE     is added
    doubles   two starts at one instant are one session: the one whose wall time exists (decision 4), the
              rule's before an RDATE's, a PERIOD's (it says its own end) before both
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from recurrence import timeline
from recurrence.counting import Cursor, allowed, walls
from recurrence.errors import BudgetError
from recurrence.moment import Period
from recurrence.steady import Steady
from recurrence.timeline import DAY, END, FIRST
from recurrence.walk import Chunk, place
from recurrence.zone import Fold, Gap, Section, Zone

if TYPE_CHECKING:
    from recurrence.series import Series


IN_GAPS: Final = 700  # stretches in a row that lie in gaps and are left out

FREQUENT: Final = 60 * DAY  # a steady rule with a shorter step has starts between most changes of a clock

INSTANT: Final = itemgetter(0)

Batch = tuple[Section, Chunk]  # walls of one section


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
        extra = series.extra
        first, last = (bisect_left(extra, instant, key=INSTANT) for instant in (low, high))
        found = merge(found, extra[first:last])
    last = 0
    for start in found:
        if start.instant != last:
            last = start.instant
            yield start


def rule_starts(series: "Series", low: int, high: int, cursor: Cursor | None) -> Iterator[Start]:
    """The rule's starts one by one."""
    for section, found in batches(series, low, high, cursor):
        for wall in found:
            yield Start(wall - section.offset, section.gap, RULE, wall, None)


def batches(series: "Series", low: int, high: int, cursor: Cursor | None) -> Iterator[Batch]:
    """The rule's starts in the instants [low, high), in their order, none twice: walls that share a section."""
    calm = stretch(series, low, high)
    if calm is None:
        return ordered(series, low, min(high, series.last_instant), cursor)
    spell, first, last = calm
    found = zip(repeat(spell), walls(series, first, last))
    return counted(found, allowed(series, cursor, first, last)) if series.counts else found


def stretch(series: "Series", low: int, high: int) -> tuple[Section, int, int] | None:
    """The walls [first, last) of the instants [low, high) in which the rule may start, if no clock changes then."""
    where = series.where
    if high > series.last_instant:
        high = series.last_instant
    since, until, spell = where.spells[bisect_right(where.instants, low)]
    if low < since or high > until:
        return None
    offset = spell.offset
    first, last = series.first, series.last_wall
    if low + offset > first:
        first = low + offset
    return spell, first, high + offset if high + offset < last else last


def counted(found: Iterator[Batch], left: int) -> Iterator[Batch]:
    """The first so many walls."""
    for section, chunk in found:
        if len(chunk) >= left:
            if left:
                yield section, chunk[:left]
            return
        left -= len(chunk)
        yield section, chunk


def ordered(series: "Series", low: int, high: int, cursor: Cursor | None) -> Iterator[Batch]:
    """The same, where the clock changes."""
    waiting: list[Batch] = []
    for section, found in sectioned(series, low, high, cursor):
        if section.gap:
            waiting.append((section, found))
        elif waiting:
            yield from mixed(waiting, section, found)
        else:
            yield section, found
    yield from waiting


def sectioned(series: "Series", low: int, high: int, cursor: Cursor | None) -> Iterator[Batch]:
    """Walls cut at the sections, COUNT applied in their order, kept if their instant lies in [low, high)."""
    walk = series.walk
    if isinstance(walk, Steady) and walk.offsets and walk.step <= FREQUENT and not series.counts:
        return in_sections(series, walk, low, high)
    return from_walls(series, low, high, cursor)


def in_sections(series: "Series", walk: Steady, low: int, high: int) -> Iterator[Batch]:
    """The same of a steady rule that nobody counts: what lies in each section is arithmetic."""
    skips = series.gap is Gap.SKIP
    first, last = series.first, series.last_wall
    for section in series.where.sections(max(low - DAY, first), series.fold):
        begin, end, offset, gap = section
        if begin - offset >= high or begin >= last:
            return
        begin, end = max(begin, first, low + offset), min(end, last, high + offset)
        if begin < end and not (gap and skips):
            for found in walk.portions(begin, end):
                yield section, found


def from_walls(series: "Series", low: int, high: int, cursor: Cursor | None) -> Iterator[Batch]:
    """The same of every rule: its walls are read in their order."""
    first = max(series.where.earliest(low), series.first)
    left = allowed(series, cursor, first, high + DAY)
    skipped = 0
    for section, found in cut(series, first, min(series.last_wall, high + DAY)):
        if section.low - section.offset >= high or not left:
            return
        if section.gap and series.gap is Gap.SKIP:
            if (skipped := skipped + 1) > IN_GAPS:
                raise BudgetError("RRULE", f"{IN_GAPS} starts in a row that the clock skips")
            continue
        skipped = 0
        if len(found) > left:
            found = found[:left]
        left -= len(found)
        found = within(found, low + section.offset, high + section.offset)
        if found:
            yield section, found
        if not left:
            return


def cut(series: "Series", low: int, high: int) -> Iterator[Batch]:
    """The walls in [low, high), cut at the sections of the zone."""
    section = series.where.section(low, series.fold)
    for chunk in walls(series, low, high):
        while chunk:
            if chunk[0] >= section.high:
                section = series.where.section(chunk[0], series.fold)
            at = len(chunk) if chunk[-1] < section.high else place(chunk, section.high)
            yield section, chunk[:at]
            chunk = chunk[at:]


def within(chunk: Chunk, low: int, high: int) -> Chunk:
    """The walls of a chunk that lie in [low, high)."""
    if chunk[0] >= low and chunk[-1] < high:
        return chunk
    return chunk[place(chunk, low) : place(chunk, high)]


def mixed(waiting: list[Batch], section: Section, found: Chunk) -> Iterator[Batch]:
    """The walls of a section, with those of the gap before it sorted in by their instants; takes them from `waiting`.

    Of two at one instant the one whose wall time exists stays.
    """
    while waiting and found:
        gap, missing = waiting.pop(0)
        shift = section.offset - gap.offset
        at = place(found, missing[0] + shift)
        if at:
            yield section, found[:at]
            found = found[at:]
            waiting.insert(0, (gap, missing))
            continue
        if found[0] != missing[0] + shift:
            yield gap, missing[:1]
        if len(missing) > 1:
            waiting.insert(0, (gap, missing[1:]))
    if found:
        yield section, found


def rdate_starts(series: "Series") -> Iterator[Start]:
    """The RDATE's as starts, in no order; one in a gap is left out under Gap.SKIP, and one that no calendar shows from
    beginning to end. `series.extra` keeps them.
    """
    where = series.where
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
        if FIRST <= wall < END and (end is None or end < END):
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
