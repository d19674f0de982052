"""Looking for the first pair of sessions that overlap: two walks that leap over what the other cannot meet.

The sessions are the real ones, EXDATE and RDATE included. A search is bounded by the sessions it looks at, and says how
far it came; where one of the walks gives up (its own budget is spent), nothing is known from there on.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final, NamedTuple

from recurrence import timeline
from recurrence.errors import BudgetError
from recurrence.expand import occurrences
from recurrence.moment import Moment, Period
from recurrence.occurrence import Occurrence
from recurrence.series import Series
from recurrence.timeline import DAY, END, FIRST

LEAP_AFTER: Final = 24  # sessions read one by one before a walk leaps ahead
MOST: Final = 20_000  # sessions looked at in one search; some 50 ms

CLOSE: Final = 64  # sessions looked at for the next pair before it is better looked for

Pair = tuple[Occurrence, Occurrence]


class Found(NamedTuple):
    """The first pair, if there is one, and the instant before which no other begins to overlap (END: there is none)."""

    pair: Pair | None
    reached: int


def search(a: Series, b: Series, begin: int, horizon: int) -> Found:
    """The first pair that begins to overlap before the instant `horizon` and is not over at the instant `begin`."""
    walks = (Ahead(a, begin), Ahead(b, begin))
    running: list[Occurrence | None] = [None, None]
    for _ in range(MOST):
        mine = 0 if walks[0].start <= walks[1].start else 1
        walk, other = walks[mine], walks[1 - mine]
        facing = running[1 - mine]
        if walk.start >= horizon:
            alone = other.ended and (facing is None or timeline.of_instant(facing.ends_at) <= walk.start)
            return Found(None, END if walk.ended or alone else horizon)
        session = walk.session
        if session is None:
            return Found(None, max(walk.start, begin))
        if facing is not None and overlap(session, facing, begin):
            return Found((session, facing) if mine == 0 else (facing, session), walk.start)
        latest = running[mine]
        if latest is None or session.ends_at > latest.ends_at:
            running[mine] = session
        over = facing is None or facing.ends_at <= session.starts_at
        if other.ended and over:
            return Found(None, END)
        walk.advance(other.start if over else walk.start)
    return Found(None, max(min(walks[0].start, walks[1].start), begin))


def following(a: Series, b: Series, pair: Pair) -> Iterator[Pair]:
    """The pairs that follow one, as long as each is close to the one before."""
    walks = tuple(
        occurrences(series, timeline.of_instant(session.starts_at) + 1, END - series.duration.longest, None)
        for series, session in ((a, pair[0]), (b, pair[1]))
    )
    facing, begin = list(pair), timeline.of_instant(min(pair[0].ends_at, pair[1].ends_at))
    steps = 0
    with suppress(BudgetError):
        while (steps := steps + 1) <= CLOSE:
            early = 0 if facing[0].ends_at <= facing[1].ends_at else 1
            session = next(walks[early], None)
            if session is None:
                return
            facing[early] = session
            if overlap(facing[0], facing[1], begin):
                yield facing[0], facing[1]
                begin = timeline.of_instant(min(facing[0].ends_at, facing[1].ends_at))
                steps = 0


def overlap(a: Occurrence, b: Occurrence, begin: int) -> bool:
    """Whether two sessions share an instant that is not before `begin`."""
    ends = min(a.ends_at, b.ends_at)
    return max(a.starts_at, b.starts_at) < ends and timeline.of_instant(ends) > begin


class Ahead:
    """One series' sessions in order, leaping over those that end before the other's next begins.

    `session` is the next one and `start` its instant. There is none where `start` is END (`ended`), or where the walk
    gave up: `start` is then the instant up to which there was none.
    """

    def __init__(self, series: Series, begin: int) -> None:
        self.series = series
        self.longest = longest(series)
        self.leap_after = LEAP_AFTER
        self.read(max(begin - self.longest, FIRST))
        self.step()

    def read(self, low: int) -> None:
        """Goes on from the instant `low`."""
        self.start = low
        self.found = occurrences(self.series, low, END - self.series.duration.longest, None)
        self.steps = 0

    def step(self) -> None:
        """To the next session."""
        try:
            self.session = next(self.found, None)
            self.start = END if self.session is None else timeline.of_instant(self.session.starts_at)
        except BudgetError:
            self.session = None
        self.ended = self.start == END
        self.steps += 1

    def advance(self, other: int) -> None:
        """To the next session, or, after some in a row, to the first that can meet one at the instant
        `other`.
        """
        target = other - self.longest
        if self.steps > self.leap_after and self.start + 1 < target < END - self.longest:
            if self.series.counts:  # which may cost more than all that is leapt over
                self.leap_after *= 8
            self.read(target)
        self.step()


def longest(series: Series) -> int:
    """An upper bound of a session's length in seconds, RDATE periods included."""
    return max([series.duration.longest, *map(period_length, series.rdates)])


def period_length(moment: Moment) -> int:
    """An upper bound of a PERIOD's length in seconds; other entries have the series' own."""
    if not isinstance(moment, Period):
        return 0
    if moment.duration is not None:
        return moment.duration.longest
    assert moment.end is not None
    return int((moment.end - moment.start).total_seconds()) + DAY
