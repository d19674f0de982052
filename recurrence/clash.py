"""Do two plans ever overlap, and when first? Exactly, for plans without an end too.

Sessions are half-open, so back to back is no clash, and a session without length clashes with nothing. The
answer is one of three:

    clash       the pair whose overlap begins first
    never       a proof that there is none
    none_until  nothing found up to an instant, ten years ahead, and no proof

Proofs, cheapest first. *Week*: no minute of the week is ever taken by both. *Dates*: no date of the year is, as of
a first and a second Monday (both in `cover.py`). *Congruence*: "every two weeks" from two neighbouring weeks never
meets. *Calendar*: one whole cycle of it, compared wall by wall (both in `meeting.py`). Walls prove something about
instants only while no clock change comes near a session: where one could, the proof keeps a distance of the largest
jump.

Looking is done on the real sessions, EXDATE and RDATE included, by two walks that leap over what the other
cannot meet.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from recurrence import cover, timeline, zone
from recurrence.calendar import CYCLE
from recurrence.errors import BudgetError
from recurrence.expand import Occurrence, aware, occurrences
from recurrence.meeting import Nowhere, cycle_meeting, steady_meeting
from recurrence.series import Series
from recurrence.timeline import DAY, END, FIRST

LOOK_AHEAD: Final = 3_653 * DAY  # ten years
LEAP_AFTER: Final = 24  # sessions read one by one before a walk leaps ahead
MOST: Final = 20_000  # sessions looked at in one search; some 50 ms
NEAR: Final = 3 * DAY  # around a wall or a change of clocks


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
    aware("after", after)
    extra = bool(a.rdates or b.rdates)
    if not extra and cover.apart(a, b):
        return NEVER
    begin = max(timeline.of_instant(after), FIRST)
    slack = max(cover.slack(a), cover.slack(b))
    if not (extra or slack) and a.zone == b.zone and cover.on_other_dates(a, b):
        return Answer(verdict=Verdict.NEVER)
    endless = endless_rule(a) and endless_rule(b)
    meeting = steady_meeting(a, b, begin) if endless else None
    if meeting is Nowhere.YES and not slack and not extra:
        return Answer(verdict=Verdict.NEVER)
    start = max(begin, a.first - DAY, b.first - DAY)
    horizon = min(start + LOOK_AHEAD, END) if endless else END
    pair, reached = search(a, b, begin, horizon)
    if pair is not None:
        return Answer(verdict=Verdict.CLASH, pair=pair)
    if reached == END:
        return Answer(verdict=Verdict.NEVER)
    if not endless or extra or a.zone != b.zone or reached < horizon:
        return Answer(verdict=Verdict.NONE_UNTIL, until=timeline.to_instant(reached))
    return beyond(a, b, horizon, slack)


def endless_rule(series: Series) -> bool:
    """Whether the rule goes on for ever."""
    return series.rule is not None and series.rule.count is None and series.rule.until is None


def search(a: Series, b: Series, begin: int, horizon: int) -> tuple[tuple[Occurrence, Occurrence] | None, int]:
    """The first pair that overlaps after the instant `begin`, and how far was looked (END: to the end of a
    series).
    """
    walks = (Ahead(a, begin), Ahead(b, begin))
    running: list[Occurrence | None] = [None, None]
    for _ in range(MOST):
        mine = 0 if walks[0].start <= walks[1].start else 1
        walk, other = walks[mine], walks[1 - mine]
        session = walk.session
        if session is None or walk.start >= horizon:
            return None, END if walk.ended or other.ended else horizon
        facing = running[1 - mine]
        if facing is not None and overlap(session, facing, begin):
            return ((session, facing) if mine == 0 else (facing, session)), walk.start
        latest = running[mine]
        if latest is None or session.ends_at > latest.ends_at:
            running[mine] = session
        if other.ended and (facing is None or facing.ends_at <= session.starts_at):
            return None, END
        walk.advance(other.start)
    return None, min(walks[0].start, walks[1].start)


def overlap(a: Occurrence, b: Occurrence, begin: int) -> bool:
    """Whether two sessions share an instant that is not before `begin`."""
    ends = min(a.ends_at, b.ends_at)
    return max(a.starts_at, b.starts_at) < ends and timeline.of_instant(ends) > begin


class Ahead:
    """One series' sessions in order, leaping over those that end before the other's next begins."""

    def __init__(self, series: Series, begin: int) -> None:
        self.series = series
        self.longest = max(series.duration.longest, longest_period(series))
        self.read(max(begin - self.longest, FIRST))
        self.step()

    def read(self, low: int) -> None:
        """Goes on from the instant `low`."""
        self.found = occurrences(self.series, low, END - self.series.duration.longest, None)
        self.steps = 0

    def step(self) -> None:
        """The next session; `start` is END when there is none."""
        try:
            self.session = next(self.found, None)
            self.ended = self.session is None
        except BudgetError:
            self.session, self.ended = None, False
        self.start = END if self.session is None else timeline.of_instant(self.session.starts_at)
        self.steps += 1

    def advance(self, other: int) -> None:
        """To the next session, or, after some in a row, to the first that can meet one at the instant
        `other`.
        """
        target = other - self.longest
        if self.steps > LEAP_AFTER and self.start + 1 < target < END - self.longest:
            self.read(target)
        self.step()


def longest_period(series: Series) -> int:
    """The longest RDATE period in seconds, an upper bound."""
    return max([cover.period_length(moment) for moment in series.rdates], default=0)


def beyond(a: Series, b: Series, horizon: int, slack: int) -> Answer:
    """After ten years without a clash, in one zone: congruence or a whole cycle of the calendar decides,
    where it can.
    """
    unknown = Answer(verdict=Verdict.NONE_UNTIL, until=timeline.to_instant(horizon))
    meeting = steady_meeting(a, b, horizon)
    if meeting is None:
        meeting = cycle_meeting(a, b, horizon)
    if meeting is None:
        return unknown
    wall = END if isinstance(meeting, Nowhere) else meeting
    pair = change_clash(a, b, horizon, min(wall, horizon + CYCLE)) if slack else None
    if pair is None and wall < END - NEAR:
        pair, _ = search(a, b, max(wall - NEAR, horizon), min(wall + NEAR, END))
        if pair is None:
            return unknown
    return Answer(verdict=Verdict.CLASH, pair=pair) if pair else Answer(verdict=Verdict.NEVER)


def change_clash(a: Series, b: Series, low: int, high: int) -> tuple[Occurrence, Occurrence] | None:
    """The first clash close to a change of the zone's clocks in the instants [low, high)."""
    for section in zone.load(a.zone).sections(low - DAY, a.fold):
        change = section.low - section.offset
        if change >= high:
            return None
        if not section.gap and change > low:
            pair, _ = search(a, b, change - DAY, min(change + NEAR, END))
            if pair is not None:
                return pair
    return None
