"""Memory: that it does not grow with the window.

Peaks are what Python allocates on top of what was there before the call. Two long readings are measured here, consumed
one by one and thrown away; what single texts take is measured in hostile.py.
"""

import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeVar

import recurrence
from bench.expand.plans import ZONE
from bench.expand.row import Row
from recurrence import Series

Asked = TypeVar("Asked")
Window = tuple[str, datetime, datetime]

SIXTY: Final = ",".join(map(str, range(60)))
HOURS: Final = ",".join(map(str, range(24)))
READINGS: Final[dict[str, Window]] = {
    "every second of a day, named in lists": (
        f"DTSTART;TZID={ZONE}:20260105T000000\nDURATION:PT1S\nRRULE:FREQ=DAILY;BYHOUR={HOURS};BYMINUTE={SIXTY};BYSECOND={SIXTY}",
        datetime(2026, 11, 1, 4, tzinfo=UTC),  # clocks change
        datetime(2026, 11, 2, 5, tzinfo=UTC),
    ),
    "daily for a century": (
        f"DTSTART;TZID={ZONE}:20260105T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY",
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2126, 1, 1, tzinfo=UTC),
    ),
}


def lazy() -> list[Row]:
    """One row a reading: megabytes at the peak, and how many sessions were read."""
    return [
        Row(measure="lazy", rule=name, seconds={}, megabytes={"peak": peak(read, window)}, sessions=read(window))
        for name, window in READINGS.items()
    ]


def read(window: Window) -> int:
    """How many sessions there are, none of them kept."""
    text, start, end = window
    return sum(1 for _ in recurrence.expand(Series.from_ical(text), start, end))


def peak(call: Callable[[Asked], object], asked: Asked) -> float:
    """Megabytes that a call allocates at its peak. What it leaves in caches is there from an earlier call."""
    call(asked)
    tracemalloc.start()
    try:
        call(asked)
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
