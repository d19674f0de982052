"""One new plan against a thousand in the same room, all without an end, none of which it ever meets.

The room is let in half hours from 07:00 to 22:00, every day. A slot is one half hour of the week; in turn the slots
are filled by one weekly class, two that alternate, four every fourth week, six every sixth, four on the first to fourth
such weekday of the month, and twelve that share those of three months. So the room is full and nothing in it overlaps:
any plan taken out is a new one that fits. One of each kind is, and the slowest counts.

Variants: the thousand written in London's time, with the new plan in the evening in New York (the clocks of the two
change on different days); and, hardest, a thousand in the very slot of the new plan, in the weeks that it leaves free.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Final
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

import recurrence
from bench.expand.agreement import differ
from bench.expand.plans import NEW_YORK, ZONE
from bench.expand.row import Row
from bench.timing import Subject, compare, constant
from recurrence import Series, Verdict

REPEATS: Final = 3
THOUSAND: Final = 1_000
NOW: Final = datetime(2026, 11, 2, tzinfo=UTC)
LATER: Final = datetime(2028, 11, 2, tzinfo=UTC)
MONDAY: Final = datetime(2026, 1, 5)
OPENS: Final = timedelta(hours=7)
HALF_HOUR: Final = timedelta(minutes=30)
SLOTS: Final = 30  # a day
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ZONES: Final = {ZONE: NEW_YORK, "Europe/London": ZoneInfo("Europe/London")}
KINDS: Final = ("weekly", "fortnightly", "every 4 weeks", "every 6 weeks", "monthly", "quarterly")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One plan of the room: how it repeats and from when, in which zone's time."""

    kind: str
    start: datetime
    rule: str
    zone: str = ZONE

    @property
    def lines(self) -> str:
        """DTSTART and RRULE."""
        return f"DTSTART;TZID={self.zone}:{self.start:%Y%m%dT%H%M%S}\nRRULE:{self.rule}"

    def series(self) -> Series:
        """The plan as it is stored, never looked at before."""
        return Series.from_ical(f"{self.lines}\nDURATION:PT30M")


def timetable(zone: str = ZONE) -> Iterator[Plan]:
    """Every plan of a full room, slot by slot."""
    for slot in range(7 * SLOTS):
        day, half_hour = divmod(slot, SLOTS)
        yield from fill(KINDS[slot % len(KINDS)], MONDAY + timedelta(days=day) + OPENS + half_hour * HALF_HOUR, zone)


def fill(kind: str, start: datetime, zone: str) -> Iterator[Plan]:
    """The plans of one kind that share a slot."""
    weeks = {"weekly": 1, "fortnightly": 2, "every 4 weeks": 4, "every 6 weeks": 6}.get(kind)
    day = DAYS[start.weekday()]
    if weeks is not None:
        rule = f"FREQ=WEEKLY;INTERVAL={weeks};BYDAY={day}" if weeks > 1 else f"FREQ=WEEKLY;BYDAY={day}"
        yield from (Plan(kind=kind, start=start + timedelta(weeks=n), rule=rule, zone=zone) for n in range(weeks))
        return
    for month in range(1 if kind == "monthly" else 3):
        interval = "" if kind == "monthly" else "INTERVAL=3;"
        begin = datetime.combine(datetime(2026, 1 + month, 1), start.time())
        rules = [f"FREQ=MONTHLY;{interval}BYDAY={nth}{day}" for nth in (1, 2, 3, 4)]
        yield from (Plan(kind=kind, start=begin, rule=rule, zone=zone) for rule in rules)


def one_zone() -> dict[str, tuple[Plan, list[Plan]]]:
    """A new plan of each kind, from the middle of the week, and the thousand it comes to."""
    plans = list(timetable())
    new = {kind: next(plan for plan in plans[400:] if plan.kind == kind) for kind in KINDS}
    return {kind: (plan, [other for other in plans if other is not plan][:THOUSAND]) for kind, plan in new.items()}


def two_zones() -> tuple[Plan, list[Plan]]:
    """Tuesdays at 19:00 in New York, when it is never before 23:00 in London."""
    new = Plan(kind="two zones", start=MONDAY + timedelta(days=1, hours=19), rule="FREQ=WEEKLY;BYDAY=TU")
    return new, list(islice(timetable("Europe/London"), THOUSAND))


def one_slot() -> tuple[Plan, list[Plan]]:
    """Tuesdays at 18:00 every second week, and a thousand at the same hour in the weeks between, every 2nd to 200th."""
    start = MONDAY + timedelta(days=1, hours=18)
    others = [
        Plan(
            kind="one slot",
            start=start + timedelta(weeks=1 + 2 * (n % 10)),
            rule=f"FREQ=WEEKLY;INTERVAL={2 + 2 * (n // 10)};BYDAY=TU",
        )
        for n in range(THOUSAND)
    ]
    return Plan(kind="one slot", start=start, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"), others


def clash(repeats: int = REPEATS) -> list[Row]:
    """A row for each kind of new plan, then the variants. Raises Disagreement when something clashes."""
    kinds = [row("clash", f"new plan {kind}", *pair, repeats) for kind, pair in one_zone().items()]
    variants = {"two zones": two_zones(), "one slot": one_slot()}
    return [*kinds, *(row(name, new.rule, new, others, repeats) for name, (new, others) in variants.items())]


def row(measure: str, name: str, new: Plan, others: Sequence[Plan], repeats: int = REPEATS) -> Row:
    """One new plan: seconds for all first_clash calls, with every series read before."""
    agree(name, new, others)
    rules = [dateutil_rule(plan) for plan in [new, *others]]
    known = [plan.series() for plan in [new, *others]]
    subjects = {
        "dateutil": constant(dateutil_clashes, rules),
        "ours": Subject(call=clashes, supply=lambda: [plan.series() for plan in [new, *others]]),
        "warm": constant(clashes, known),
    }
    return Row(measure=measure, rule=name, seconds=compare(subjects, repeats=repeats, sample=0))


def clashes(plans: Sequence[Series]) -> int:
    """How many of the plans the first one ever meets."""
    new, *others = plans
    return sum([recurrence.first_clash(new, other, NOW).verdict is Verdict.CLASH for other in others])


def dateutil_rule(plan: Plan) -> tuple[rrule, ZoneInfo]:
    """The plan as dateutil keeps it, and its zone."""
    found = rrulestr(plan.lines, tzids=ZONES)
    assert isinstance(found, rrule)
    return found, ZONES[plan.zone]


def dateutil_clashes(plans: Sequence[tuple[rrule, ZoneInfo]]) -> int:
    """The same question to dateutil, for two years: the starts of every plan, in the new plan's zone if it must be."""
    (new, zone), *others = plans
    mine = new.between(NOW.astimezone(zone), LATER.astimezone(zone), inc=True)
    clashing = 0
    for rule, there in others:
        theirs = rule.between(NOW.astimezone(there), LATER.astimezone(there), inc=True)
        if there is not zone:
            theirs = [start.astimezone(zone) for start in theirs]
        clashing += any(later - start < HALF_HOUR for start, later in pairwise(sorted(mine + theirs)))
    return clashing


def agree(name: str, new: Plan, others: Sequence[Plan]) -> None:
    """Whether there are a thousand and the new plan meets none of them, by both engines; a daily one at its own hour,
    put among them, must be met. Raises Disagreement.
    """
    double = replace(new, rule="FREQ=DAILY")
    plans = [new, *others, double]
    counted = [
        len(others),
        clashes([plan.series() for plan in plans]),
        dateutil_clashes(list(map(dateutil_rule, plans))),
    ]
    differ(f"{name}: plans, clashes, clashes by dateutil", "the room", counted, "the timetable", [THOUSAND, 1, 1])
