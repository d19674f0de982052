"""Which session of an edited plan stands for one that it had: the same local start, or the same place on the same
local date (the first of that day for the first, and so on).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import recurrence
from recurrence import Occurrence, Series

DAY = timedelta(days=1)
SLACK = timedelta(days=2)  # a wall time and its instant in UTC differ by less


class Days:
    """The local starts of a series by date, EXDATE not looked at; a stretch of them is looked up at once."""

    def __init__(
        self,
        series: Series,
        since: datetime | None = None,
        until: datetime | None = None,
        later: Sequence[Series] = (),
    ) -> None:
        """`since`, `until`: instants between which many dates will be asked for. `later`: what goes on after it."""
        self.series = replace(series, exdates=()) if series.exdates else series
        self.later = [replace(one, exdates=()) for one in later]
        self.known: dict[date, list[datetime]] = {}
        self.first, self.last = date.max, date.min
        if since is not None and until is not None and since + 2 * SLACK < until:
            self.first, self.last = (since + SLACK).date(), (until - SLACK).date()
            for one in recurrence.expand(self.series, since, until):
                self.known.setdefault(one.recurrence_id.date(), []).append(one.recurrence_id)

    def on(self, day: date) -> list[datetime]:
        """The local starts of a date, in order."""
        if day not in self.known and not self.first <= day <= self.last:
            midnight = datetime.combine(day, time())
            every = (starts_in(one, midnight, midnight + DAY) for one in (self.series, *self.later))
            self.known[day] = [wall for starts in every for wall in starts]
        return sorted(self.known.get(day, ()))


def starts_in(series: Series, begin: datetime, end: datetime) -> list[datetime]:
    """The local starts in [begin, end), naive local times."""
    low = recurrence.localize(begin, series.zone)
    assert low is not None, "with Gap.SHIFT every wall time has an instant"
    found = recurrence.expand(series, low - SLACK / 2, low + (end - begin) + SLACK / 2)
    return [one.recurrence_id for one in found if begin <= one.recurrence_id < end]


def of_start(wall: datetime, before: Days, after: Days) -> datetime | None:
    """The local start that stands for `wall` now; None when that date has none for it."""
    return at_place(wall, before.on(wall.date()), after.on(wall.date()))


def at_place(wall: datetime, before: Sequence[datetime], after: Sequence[datetime]) -> datetime | None:
    """The same start, or the one at the same place in its day; one that was beside the rule has the first place."""
    if wall in after:
        return wall
    place = before.index(wall) if wall in before else 0
    return after[place] if place < len(after) else None


def heirs_of(paused: Collection[datetime], given: Sequence[Occurrence], now: datetime) -> dict[datetime, datetime]:
    """The starts ahead that have the place on its day of a session that was paused and is not given any more."""
    starts = {one.recurrence_id: one.starts_at for one in given}
    before, after = by_date(paused), by_date(starts)
    heirs = {}
    for wall in sorted(set(paused) - set(starts)):
        heir = at_place(wall, before[wall.date()], after[wall.date()])
        if heir is not None and starts[heir] > now:
            heirs[wall] = heir
    return heirs


def by_date(walls: Iterable[datetime]) -> defaultdict[date, list[datetime]]:
    """Local starts by their date, in order."""
    found: defaultdict[date, list[datetime]] = defaultdict(list)
    for wall in sorted(walls):
        found[wall.date()].append(wall)
    return found
