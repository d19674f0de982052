"""Cutting a series in two: the head keeps what starts before a session, the tail begins with it ("this and
following").

    COUNT        is shared out: the head keeps what it has had, the tail the rest
    UNTIL        stays with the tail; a head without COUNT ends by an UNTIL a second before the cut, or by its own
                 where that comes sooner
    DTSTART      of the tail is the first start that the rule gives from the cut on, and what the rule took
                 from the old DTSTART is written out in the tail (a monthly plan from the 31st says
                 BYMONTHDAY=31)
    RDATE        and EXDATE go where their local time lies

Head and tail together have exactly the sessions of the whole. A tail is tried before it is believed: where
SKIP has put a start into the next month, a DTSTART there would count its months wrongly, so such starts
become RDATEs of the tail and its DTSTART is the first later start that goes on like the original.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from itertools import chain, islice, takewhile
from typing import Final, NamedTuple

from recurrence import timeline
from recurrence.counting import Cursor, allowed, count_to, walls
from recurrence.errors import RecurrenceError
from recurrence.expand import occurrence_at
from recurrence.moment import Moment, Period
from recurrence.plan import completed
from recurrence.rule import Rule
from recurrence.series import Series
from recurrence.starts import starts
from recurrence.timeline import DAY
from recurrence.work import Work, watched
from recurrence.zone import Gap, Section

COMPARED: Final = 60  # starts by which a tail must go on like the original
MOVED: Final = 48  # starts that may become RDATEs of the tail
FEW: Final = 8  # of rare starts so many may, and some more are enough to compare by
NEAR: Final = 2 * DAY  # no gap is longer
STEPS: Final = 8_000  # of the rule, and of the tails that are tried; some 40 ms
GOES_ON: Final = "a session from which the rule goes on in the same way"


class Dates(NamedTuple):
    """Entries of RDATE and of EXDATE."""

    added: tuple[Moment, ...]
    out: tuple[Moment, ...]


def split(series: Series, recurrence_id: datetime) -> tuple[Series, Series]:
    """(head, tail) of a series, cut at the session with that naive local start.

    Raises RecurrenceError when there is no such session, when nothing starts before it, or when no tail goes
    on like the original from there.
    """
    stamp = recurrence_id.isoformat()
    first = occurrence_at(series, recurrence_id)
    if first is None:
        raise RecurrenceError("RECURRENCE-ID", stamp, "the local start of one of its sessions")
    head, tail = cut(series, recurrence_id)
    if head is None:
        raise RecurrenceError("RECURRENCE-ID", stamp, "a session that is not the first: nothing starts before it")
    if tail is None or occurrence_at(tail, recurrence_id) != first:
        raise RecurrenceError("RECURRENCE-ID", stamp, GOES_ON)
    return head, tail


def cut(series: Series, local: datetime) -> tuple[Series | None, Series | None]:
    """(head, tail) of a series, cut at any naive local time; None where nothing starts, EXDATE not looked at.

    Raises RecurrenceError when no tail goes on like the original from there.
    """
    wall, work = timeline.of_wall(local), Work(STEPS)
    series = watched(series, work)
    before, after = sides(series, wall)
    reached = None if series.rule is None or series.rule.count is None else Cursor(local, count_to(series, wall))
    return head_of(series, wall, before, reached), tail_of(series, wall, after, reached, work)


def sides(series: Series, cut: int) -> tuple[Dates, Dates]:
    """RDATE and EXDATE before the wall second `cut`, and from it on; what can take out starts on both sides is on both:
    a day in which the cut lies.
    """
    added = [(wall_of(series, moment), moment) for moment in series.rdates]
    out = [(sorted(walls_out(series, moment)), moment) for moment in series.exdates]
    before = Dates(
        tuple([moment for wall, moment in added if wall < cut]),
        tuple([moment for walls, moment in out if walls[0] < cut]),
    )
    after = Dates(
        tuple([moment for wall, moment in added if wall >= cut]),
        tuple([moment for walls, moment in out if walls[1] >= cut]),
    )
    return before, after


def head_of(series: Series, cut: int, dates: Dates, reached: Cursor | None) -> Series | None:
    """What starts before the wall second `cut`."""
    first = series.first
    before = chain.from_iterable(walls(series, first, cut)) if first < cut else iter(())
    if next(before, None) is not None:
        head = replace(series, rule=ended(series, cut, reached), rdates=dates.added, exdates=dates.out)
        return head if series.rule is None else checked(series, head, cut)
    return alone(series, dates.added, dates.out) if dates.added else None


def ended(series: Series, cut: int, reached: Cursor | None) -> Rule | None:
    """The rule of the head: COUNT as far as it got, or an UNTIL just before the cut, unless its own comes sooner."""
    rule = series.rule
    if rule is None:
        return None
    if reached is not None:
        return replace(rule, count=reached.counted)
    instant, _ = series.where.place(cut, series.fold)
    if series.last_wall <= cut or series.last_instant <= instant:
        return rule
    if series.all_day:
        return replace(rule, until=timeline.to_wall(cut - DAY).date())
    if series.time_zone is None:
        return replace(rule, until=timeline.to_wall(cut - 1))
    return replace(rule, until=timeline.to_instant(instant - 1))


def checked(series: Series, head: Series, cut: int) -> Series:
    """The head itself, unless a gap close to the cut has mixed the order of walls and instants.

    Then the head counts its starts, and takes out what would stand beside the tail's first sessions.
    """
    gap = gap_at(series, cut)
    if gap is None:
        return head
    low, high = gap.low - gap.offset, 2 * gap.high - gap.low - gap.offset
    wanted = [start for start in starts(series, low, high, None) if start.wall < cut]
    if list(starts(head, low, high, None)) == wanted:
        return head
    assert series.rule is not None
    counting = replace(head, rule=replace(series.rule, count=count_to(series, cut), until=None))
    kept = {start.wall for start in wanted}
    surplus = [start.wall for start in starts(counting, low, high, None) if start.wall not in kept]
    return replace(counting, exdates=(*counting.exdates, *[timeline.to_wall(wall) for wall in surplus]))


def gap_at(series: Series, cut: int) -> Section | None:
    """The gap in which a wall lies, or that has ended no longer before it than it lasts."""
    near = takewhile(lambda section: section.low <= cut, series.where.sections(cut - NEAR, series.fold))
    return next((one for one in near if one.gap and cut - one.high <= one.high - one.low), None)


def tail_of(series: Series, cut: int, dates: Dates, reached: Cursor | None, work: Work) -> Series | None:
    """What starts at the wall second `cut` or later."""
    rule = series.rule
    rest, compared = first_walls(remaining(series, cut, reached), work)
    if rule is None or not rest:
        moments = dates.added if rule is not None or not rest else (*dates.added, timeline.to_wall(rest[0]))
        return alone(series, moments, dates.out) if moments else None
    rule = completed(rule, series.dtstart)
    for tried, wall in enumerate(rest[:MOVED]):
        if tried and wall // DAY == rest[tried - 1] // DAY:
            continue  # what holds of a day holds of all its starts
        left = None if rule.count is None or reached is None else rule.count - reached.counted - tried
        dtstart = timeline.to_wall(wall)
        tail = replace(series, dtstart=dtstart, rule=replace(rule, count=left), rdates=(), exdates=())
        found = list(islice(remaining(watched(tail, work), wall, None), compared))
        if found == rest[tried : tried + compared]:
            extra = tuple([timeline.to_wall(earlier) for earlier in rest[:tried]])
            return replace(tail, rdates=dates.added + extra, exdates=dates.out)
    raise RecurrenceError("RECURRENCE-ID", timeline.to_wall(cut).isoformat(), GOES_ON)


def first_walls(found: Iterator[int], work: Work) -> tuple[list[int], int]:
    """The first of these walls, and by how many of them a tail is compared: fewer, where they are so rare that half the
    work has been spent on them.
    """
    rest: list[int] = []
    for wall in islice(found, COMPARED + MOVED):
        rest.append(wall)
        if work.left < STEPS // 2 and len(rest) > FEW:
            return rest, len(rest) - FEW
    return rest, COMPARED


def remaining(series: Series, low: int, cursor: Cursor | None) -> Iterator[int]:
    """The walls of rule and DTSTART from `low` on, COUNT and UNTIL applied."""
    last_wall, last_instant = series.last_wall, series.last_instant
    where = series.where
    first = max(low, series.first)
    left = allowed(series, cursor, first, last_wall)
    for wall in chain.from_iterable(walls(series, first, last_wall)):
        instant, gap = where.place(wall, series.fold)
        if instant >= last_instant or left <= 0:
            return
        if not gap or series.gap is Gap.SHIFT:
            left -= 1
            yield wall
            if not left:
                return


def alone(series: Series, moments: tuple[Moment, ...], exdates: tuple[Moment, ...]) -> Series:
    """A series without a rule that has just these starts: the earliest is its DTSTART."""
    first = min(moments, key=lambda moment: wall_of(series, moment))
    dtstart = timeline.to_wall(wall_of(series, first))
    rest = moments if isinstance(first, Period) else tuple([moment for moment in moments if moment != first])
    return replace(series, dtstart=dtstart, rule=None, rdates=rest, exdates=exdates)


def walls_out(series: Series, moment: Moment) -> tuple[int, int]:
    """The first and the last wall second that an EXDATE can take out."""
    if not isinstance(moment, datetime):
        assert isinstance(moment, date)
        return moment.toordinal() * DAY, (moment.toordinal() + 1) * DAY - 1
    shown = wall_of(series, moment)
    if moment.tzinfo is None:
        return shown, shown
    instant, where = timeline.of_instant(moment), series.where
    skipped = instant + where.offset_at(instant - NEAR)  # the start may lie in the gap before
    in_gap = skipped != shown and where.place(skipped, series.fold) == (instant, True)
    return skipped if in_gap else shown, shown


def wall_of(series: Series, moment: Moment) -> int:
    """The wall second of an entry; of a day that at which DTSTART's sessions start."""
    begin = moment.start if isinstance(moment, Period) else moment
    if not isinstance(begin, datetime):
        assert isinstance(begin, date)
        return begin.toordinal() * DAY + series.first % DAY
    if begin.tzinfo is None:
        return timeline.of_wall(begin)
    instant = timeline.of_instant(begin)
    return instant + series.where.offset_at(instant)
