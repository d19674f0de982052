"""When a segment's sessions are, by dateutil and the standard zoneinfo: a second opinion that shares no code with ours.

It reads the segment's columns as they are stored. dateutil gives the wall times of the bare rule; COUNT and UNTIL,
gaps and folds, RDATE and EXDATE are applied here, from the decisions in `docs/recurrence.md` alone:

    a start in the gap has the offset before it, or is left out and not counted (gap: SKIP)
    a start in the repeated hour is the first or the second, never both
    of two at one instant the one whose wall time exists stays; both count
    COUNT counts what the rule gives; EXDATE does not top it up, RDATE is not counted and EXDATE wins over it

Where dateutil is known to be wrong, or would walk for long, there is no second opinion (`why_not`). Each reason:

    first week      a weekly BYSETPOS picks from the days after DTSTART in its week instead of from the whole week
    week numbers    with BYWEEKNO, days of week 1 or 53 count for the neighbouring year, and so does INTERVAL
    sixty           BYSECOND=60 is an error
    skip            SKIP is not known
    far ordinals    an ordinal beyond what a month has is an error instead of nothing
    mixed days      BYDAY with and without ordinals (2MO,WE) means days that are both, so none
    no zone         tzdata does not know the zone any more
    long walk       it walks from DTSTART, step by step, to the next start after the window, or, where there is
                    none, to the year 9999

Where our engine says that the walk is short, and it is not, dateutil is stopped: that is a difference, too.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil import rrule

import recurrence
from db.models import Segment

FAULTS = MappingProxyType(
    {
        "first week": re.compile(r"(?=.*FREQ=WEEKLY)(?=.*BYSETPOS)"),
        "week numbers": re.compile(r"BYWEEKNO"),
        "sixty": re.compile(r"BYSECOND=([^;]*,)?60"),
        "skip": re.compile(r"SKIP="),
        "far ordinals": re.compile(r"(?=.*BYDAY=[^;]*\d(MO|TU|WE|TH|FR|SA|SU))(?=.*BYMONTH=)"),
        "mixed days": re.compile(r"(?=.*BYDAY=[^;]*\d(MO|TU|WE|TH|FR|SA|SU))(?=.*BYDAY=([^;]*,)?[A-Z])"),
    }
)

STEP_HOURS = MappingProxyType(
    {"YEARLY": 8760, "MONTHLY": 672, "WEEKLY": 168, "DAILY": 24, "HOURLY": 1, "MINUTELY": 1 / 60, "SECONDLY": 1 / 3600}
)
MOST_STEPS = 10_000  # of its walk from DTSTART; they take up to 0.3 s

SLACK = timedelta(days=2)  # a wall time and its instant in UTC differ by less
DURATION = re.compile(r"P(?:(\d+)W|(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)", re.ASCII)


class Opinion(NamedTuple):
    """A session: its wall time, and the instants of its start and end."""

    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime


class Found(NamedTuple):
    """A start, compared by instant, then by which of two at one instant stays; `end`: where an RDATE says its own."""

    starts_at: datetime
    gap: bool
    rank: int
    wall: datetime
    end: str


class LongWalk(ValueError):
    """dateutil found nothing in {MOST_STEPS} steps"""


class Steps(int):
    """An INTERVAL that counts how often dateutil moves on by it, and stops it: it knows no other end than 9999."""

    left = MOST_STEPS + 100  # some more than a walk that is begun may take

    def take(self) -> int:
        """One step. Raises LongWalk when it was one too many."""
        self.left -= 1
        if self.left < 0:
            raise LongWalk(f"it found nothing in {MOST_STEPS:,} steps")
        return int(self)

    def __radd__(self, other: int) -> int:
        return other + self.take()

    def __mul__(self, other: int) -> int:
        return self.take() * other


def why_not(segment: Segment, until: datetime) -> str | None:
    """Why there is no second opinion up to the instant `until`; None: there is one."""
    try:
        ZoneInfo(segment.time_zone)
    except ZoneInfoNotFoundError:
        return "no zone"
    if segment.rrule is None:
        return None
    for reason, fault in FAULTS.items():
        if fault.search(segment.rrule):
            return reason
    return "long walk" if steps(segment, until) > MOST_STEPS else None


def steps(segment: Segment, until: datetime) -> float:
    """How many periods dateutil walks to the bare rule's first start after `until`; our engine says where it is."""
    bare = recurrence.Series(
        dtstart=segment.dtstart,
        time_zone="UTC",
        duration=recurrence.Duration(seconds=1),
        rule=recurrence.Rule.parse(without_end(segment.rrule or "")),
    )
    try:
        stops = recurrence.next_after(bare, until + SLACK, 1)
    except recurrence.BudgetError:
        stops = []
    if not stops:
        return float("inf")
    said = parts(segment.rrule or "")
    period = STEP_HOURS[said["FREQ"]] * int(said.get("INTERVAL", "1"))
    return (stops[0].recurrence_id - segment.dtstart) / timedelta(hours=1) / period


def sessions(segment: Segment, low: datetime, high: datetime) -> list[Opinion]:
    """The sessions that start in [low, high), in order."""
    by_instant: dict[datetime, Found] = {}
    for one in sorted([*of_rule(segment, low, high), *of_rdates(segment)]):
        by_instant.setdefault(one.starts_at, one)
    return [
        Opinion(one.wall, one.starts_at, end_of(segment, one))
        for one in by_instant.values()
        if low <= one.starts_at < high and not is_excluded(segment, one)
    ]


def is_excluded(segment: Segment, one: Found) -> bool:
    """Whether an EXDATE takes a start out: by its wall time, its instant or its local day."""
    names = {f"{one.wall:%Y%m%dT%H%M%S}", f"{one.starts_at:%Y%m%dT%H%M%SZ}"} if segment.exdates else set()
    return one.wall.date() in segment.excluded_days or not names.isdisjoint(segment.exdates)


def of_rule(segment: Segment, low: datetime, high: datetime) -> Iterator[Found]:
    """What the rule gives around [low, high); without a rule DTSTART. Before that it is only counted."""
    said = parts(segment.rrule or "")
    first, last = low.replace(tzinfo=None) - SLACK, high.replace(tzinfo=None) + SLACK
    skips = segment.gap == recurrence.Gap.SKIP
    walls: Iterator[datetime] = iter([segment.dtstart])
    if segment.rrule is not None:
        bare = rrule.rrulestr(f"RRULE:{without_end(segment.rrule)}", dtstart=segment.dtstart)
        assert isinstance(bare, rrule.rrule)
        walls = iter(bare.replace(interval=Steps(said.get("INTERVAL", "1"))))
    left = int(said.get("COUNT", "-1"))
    for wall in takewhile(lambda wall: wall <= last, walls):
        if left == 0:
            return
        early = wall < first
        if early and not skips:
            left -= 1
            continue
        starts_at, gap = place(wall, segment)
        if gap and skips:
            continue
        left -= 1
        if not early and within(said.get("UNTIL"), wall, starts_at):
            yield Found(starts_at, gap, 1, wall, "")


def of_rdates(segment: Segment) -> Iterator[Found]:
    """What RDATE adds; a period says its own end."""
    for text in segment.rdates:
        begin, _, end = text.partition("/")
        if begin.endswith("Z"):
            starts_at, gap = datetime.strptime(begin, "%Y%m%dT%H%M%S%z"), False
            wall = starts_at.astimezone(ZoneInfo(segment.time_zone)).replace(tzinfo=None, fold=0)
        else:
            wall = wall_of(begin, segment)
            starts_at, gap = place(wall, segment)
        if not (gap and segment.gap == recurrence.Gap.SKIP):
            yield Found(starts_at.astimezone(UTC), gap, 0 if end else 2, wall, end)


def wall_of(text: str, segment: Segment) -> datetime:
    """A local start; of a date alone, at DTSTART's time of day."""
    if "T" in text:
        return datetime.strptime(text, "%Y%m%dT%H%M%S")
    return datetime.combine(datetime.strptime(text, "%Y%m%d"), segment.dtstart.time())


def place(wall: datetime, segment: Segment) -> tuple[datetime, bool]:
    """The instant of a wall time, and whether the clock skips it; then the offset before the gap holds."""
    zone = ZoneInfo(segment.time_zone)
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None, fold=0) != wall:
        return first, True
    fold = int(segment.fold == recurrence.Fold.SECOND)
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC), False


def shows(instant: datetime, wall: datetime, segment: Segment) -> bool:
    """Whether an instant is what a wall time means: the clock shows it then, or would have, had it not skipped it."""
    shown = instant.astimezone(ZoneInfo(segment.time_zone)).replace(tzinfo=None, fold=0)
    return wall == shown or instant == place(wall, segment)[0]


def within(until: str | None, wall: datetime, starts_at: datetime) -> bool:
    """Whether a start lies up to UNTIL: an instant, or a local day."""
    if until is None:
        return True
    if until.endswith("Z"):
        return starts_at <= datetime.strptime(until, "%Y%m%dT%H%M%S%z")
    return wall.date() <= date.fromisoformat(until[:8])


def end_of(segment: Segment, one: Found) -> datetime:
    """The end of a session: nominal days on the wall, then exact seconds."""
    if one.end and not one.end.startswith("P"):
        if one.end.endswith("Z"):
            return datetime.strptime(one.end, "%Y%m%dT%H%M%S%z").astimezone(UTC)
        ends_at, _ = place(wall_of(one.end, segment), segment)
        return max(ends_at, one.starts_at + timedelta(seconds=1))
    found = DURATION.fullmatch(one.end or segment.duration)
    assert found is not None, f"a stored duration: {one.end or segment.duration}"
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
    nominal, exact = timedelta(weeks=weeks, days=days), timedelta(hours=hours, minutes=minutes, seconds=seconds)
    base = place(one.wall + nominal, segment)[0] if nominal else one.starts_at
    if one.end:
        return max(base, one.starts_at) + exact
    return base + exact if base + exact > one.starts_at else one.starts_at + nominal + exact


def parts(rule: str) -> dict[str, str]:
    """The parts of a rule by their names."""
    return dict(part.split("=", 1) for part in rule.split(";") if part)


def without_end(rule: str) -> str:
    """The rule without COUNT and UNTIL."""
    return ";".join(part for part in rule.split(";") if not part.startswith(("COUNT=", "UNTIL=")))
