"""The clocks that a calendar is told are those of our tables: read back by the library icalendar."""

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest

import recurrence
from services import feed_lines, feed_zone

NOW = datetime(2026, 1, 5, tzinfo=UTC)
SINCE = datetime(2020, 6, 1, tzinfo=UTC)
ZONES = [
    "UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe",
    "Africa/Casablanca", "Africa/Cairo", "Asia/Gaza", "Asia/Kathmandu", "America/Nuuk", "Pacific/Apia", "Asia/Tehran",
    "America/Santiago", "Pacific/Chatham", "Antarctica/Troll", "Asia/Beirut",
]  # fmt: skip


def zone_of(name: str) -> Any:
    lines = ["BEGIN:VCALENDAR", *feed_zone.lines(name, SINCE, NOW), "END:VCALENDAR"]
    found: Any = icalendar.Calendar.from_ical("".join(feed_lines.folded(lines)))
    [component] = found.walk("VTIMEZONE")
    return component.to_tz(lookup_tzid=False)


@pytest.mark.parametrize("name", ZONES)
def test_at_any_time_of_day_the_offset_is_that_of_our_table(name: str) -> None:
    told = zone_of(name)
    at, end = SINCE, datetime(2037, 1, 1, tzinfo=UTC)

    while at < end:
        wall = recurrence.wall_time(at, name)
        unique = recurrence.localize(wall, name, fold=recurrence.Fold.SECOND) == at
        if unique and recurrence.localize(wall, name) == at:
            assert told.utcoffset(wall) == wall - at.replace(tzinfo=None), (name, wall)
        at += timedelta(hours=37)


@pytest.mark.parametrize("seconds, told", [(0, "+0000"), (-12_600, "-0330"), (20_700, "+0545"), (-2_670, "-004430")])
def test_an_offset_is_told_with_its_sign(seconds: int, told: str) -> None:
    assert feed_zone.offset(seconds) == told
