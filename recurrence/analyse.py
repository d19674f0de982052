"""What can be said about a series before it is accepted. Nothing here refuses: the engine takes every legal
rule (decisions 14 and 15), the caller decides what it wants to keep.

Self-overlap is looked for where it can show: in the first thousand sessions, and around the next changes of
the zone's clocks, where exact lengths and wall clocks part.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, pairwise
from typing import Final

from recurrence import timeline
from recurrence.counting import cursor_before
from recurrence.errors import BudgetError
from recurrence.expand import occurrences
from recurrence.moment import Moment, Period
from recurrence.occurrence import Occurrence
from recurrence.parts import Frequency
from recurrence.rule import Rule
from recurrence.series import Series
from recurrence.starts import Start, starts
from recurrence.steady import Steady
from recurrence.timeline import DAY, END, FIRST
from recurrence.work import Work, watched

LOOKED_AT: Final = 1_000  # sessions compared with their next
CHANGES: Final = 6  # clock changes around which sessions are compared too: some three years of them
AT_CHANGE: Final = 250  # sessions around each of them
BEFORE: Final = DAY // 8  # further than a clock jumps, but once in a century
AROUND: Final = 2 * DAY
STEPS: Final = 8_000  # of all that is asked of the rule; some 40 ms
EACH: Final = 6  # steps that it is worth to look an EXDATE up: 1,300 of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """Facts about one series.

    never_fires     it has no session at all
    fires_once      it has exactly one
    first           its first session; None when it never fires
    rule_first      the naive local start that the rule gives first; None without a rule, or when the rule
                    gives none dtstart_in_rule DTSTART is a start of the rule, or there is no rule (decision
                    9)
    per_day         the most sessions one day can have; an upper bound (decision 15)
    overlap         two own sessions, one beginning before the other has ended (decision 18); None when there
                    are none
    unmatched       EXDATEs that take nothing out (decision 16)
    hints           sentences about readings that surprise people (decision 11)
    """

    never_fires: bool
    fires_once: bool
    first: Occurrence | None
    rule_first: datetime | None
    dtstart_in_rule: bool
    per_day: int
    overlap: tuple[Occurrence, Occurrence] | None
    unmatched: tuple[Moment, ...]
    hints: tuple[str, ...]


def analyse(series: Series) -> Analysis:
    """Facts about a series; costs some milliseconds at most. A rule whose first start is out of reach counts
    as never.
    """
    work = Work(STEPS)
    series = watched(series, work)
    rule_first = first_of_rule(series, work)
    first = first_few(series, 2, begin_of(series, rule_first))
    local = None if rule_first is None or series.rule is None else rule_first.recurrence_id
    return Analysis(
        never_fires=not first,
        fires_once=len(first) == 1,
        first=first[0] if first else None,
        rule_first=local,
        dtstart_in_rule=series.rule is None or local == series.dtstart,
        per_day=per_day(series),
        overlap=own_overlap(series, first),
        unmatched=tuple(unmatched(series, work)),
        hints=tuple(hints(series.rule)) if series.rule is not None else (),
    )


def first_few(series: Series, limit: int, low: int = FIRST, high: int = END) -> list[Occurrence]:
    """The first occurrences between two instants, as many as the budget finds."""
    found: list[Occurrence] = []
    with suppress(BudgetError):
        found.extend(islice(occurrences(series, low, min(high, END - series.duration.longest), None), limit))
    return found


def first_of_rule(series: Series, work: Work) -> Occurrence | None:
    """The first session that the rule, or DTSTART without one, gives alone."""
    alone = Series(
        dtstart=series.dtstart,
        time_zone=series.time_zone,
        duration=series.duration,
        rule=series.rule,
        all_day=series.all_day,
        gap=series.gap,
        fold=series.fold,
    )
    return next(iter(first_few(watched(alone, work), 1)), None)


def begin_of(series: Series, rule_first: Occurrence | None) -> int:
    """An instant before which nothing starts."""
    if rule_first is None:
        return FIRST
    begin = timeline.of_instant(rule_first.starts_at)
    return min(begin, series.extra[0].instant) if series.extra else begin


def per_day(series: Series) -> int:
    """The most sessions of a day: the rule's, no more than COUNT, and the RDATEs of the fullest day."""
    extra = Counter(moment_day(moment) for moment in series.rdates)
    fullest = max(extra.values(), default=0)
    if series.walk is None or series.rule is None:
        return max(1, fullest)
    return min(series.walk.per_day(), series.rule.count or END) + fullest


def moment_day(moment: Moment) -> int:
    """The ordinal of an entry's day, an instant's in UTC."""
    begin = moment.start if isinstance(moment, Period) else moment
    return begin.toordinal()


def own_overlap(series: Series, first: list[Occurrence]) -> tuple[Occurrence, Occurrence] | None:
    """The first pair found of sessions of the series that overlap."""
    if not first or (not series.duration and not series.rdates) or are_apart(series):
        return None
    for stretch in stretches(series, first[0]):
        for earlier, later in pairwise(stretch):
            if later.starts_at < earlier.ends_at:
                return earlier, later
    return None


def are_apart(series: Series) -> bool:
    """Whether a day or more lies between each session and the next on the wall clock: none was ever moved further."""
    walk = series.walk
    return isinstance(walk, Steady) and not series.rdates and walk.least_gap() - series.duration.longest >= DAY


def stretches(series: Series, first: Occurrence) -> Iterator[Iterable[Occurrence]]:
    """Runs of occurrences in which an overlap would show."""
    begin = timeline.of_instant(first.starts_at)
    yield first_few(series, LOOKED_AT, begin)
    if not series.sub_daily or series.duration.longest >= DAY:
        return
    sections = series.where.sections(begin - DAY, series.fold)
    for section in islice(sections, CHANGES):
        change = section.low - section.offset
        if change > begin:
            yield first_few(series, AT_CHANGE, change - series.duration.longest - BEFORE, change + AROUND)


def unmatched(series: Series, work: Work) -> Iterator[Moment]:
    """The EXDATEs that match no start of rule and RDATE, in order, as many as the budget finds; none where COUNT is out
    of reach.
    """
    looked_at = sorted([(*window(series, moment), n) for n, moment in enumerate(series.exdates)])
    cursor = None
    with suppress(BudgetError):
        if looked_at:
            cursor_before(series, looked_at[-1][0], None)  # all the way, to see whether it is too far
        for low, high, n in looked_at:
            work.spend(EACH)
            cursor = cursor_before(series, low, cursor)
            moment = series.exdates[n]
            for start in starts(series, low, high, cursor):
                if matches(moment, start):
                    break
                work.spend(1)
            else:
                yield moment


def window(series: Series, moment: Moment) -> tuple[int, int]:
    """The instants between which the starts lie that an EXDATE can match."""
    where, fold = series.where, series.fold
    if not isinstance(moment, datetime):
        day = moment.toordinal() * DAY  # type: ignore[union-attr]  # EXDATE has no periods (series.py)
        return where.place(day, fold)[0], where.place(day + DAY, fold)[0] + DAY // 2
    instant = timeline.of_instant(moment) if moment.tzinfo else where.place(timeline.of_wall(moment), fold)[0]
    return instant, instant + 1


def matches(moment: Moment, start: Start) -> bool:
    """Whether an EXDATE takes out a start within its window."""
    if not isinstance(moment, datetime):
        return start.wall // DAY == moment.toordinal()  # type: ignore[union-attr]  # as above
    return moment.tzinfo is not None or start.wall == timeline.of_wall(moment)


def hints(rule: Rule) -> Iterator[str]:
    """Readings of a rule that its writer may not have meant."""
    if rule.freq is Frequency.YEARLY and rule.bymonthday and not rule.bymonth and not rule.byweekno:
        yield "BYMONTHDAY without BYMONTH in a yearly rule means that day of every month"
    if rule.byweekno and not (rule.byday or rule.bymonthday or rule.byyearday):
        yield "BYWEEKNO without BYDAY means all seven days of those weeks"
