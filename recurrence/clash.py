"""Do two plans ever overlap, and when first? Exactly, for plans without an end too.

Sessions are half-open, so back to back is no clash, and a session without length clashes with nothing. The
answer is one of three:

    clash       the pair whose overlap begins first
    never       a proof that there is none
    none_until  nothing found up to an instant, ten years ahead or, of plans that end, 400, and no proof

Proofs come first, the cheapest before the others, so that most pairs cost a microsecond: they share no time of the day
(`daytime.py`), no day of the week, or none of the weeks (`pattern.py`), no date of the year (`dates.py`). Then the real
sessions of ten years are looked at (`search.py`). What has not met by then is asked of congruence and of a whole cycle
of the calendar (`meeting.py`), in one zone; and where sessions come near a change of its clock, at each of the changes.

`clashes` goes on from there: what follows closely is met by walking on, what does not by looking again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from recurrence import dates, daytime, pattern, timeline
from recurrence.calendar import CYCLE
from recurrence.clock import DECADE, clock
from recurrence.expand import aware
from recurrence.kinds import Months
from recurrence.meeting import Nowhere, cyclic, meeting, steady
from recurrence.occurrence import Occurrence
from recurrence.search import Found, following, longest, search
from recurrence.series import Series
from recurrence.steady import NO_START, Steady
from recurrence.timeline import DAY, END, FIRST
from recurrence.work import Work

LOOK_AHEAD: Final = 3_653 * DAY  # ten years
NEAR: Final = 3 * DAY  # around a wall at which sessions meet
STEPS: Final = 8_000  # sessions looked at, steps of walks and all else that one answer may take; some 40 ms
STEPS_ON: Final = 1_000  # steps of walks from one pair to those that follow closely


class Verdict(StrEnum):
    """The kinds of answer."""

    CLASH = "clash"  # two sessions overlap
    NEVER = "never"  # none ever do, proven
    NONE_UNTIL = "none_until"  # none do up to an instant; what comes later is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What first_clash found: a clash with its pair (of the first series, of the second), or until when there
    is none.
    """

    verdict: Verdict
    pair: tuple[Occurrence, Occurrence] | None = None
    until: datetime | None = None


NEVER: Final = Answer(verdict=Verdict.NEVER)


def first_clash(a: Series, b: Series, after: datetime) -> Answer:
    """The first overlap of a session of `a` and one of `b` that is not over at the aware instant `after`.

    Raises RecurrenceError for a naive `after`.
    """
    if after.tzinfo is None:
        aware("after", after)
    if daytime.apart(a, b) or proven(a, b):
        return NEVER
    begin = max(timeline.of_instant(after), FIRST)
    start = max(begin, a.first - DAY, b.first - DAY)
    endless = endless_rule(a) and endless_rule(b)
    one_wall = endless and a.zone == b.zone and not (a.rdates or b.rdates)
    work = Work(STEPS)
    if one_wall and steady(a, b) and meeting(a, b, start, work) is Nowhere.YES:
        return answer(beyond(a, b, start, work))
    horizon = min(start + (LOOK_AHEAD if endless else CYCLE), END)
    found = search(a, b, begin, horizon, work)
    if one_wall and found.pair is None and found.reached == horizon < END:
        found = beyond(a, b, horizon, work)
    return answer(found)


def clashes(a: Series, b: Series, after: datetime) -> Iterator[Answer]:
    """Every overlap of a session of `a` and one of `b` that is not over at the aware instant `after`, in order; the
    last answer, without a pair, says why no more follow.

    Of a series whose own sessions overlap some pairs are passed over: those that begin and end while another one goes
    on. Raises RecurrenceError as first_clash does.
    """
    while True:
        found = first_clash(a, b, after)
        yield found
        if found.pair is None:
            return
        after = min(found.pair[0].ends_at, found.pair[1].ends_at)
        for pair in following(a, b, found.pair, Work(STEPS_ON)):
            yield Answer(verdict=Verdict.CLASH, pair=pair)
            after = min(pair[0].ends_at, pair[1].ends_at)


def answer(found: Found) -> Answer:
    """What was found, in the words of the answer."""
    if found.pair is not None:
        return Answer(verdict=Verdict.CLASH, pair=found.pair)
    if found.reached == END:
        return NEVER
    return Answer(verdict=Verdict.NONE_UNTIL, until=timeline.to_instant(found.reached))


def proven(a: Series, b: Series) -> bool:
    """Whether the two can never overlap: lengths, patterns or dates exclude it. RDATE is beyond such proofs."""
    if a.rdates or b.rdates:
        return False
    return not (a.duration and b.duration) or pattern.apart(a, b) or dates.apart(a, b)


def endless_rule(series: Series) -> bool:
    """Whether the rule goes on for ever."""
    return series.rule is not None and series.rule.count is None and series.rule.until is None


def beyond(a: Series, b: Series, horizon: int, work: Work) -> Found:
    """The first clash from the instant `horizon` on, of two endless series in one zone without RDATE that have not
    clashed before.
    """
    where = meeting(a, b, horizon, work)
    if where is None:
        return Found(None, horizon)
    wall = END if isinstance(where, Nowhere) else where
    near = NEAR + max(longest(a), longest(b))
    candidates = []
    if not (pattern.calm(a) and pattern.calm(b)):
        found = at_changes(a, b, horizon, wall + near, work)
        if found.pair is None and found.reached < min(wall, END):
            return found
        candidates.append(found)
    if wall < END - near:
        candidates.append(search(a, b, max(wall - near, horizon), wall + near, work))
    pairs = [found for found in candidates if found.pair is not None]
    nothing = Found(None, END if wall == END else horizon)
    return min(pairs, key=lambda found: found.reached, default=nothing)


def near(series: Series, low: int, high: int) -> bool:
    """Whether a session may be under way in the instants [low, high), as far as that is quickly said."""
    walk, first, last = series.walk, low - DAY - longest(series), high + DAY
    if isinstance(walk, Steady):
        return walk.before(last) > walk.before(first)
    return not isinstance(walk, Months) or walk.stride(first, last) is not NO_START


def at_changes(a: Series, b: Series, low: int, high: int, work: Work) -> Found:
    """The first clash in [low, high) that a change of the zone's clock makes: it begins near one. What happens at
    the changes of one cycle happens again, if both rules repeat with the calendar.
    """
    where = a.where
    end = max(low, where.repeats_from) + CYCLE if where.repeats_from < END else END
    spread = clock(a.time_zone, low // DECADE).spread
    late = 2 * spread + max(longest(a), longest(b)) + 1
    for section in where.sections(low - late, a.fold):
        change = section.low - section.offset  # or as much later as the clock jumps
        if change >= min(high, end) + late:
            break
        first, last = max(change - late, low), min(change + late, END)
        if not section.gap and first < last and near(a, first, last) and near(b, first, last):
            found = search(a, b, first, last, work)
            if found.pair is not None or found.reached < last:
                return found
    if end < high and not (cyclic(a) and cyclic(b)):
        return Found(None, min(end, END))
    return Found(None, min(high, END))
