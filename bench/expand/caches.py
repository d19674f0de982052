"""Whether the engine keeps anything from one plan for the next: if it did, repeated calls would be measured warm.

Looked at is what a module can keep: its dictionaries, lists and sets, and functions with a cache. What grows while
plans are read that were never read before is named. A zone's table is kept, as dateutil's is.
"""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import recurrence
from bench.expand.plans import ZONE
from recurrence import Series

START = datetime(2026, 11, 2, tzinfo=UTC)
RULES = (
    "FREQ=DAILY;INTERVAL=11",
    "FREQ=WEEKLY;INTERVAL=5;BYDAY=SA,SU",
    "FREQ=MONTHLY;INTERVAL=7;BYDAY=3TH,-2FR",
    "FREQ=MONTHLY;BYMONTHDAY=17,-9;BYSETPOS=2",
    "FREQ=YEARLY;BYWEEKNO=33;BYDAY=WE",
    "FREQ=HOURLY;INTERVAL=13;BYMONTH=5",
)


def remembered() -> list[str]:
    """The names of what grew while the rules were expanded: best none."""
    grown = []
    before = dict(sizes())
    for rule in RULES:
        expanded(rule)
    for name, size in sizes():
        if size > before.get(name, 0):
            grown.append(name)
    return grown


def expanded(rule: str) -> None:
    """One plan as it is measured."""
    text = f"DTSTART;TZID={ZONE}:20260103T033300\nDURATION:PT47M\nRRULE:{rule}"
    recurrence.next_after(Series.from_ical(text), START, 20)
    recurrence.columns(Series.from_ical(text), START, START.replace(year=2027))


def sizes() -> Iterator[tuple[str, int]]:
    """What each module of the engine holds, and how much of it."""
    for module in [name for name in sys.modules if name.split(".")[0] == "recurrence"]:
        for name, value in vars(sys.modules[module]).items():
            info: Callable[[], object] | None = getattr(value, "cache_info", None)
            if info is not None:
                yield f"{module}.{name}", value.cache_info().currsize
            elif isinstance(value, dict | list | set) and not name.startswith("__"):
                yield f"{module}.{name}", len(value)
