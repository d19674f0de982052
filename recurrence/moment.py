"""One entry of RDATE, EXDATE or UNTIL, as text and as value.

    naive datetime   a local start, in the zone of the series
    aware datetime   an instant; kept in UTC
    date             a whole local day
    Period           a local start or an instant with a length of its own (RDATE;VALUE=PERIOD, RFC 5545 3.3.9)

Read are RFC 5545's basic form (20260105T180000, 20260105T180000Z, 20260105) and the extended form of ISO 8601
(2026-01-05T18:00, 2026-01-05T18:00:00+09:00, 2026-01-05); written is the basic form alone.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, date, datetime

from recurrence import timeline
from recurrence.duration import Duration
from recurrence.errors import RecurrenceError
from recurrence.timeline import DAY

MAX_DATES = 3_000  # entries of RDATE and EXDATE together: so many are read within 50 ms
MAX_TEXT = 64  # characters of one entry, a period's two halves included
BASIC = re.compile(r"\d{8}(?:T\d{6}Z?)?", re.ASCII)
EXTENDED = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.0+)?)?(?:Z|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)
EXPECTED = "a date or time like 20260105T180000, 2026-01-05T18:00, 20260105T180000Z or 20260105"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A start (naive: local; aware: instant) with an end of the same kind, or with a duration."""

    start: datetime
    end: datetime | None = None
    duration: Duration | None = None

    @property
    def order(self) -> tuple[datetime, int, int]:
        """What periods of one kind are sorted by: two of them are equal where it is."""
        if self.duration is not None:
            return self.start, self.duration.days, self.duration.seconds
        assert self.end is not None
        length = self.end - self.start
        return self.start, -1, length.days * DAY + length.seconds

    def __post_init__(self) -> None:
        if (self.end is None) == (self.duration is None):
            raise RecurrenceError("RDATE", "a period without one end", "either an end or a duration")
        if self.end is not None and (self.end.tzinfo is None) != (self.start.tzinfo is None):
            raise RecurrenceError("RDATE", f"{self.start}/{self.end}", "both ends local, or both as instants")
        if (self.end is not None and self.end <= self.start) or (self.end is None and not self.duration):
            raise RecurrenceError("RDATE", f"{self.start}/{self.end or self.duration}", "an end after the start")


Moment = datetime | date | Period


def parse_moment(text: str, *, part: str = "date") -> datetime | date | Period:
    """One entry as text to its value. Raises RecurrenceError, with `part` as the name of what is wrong."""
    if "/" in text and len(text) <= MAX_TEXT:
        return parse_period(text, part)
    return parse_time(text, part)


def parse_time(text: str, part: str) -> datetime | date:
    """A date, a local time or an instant; see parse_moment."""
    try:
        if len(text) == 15 and text[8] == "T" and text[4] != "W" and text.isalnum():
            return datetime.fromisoformat(text)  # a local time in the basic form, as most are: no weeks, no signs
        if BASIC.fullmatch(text):
            return datetime.fromisoformat(text) if len(text) > 8 else date.fromisoformat(text)
        if len(text) > MAX_TEXT or not EXTENDED.fullmatch(text):
            raise ValueError(text)
        if len(text) == 10:
            return date.fromisoformat(text)
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise RecurrenceError(part, text, EXPECTED) from None


def parse_period(text: str, part: str) -> Period:
    """start/end or start/duration (RFC 5545 3.3.9)."""
    first, last = text.split("/", 1)
    start = parse_time(first, part)
    if not isinstance(start, datetime):
        raise RecurrenceError(part, text, "a period that starts at a time of day")
    if last[:1] in ("P", "+"):
        return Period(start=start, duration=Duration.parse(last))
    end = parse_time(last, part)
    if not isinstance(end, datetime):
        raise RecurrenceError(part, text, "a period that ends at a time of day")
    return Period(start=start, end=end)


def check_number(part: str, number: int) -> None:
    """Raises RecurrenceError where that many entries of RDATE and EXDATE are more than a series may have."""
    if number > MAX_DATES:
        raise RecurrenceError(part, f"{number} entries", f"at most {MAX_DATES} of RDATE and EXDATE together")


def format_moment(value: datetime | date | Period) -> str:
    """The basic form of one entry: 20260105T180000 (local), 20260105T180000Z (instant), 20260105 (day), a/b
    (period).
    """
    if isinstance(value, Period):
        return f"{format_moment(value.start)}/{format_moment(value.end) if value.end else value.duration}"
    if not isinstance(value, datetime):
        return f"{value.year:04}{value.month:02}{value.day:02}"
    local = value if value.tzinfo is None else value.astimezone(UTC)
    stamp = f"{local.year:04}{local.month:02}{local.day:02}T{local.hour:02}{local.minute:02}{local.second:02}"
    return stamp if value.tzinfo is None else stamp + "Z"


def whole_seconds(value: datetime, part: str) -> datetime:
    """`value` without anything below a second and, if aware, in UTC. Raises RecurrenceError when there is
    something.
    """
    if value.microsecond:
        raise RecurrenceError(part, value.isoformat(), "whole seconds")
    if value.tzinfo is None:
        return value.replace(fold=0) if value.fold else value
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise RecurrenceError(part, value.isoformat(), "an instant in the years 1 to 9999") from None


def seconds_of(exdates: tuple[Moment, ...]) -> tuple[Set[int], ...]:
    """EXDATE as wall seconds, instants and ordinals of days."""
    local: set[int] = set()
    instants: set[int] = set()
    days: set[int] = set()
    for moment in exdates:
        if not isinstance(moment, datetime):
            assert isinstance(moment, date)
            days.add(moment.toordinal())
        elif moment.tzinfo is None:
            local.add(timeline.of_wall(moment))
        else:
            instants.add(timeline.of_instant(moment))
    return local, instants, days
