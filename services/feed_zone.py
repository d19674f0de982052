"""The VTIMEZONE of a zone (RFC 5545 3.6.5), from our own tables of its clocks."""

from collections.abc import Iterator
from datetime import UTC, datetime

import recurrence
from recurrence import Observance
from services import feed_lines

YEARS_AHEAD = 40  # so far changes are listed that no rule tells


def lines(zone: str, since: datetime, now: datetime) -> Iterator[str]:
    """The component of a zone for what begins at the instant `since` or later."""
    begin = datetime(max(since.year - 1, 2), 1, 1, tzinfo=UTC)
    end = datetime(min(max(since.year, now.year) + YEARS_AHEAD, 9998), 1, 1, tzinfo=UTC)
    name = feed_lines.tzid(zone)
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{name}"
    yield f"X-LIC-LOCATION:{name}"
    for observance in recurrence.observances(zone, begin, end):
        yield from of_observance(observance)
    yield "END:VTIMEZONE"


def of_observance(observance: Observance) -> Iterator[str]:
    """One stretch of an offset; the clocks being put forward begin what is called daylight time."""
    kind = "DAYLIGHT" if observance.offset_to > observance.offset_from else "STANDARD"
    first, *others = observance.onsets
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{feed_lines.wall(first)}"
    yield f"TZOFFSETFROM:{offset(observance.offset_from)}"
    yield f"TZOFFSETTO:{offset(observance.offset_to)}"
    if observance.rule is not None:
        yield f"RRULE:{observance.rule}"
    if others:
        yield f"RDATE:{','.join(feed_lines.wall(other) for other in others)}"
    yield f"END:{kind}"


def offset(seconds: int) -> str:
    """+HHMM, with seconds where there are some."""
    minutes, rest = divmod(abs(seconds), 60)
    told = f"{minutes // 60:02}{minutes % 60:02}" + (f"{rest:02}" if rest else "")
    return f"{'-' if seconds < 0 else '+'}{told}"
