"""Looking for the first pair of sessions that overlap: two walks that leap over what the other cannot meet.

The sessions are the real ones, EXDATE and RDATE included. A search is bounded by the work that is left of the question,
a step for each session it looks at, and says how far it came; where one of the walks gives up, nothing is known from
there on.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final, NamedTuple

from recurrence import timeline
from recurrence.counting import Cursor, cursor_before
from recurrence.errors import BudgetError
from recurrence.expand import occurrences
from recurrence.moment import Moment, Period
from recurrence.occurrence import Occurrence
from recurrence.series import Series
from recurrence.timeline import DAY, END, FIRST
from recurrence.work import Work, watched

LEAP_AFTER: Final = 24  # sessions read one by one before a walk leaps ahead
ALONE: Final = 2  # steps that a session is worth which is made, and ended, by itself: with RDATE and nominal days
BEGUN: Final = 3  # steps that it is worth to begin a walk, or to leap
CLOSE: Final = 64  # sessions looked at for the next pair before it is better looked for

Pair = tuple[Occurrence, Occurrence]


class Found(NamedTuple):
    """The first pair, if there is one, and the instant before which no other begins to overlap (END: there is none)."""

    pair: Pair | None
    reached: int


def search(a: Series, b: Series, begin: int, horizon: int, work: Work) -> Found:
    """The first pair that begins to overlap before the instant `horizon` and is not over at the instant `begin`."""
    one, other = first, _ = Ahead(a, begin, work), Ahead(b, begin, work)
    while work.left > 0:
        if other.start < one.start:
            one, other = other, one
        work.left -= one.price
        session, facing = one.session, other.latest
        if one.start >= horizon:
            alone = other.start == END and (facing is None or timeline.of_instant(facing.ends_at) <= one.start)
            return Found(None, END if one.start == END or alone else horizon)
        if session is None:
            break
        over = facing is None or facing[2] <= session[1]
        if over and other.start == END:
            return Found(None, END)
        if facing is not None and not over and overlap(session, facing, begin):
            return Found((session, facing) if one is first else (facing, session), one.start)
        if one.latest is None or session[2] > one.latest[2]:
            one.latest = session
        if over and one.steps > LEAP_AFTER:
            one.leap(other.start)
        one.step()
    return Found(None, max(min(one.start, other.start), begin))


def following(a: Series, b: Series, pair: Pair, work: Work) -> Iterator[Pair]:
    """The pairs that follow one, as long as each is close to the one before."""
    walks = tuple(
        occurrences(series, timeline.of_instant(session.starts_at) + 1, END - series.duration.longest, None)
        for series, session in ((watched(a, work), pair[0]), (watched(b, work), pair[1]))
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
    """One series' sessions in order, leaping over those that end before the other's next begins. One is `price` steps.

    `session` is the next one and `start` its instant; `latest` is the one read that ends last. There is no next one
    where `start` is END, or where the walk gave up: `start` is then the instant up to which there was none.
    """

    __slots__ = ("cursor", "found", "latest", "longest", "price", "series", "session", "start", "steps", "work")

    def __init__(self, series: Series, begin: int, work: Work) -> None:
        self.series, self.work = watched(series, work), work
        self.longest = longest(series)
        self.price = ALONE if series.rdates and series.duration.days else 1
        self.latest: Occurrence | None = None
        self.cursor: Cursor | None = None
        self.read(max(begin - self.longest, FIRST))
        self.step()

    def read(self, low: int) -> None:
        """Goes on from the instant `low`."""
        self.work.left -= BEGUN
        self.start, self.steps, self.found = low, 0, self.sessions(low)

    def sessions(self, low: int) -> Iterator[Occurrence]:
        """Those that start at the instant `low` or later; what COUNT has counted before is counted once."""
        self.cursor = cursor_before(self.series, low, self.cursor)
        yield from occurrences(self.series, low, END - self.series.duration.longest, self.cursor)

    def step(self) -> None:
        """To the next session."""
        self.steps += 1
        try:
            self.session = next(self.found, None)
        except BudgetError:
            self.session = None
        else:
            self.start = END if self.session is None else timeline.of_instant(self.session.starts_at)

    def leap(self, other: int) -> None:
        """On to the first session that can meet one at the instant `other`."""
        target = other - self.longest
        if self.start + 1 < target < END - self.longest:
            self.read(target)


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
