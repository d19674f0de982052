"""What each engine is asked, and how: its best documented use.

A session is three datetimes: local start, UTC start, UTC end. Every call reads its text anew. The window is handed over
in the form the engine likes best, and the tables of New York are loaded.
"""

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final

import icalendar
import recurring_ical_events
from dateutil.rrule import rrulestr

import recurrence
from bench.expand.plans import NEW_YORK, ZONE
from recurrence import Columns, Occurrence, Series

PEERS: Final = ("python-dateutil", "recurring-ical-events", "icalendar", "tzdata")
CALLS: Final = {
    "ours": "list(recurrence.expand(Series.from_ical(text), start, end))",
    "bulk": "recurrence.columns(series, start, end); the series was read before the clock started, and never expanded",
    "dateutil": "rrulestr(text, tzids={zone: ZoneInfo}).between(first, last, inc=True), then astimezone(UTC) and the"
    " end so much later for each",
    "dateutil_iterate": "islice(rrulestr(text, tzids={zone: ZoneInfo}), n), then the same for each",
    "dateutil_clash": "rule.between(now, two years on) of every plan, all read before, then the sessions compared in"
    " order",
    "rie": "recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(start, end), its events as they come",
}
ZONES: Final = {ZONE: NEW_YORK}
LENGTH: Final = timedelta(0)  # of a session whose text says none

Session = tuple[datetime, datetime, datetime]
Window = tuple[str, datetime, datetime]  # text, start, end


def ours(asked: Window) -> list[Occurrence]:
    """This engine, from text; the window in UTC."""
    text, start, end = asked
    return list(recurrence.expand(Series.from_ical(text), start, end))


def bulk(asked: tuple[Series, datetime, datetime]) -> Columns:
    """This engine, as parallel lists from a series that is read already; the window in UTC."""
    series, start, end = asked
    return recurrence.columns(series, start, end)


def dateutil(asked: Window) -> list[Session]:
    """dateutil, from text; the window in local time, its end included."""
    text, first, last = asked
    found = rrulestr(text, tzids=ZONES).between(first, last, inc=True)
    return [(local, utc := local.astimezone(UTC), utc + LENGTH) for local in found]


def rie(asked: Window) -> list[Any]:
    """recurring-ical-events, from a calendar's text; the window in UTC."""
    text, start, end = asked
    return list(recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(start, end))


def ours_first(asked: tuple[str, datetime, int]) -> list[Occurrence]:
    """This engine's first so many sessions from an instant on."""
    text, start, limit = asked
    return list(islice(recurrence.expand(Series.from_ical(text), start), limit))


def dateutil_first(asked: tuple[str, int]) -> list[Session]:
    """dateutil's first so many sessions."""
    text, limit = asked
    found = islice(rrulestr(text, tzids=ZONES), limit)
    return [(local, utc := local.astimezone(UTC), utc + LENGTH) for local in found]
