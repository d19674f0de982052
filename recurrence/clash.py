"""Do two plans ever overlap, and when first? Exactly, for plans without an end too.

Sessions are half-open, so back to back is no clash, and a session without length clashes with nothing. The
answer is one of three:

    clash       the pair whose overlap begins first
    never       a proof that there is none
    none_until  nothing found up to an instant, ten years ahead, and no proof

Proofs, cheapest first. *Week*: no minute of the week is ever taken by both (`cover.py`). *Dates*: no date of the
year is, as of a first and a second Monday. *Congruence*: two
steady rules in one zone meet only where their distance, modulo the common divisor of their steps, is shorter
than a session; "every two weeks" from two neighbouring weeks never does. *Calendar*: the Gregorian calendar
repeats every 400 years, so rules in one zone whose intervals divide that cycle are compared wall by wall for
one cycle. Walls prove something about instants only while no clock change comes near a session: where one
could, the proof keeps a distance of the largest jump.

Looking is done on the real sessions, EXDATE and RDATE included, by two walks that leap over what the other
cannot meet.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from itertools import chain
from math import gcd
from typing import Final

from recurrence import cover, timeline, zone
from recurrence.calendar import CYCLE
from recurrence.errors import BudgetError
from recurrence.expand import Occurrence, aware, occurrences
from recurrence.series import Series
from recurrence.starts import walls
from recurrence.timeline import DAY, END, FIRST
from recurrence.walk import Steady

LOOK_AHEAD: Final = 3_653 * DAY  # ten years
LEAP_AFTER: Final = 24  # sessions read one by one before a walk leaps ahead
MOST: Final = 20_000  # sessions looked at in one search; some 50 ms
NEAR: Final = 3 * DAY  # around a wall or a change of clocks
MOST_PAIRS: Final = 1_024  # offsets of two steady rules compared
MOST_WALLS: Final = 320_000  # walls compared in one cycle


class Nowhere(Enum):
    """A proof that walls never meet."""

    YES = "yes"


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


def steady_meeting(a: Series, b: Series, low: int) -> "int | Nowhere | None":
    """The first wall from `low` on at which sessions of two steady rules meet on the wall clock of their one zone.

    Nowhere.YES when there is none, None when the rules are not of that kind. By congruence: starts x and x +
    d meet when d is a difference modulo the greatest common divisor of the steps, and shorter than a session.
    """
    first, second = a.walk, b.walk
    if a.zone != b.zone or not isinstance(first, Steady) or not isinstance(second, Steady):
        return None
    if len(first.offsets) * len(second.offsets) > MOST_PAIRS:
        return None
    start = max(low - 2 * DAY, a.first, b.first)
    common = gcd(first.step, second.step)
    mine, theirs = cover.wall_length(a), cover.wall_length(b)
    found = [
        meeting_of(first.anchor + x, first.step, second.anchor + y - distance, second.step, start)
        for x in first.offsets
        for y in second.offsets
        for distance in close_distances((second.anchor + y - first.anchor - x) % common, common, mine, theirs)
    ]
    return min(found, default=Nowhere.YES)


def close_distances(rest: int, common: int, mine: int, theirs: int) -> list[int]:
    """The differences congruent to `rest` at which a session of length `mine` and a later one of `theirs`
    overlap.
    """
    if not mine or not theirs:
        return []
    ahead = range(rest, mine, common)
    behind = range(rest - common, -theirs, -common)
    return [*ahead[:MOST_PAIRS], *behind[:MOST_PAIRS]]


def meeting_of(x: int, step: int, y: int, other: int, low: int) -> int:
    """The least number from `low` on that is x modulo `step` and y modulo `other`, which must agree modulo
    their divisor.
    """
    common = gcd(step, other)
    cycle = other // common
    rounds = (y - x) // common * pow(step // common, -1, cycle) % cycle if cycle > 1 else 0
    first = x + rounds * step
    whole = step * cycle
    return first + -((first - low) // whole) * whole


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


def cycle_meeting(a: Series, b: Series, low: int) -> "int | Nowhere | None":
    """The first wall at which sessions meet, found by comparing the walls of one whole cycle; None: cannot be
    said.
    """
    start = max(a.first, b.first, low - DAY)
    if not (cyclic(a) and cyclic(b)) or start + CYCLE >= END:
        return None
    lengths = (cover.wall_length(a), cover.wall_length(b))
    streams = [chain.from_iterable(walls(series, start, start + CYCLE)) for series in (a, b)]
    heads = [next(stream, END) for stream in streams]
    for _ in range(MOST_WALLS):
        early = 0 if heads[0] <= heads[1] else 1
        late = heads[1 - early]
        if late == END:
            return Nowhere.YES
        if late < heads[early] + lengths[early] and lengths[1 - early]:
            return heads[early]
        heads[early] = next(streams[early], END)
    return None


def cyclic(series: Series) -> bool:
    """Whether the rule's starts repeat with the Gregorian calendar: its interval divides the cycle."""
    rule = series.rule
    if rule is None:
        return False
    cycle = {"YEARLY": 400, "MONTHLY": 4_800, "WEEKLY": CYCLE // DAY // 7, "DAILY": CYCLE // DAY}
    seconds = {"HOURLY": 3600, "MINUTELY": 60, "SECONDLY": 1}
    whole = cycle[rule.freq] if rule.freq in cycle else CYCLE // seconds[rule.freq]
    return whole % rule.interval == 0
