"""What the clocks of a zone do, as a calendar tells it (VTIMEZONE, RFC 5545 3.6.5): stretches of one offset each.

Changes that come every year by the rule at the end of the zone's file are told by an RRULE, from the first year on in
which nothing else happened. A rule that no RRULE says (the day after the last Thursday) is told by its dates instead,
as far as is asked for; so is everything before.
"""

from bisect import bisect_right
from calendar import monthrange
from datetime import date, datetime
from typing import Final, NamedTuple

from recurrence import timeline
from recurrence.parts import Frequency
from recurrence.timeline import DAY
from recurrence.tzif import YearlyChange
from recurrence.zone import Zone, load

WEEKDAYS: Final = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
LAST_WEEK: Final = 5
COMMON_YEAR: Final = 2023  # its February has 28 days


class Observance(NamedTuple):
    """From each of its onsets on, wall times by the clock before, the offset is another: seconds east of UTC.

    `rule`: how the first onset is repeated for ever; None: there are no others than those listed.
    """

    onsets: tuple[datetime, ...]
    offset_from: int
    offset_to: int
    rule: str | None


def observances(name: str, since: datetime, until: datetime) -> list[Observance]:
    """What the clocks of the zone of that name do from one instant to another; by rule also after it.

    The first says what holds at `since`. Raises ZoneError.
    """
    zone, first = load(name), timeline.of_instant(since)
    holds = zone.offset_at(first)
    beginning = Observance((timeline.to_wall(first + holds),), holds, holds, None)
    ruled, end = by_rule(zone, timeline.to_wall(first).year, timeline.of_instant(until))
    return [beginning, *by_date(zone, first, end), *ruled]


def by_rule(zone: Zone, year: int, end: int) -> tuple[list[Observance], int]:
    """The changes of every year from the first that has no others, not before `year`, and the instant that begins it.

    None, and `end`, when there are none or no RRULE says them.
    """
    start, stop = zone.footer.start, zone.footer.end
    if start is None or stop is None:
        return [], end
    rules = yearly(start), yearly(stop)
    if rules[0] is None or rules[1] is None:
        return [], end
    settled = timeline.to_wall(zone.repeats_from).year
    while settled > year and as_ruled(zone, settled - 1):
        settled -= 1
    first = max(settled, year)
    standard, summer = zone.footer.standard, zone.footer.summer
    found = [
        Observance((timeline.to_wall(start.wall(first)),), standard, summer, rules[0]),
        Observance((timeline.to_wall(stop.wall(first)),), summer, standard, rules[1]),
    ]
    return found, new_year(first)


def as_ruled(zone: Zone, year: int) -> bool:
    """Whether the clocks of a year did what the rule says, and nothing else."""
    low, high = (bisect_right(zone.instants, new_year(n)) for n in (year, year + 1))
    found = list(zip(zone.instants[low:high], zone.offsets[low + 1 : high + 1], strict=True))
    return found == zone.footer.changes(year)


def by_date(zone: Zone, first: int, end: int) -> list[Observance]:
    """The changes between two instants, those from and to the same offsets together."""
    found: dict[tuple[int, int], list[datetime]] = {}
    low, high = bisect_right(zone.instants, first), bisect_right(zone.instants, end)
    for index in range(low, high):
        before, after = zone.offsets[index], zone.offsets[index + 1]
        found.setdefault((before, after), []).append(timeline.to_wall(zone.instants[index] + before))
    return [Observance(tuple(onsets), *offsets, None) for offsets, onsets in found.items()]


def yearly(change: YearlyChange) -> str | None:
    """A change of every year as an RRULE; None when none says it.

    An onset at "26:00" lies on the next day: a weekday among the seven days that follow those of the named week.
    """
    days = change.second // DAY
    name = WEEKDAYS[(change.weekday + days) % 7]
    head = f"FREQ={Frequency.YEARLY.value};BYMONTH={change.month}"
    if not days:
        return f"{head};BYDAY={-1 if change.week == LAST_WEEK else change.week}{name}"
    if change.week == LAST_WEEK:
        begin, is_within = days - 7, days < 0
    else:
        begin = 7 * change.week - 6 + days
        is_within = begin > 0 and begin + 6 <= monthrange(COMMON_YEAR, change.month)[1]
    if not is_within:
        return None
    return f"{head};BYMONTHDAY={','.join(str(begin + n) for n in range(7))};BYDAY={name}"


def new_year(year: int) -> int:
    """The instant at which a year begins in UTC."""
    return date(year, 1, 1).toordinal() * DAY
