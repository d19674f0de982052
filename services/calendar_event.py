"""One VEVENT as values: what it says, and in which zone, before anything is made of it (RFC 5545 3.6.1).

The library icalendar reads the values. Of a time it gives, the wall clock is taken, and its zone from TZID as
`calendar_zone` understands it, so that a zone means the same here as in every other plan. A DURATION comes as a
length of time: 24 hours and one day are the same to it, and count as a day.

    CannotImport (ValueError)    an entry makes no session; the message says why
"""

import hashlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import icalendar
from icalendar.error import GloballyUniqueTZIDGuessed
from icalendar.prop import vBroken, vText

import recurrence
from services.calendar_text import Component
from services.calendar_zone import CalendarZones

LONGEST_TITLE = 200  # characters, as for every plan
LONGEST_DESCRIPTION = 10_000
LONGEST_UID = 500  # characters; what an index of PostgreSQL takes, with room for four bytes each
ONCE = ("DTSTART", "DTEND", "DURATION", "RRULE", "RECURRENCE-ID")
WRITTEN = frozenset({"DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "UID"})  # says when, not what
NOT_READ = {  # what would change when sessions are, and is not understood
    "EXRULE": "rules of exceptions are not supported",
}


class CannotImport(ValueError):
    """an entry makes no session"""


class Stamp(NamedTuple):
    """A time as written: its wall clock (midnight for a date), and its zone (None: floating, or a date)."""

    wall: datetime
    zone: str | None
    day: bool

    def instant(self, floating: str) -> datetime:
        """The instant it means; a time without a zone is in `floating`."""
        found = recurrence.localize(self.wall, self.zone or floating)
        assert found is not None  # nothing is skipped by Gap.SHIFT
        return found


class Span(NamedTuple):
    """An RDATE with an end of its own: another time, or a length."""

    start: Stamp
    end: Stamp | timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEvent:
    """What one VEVENT says. `ends` is a time, a length, or None where nothing is said."""

    line: int
    title: str | None
    description: str | None
    cancelled: bool
    sequence: int
    start: Stamp
    ends: Stamp | timedelta | None
    rule: recurrence.Rule | None
    rdates: tuple[Stamp | Span, ...]
    exdates: tuple[Stamp, ...]
    recurrence_id: Stamp | None


def read(component: Component, zones: CalendarZones) -> CalendarEvent:
    """The values of a VEVENT.

    Raises CannotImport; RecurrenceError for a rule, ZoneError for a zone.
    """
    event = parsed(component)
    check(component, event)
    if "DTSTART" not in event:
        raise CannotImport("DTSTART: got none, expected a start")
    starts = stamp("DTSTART", event["DTSTART"], zones)
    own_id = event.get("RECURRENCE-ID")
    return CalendarEvent(
        line=component.line,
        title=words(event, "SUMMARY", LONGEST_TITLE),
        description=words(event, "DESCRIPTION", LONGEST_DESCRIPTION),
        cancelled=str(event.get("STATUS", "")).strip().upper() == "CANCELLED",
        sequence=number(event.get("SEQUENCE")),
        start=starts,
        ends=end(event, zones),
        rule=None if "RRULE" not in event else rule(event["RRULE"]),
        rdates=tuple(entries(event, "RDATE", zones)),
        exdates=tuple(one.start if isinstance(one, Span) else one for one in entries(event, "EXDATE", zones)),
        recurrence_id=None if own_id is None else stamp("RECURRENCE-ID", own_id, zones),
    )


def parsed(component: Component) -> icalendar.Event:
    """The entry as the library icalendar reads it: a value that can't be read is a vBroken."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GloballyUniqueTZIDGuessed)  # its own look at TZIDs is not used
        try:
            found = icalendar.Event.from_ical(component.text())
        except (ValueError, TypeError, ArithmeticError, LookupError) as error:
            raise CannotImport(f"got what can't be read: {error}") from error
    assert isinstance(found, icalendar.Event)  # not several: `component` is one
    return found


def check(component: Component, event: icalendar.Event) -> None:
    """Refuse what is said twice where once is meant, and what is not understood but would matter."""
    length = len(component.value("UID") or "")
    if length > LONGEST_UID:
        raise CannotImport(f"UID: got {length:,} characters, expected at most {LONGEST_UID}")
    names = [line.name for line in component.lines]
    for name in ONCE:
        if names.count(name) > 1:
            raise CannotImport(f"{name}: got it {names.count(name)} times, expected one such line")
    for name, reason in NOT_READ.items():
        if name in names:
            raise CannotImport(f"{name}: {reason}")
    if "DTEND" in event and "DURATION" in event:
        raise CannotImport("DTEND: got DTEND and DURATION together, expected one of the two")
    own_id = event.get("RECURRENCE-ID")
    if own_id is not None and own_id.params.get("RANGE"):
        raise CannotImport(f"RECURRENCE-ID: got RANGE={own_id.params['RANGE']}, expected a change of one session")


def end(event: icalendar.Event, zones: CalendarZones) -> Stamp | timedelta | None:
    """DTEND or DURATION, whichever is there."""
    if "DTEND" in event:
        return stamp("DTEND", event["DTEND"], zones)
    if "DURATION" not in event:
        return None
    value = readable("DURATION", event["DURATION"])
    if not isinstance(value.dt, timedelta):
        raise CannotImport(f"DURATION: got {value.to_ical().decode()}, expected a length like PT1H")
    return value.dt


def stamp(name: str, value: Any, zones: CalendarZones) -> Stamp:
    """The one time of a property."""
    given = readable(name, value).dt
    if not isinstance(given, date):
        raise CannotImport(f"{name}: got {value.to_ical().decode()}, expected a date or time")
    return time(given, value.params, zones)


def time(given: date, params: Any, zones: CalendarZones) -> Stamp:
    """A time beside the parameters of its line. A date with a TZID, which has no meaning there, stays a date."""
    if not isinstance(given, datetime):
        return Stamp(datetime(given.year, given.month, given.day), None, True)
    wall = given.replace(tzinfo=None, fold=0)
    if str(params.get("VALUE", "")).upper() == "DATE" and wall.time() == datetime.min.time():
        return Stamp(wall, None, True)
    tzid = params.get("TZID")
    if tzid is not None:
        return Stamp(wall, zones.of(str(tzid)), False)
    return Stamp(wall, "UTC" if given.tzinfo is not None else None, False)


def entries(event: icalendar.Event, name: str, zones: CalendarZones) -> Iterator[Stamp | Span]:
    """The entries of all lines of RDATE or EXDATE: times and periods."""
    given = event.get(name, [])
    for line in given if isinstance(given, list) else [given]:
        for value in readable(name, line).dts:
            if isinstance(value.dt, tuple):
                start, last = value.dt
                begin = time(start, line.params, zones)
                yield Span(begin, last if isinstance(last, timedelta) else time(last, line.params, zones))
            elif isinstance(value.dt, date):
                yield time(value.dt, line.params, zones)
            else:
                raise CannotImport(f"{name}: got {value.to_ical().decode()}, expected dates or times")


def rule(value: Any) -> recurrence.Rule:
    """The rule; one that icalendar can't read is told by our own reader. Raises RecurrenceError."""
    return recurrence.Rule.parse(str(value) if isinstance(value, vBroken) else value.to_ical().decode())


def readable(name: str, value: Any) -> Any:
    """The value, if it could be read."""
    if isinstance(value, vBroken):
        raise CannotImport(f"{name}: got {str(value)[:60]!r}, expected a value of its kind")
    return value


def words(event: icalendar.Event, name: str, longest: int) -> str | None:
    """A text; the first where there are several, None where there is none or an empty one."""
    value = event.get(name)
    text = str(value[0] if isinstance(value, list) else value or "")
    if len(text) > longest:
        raise CannotImport(f"{name}: got {len(text):,} characters, expected at most {longest:,}")
    return text if text.strip() else None


def number(value: Any) -> int:
    """SEQUENCE; below all others where it is missing or no number."""
    return value if isinstance(value, int) else -1


def title_of(component: Component) -> str:
    """The title of an entry that may not be readable."""
    return str(vText.from_ical(component.value("SUMMARY") or ""))[:LONGEST_TITLE]


def uid_of(component: Component) -> str:
    """What identifies an entry: its UID; without one a digest of what it says, whenever that was written down."""
    uid = component.value("UID")
    if uid:
        return uid
    said = sorted(line.text for line in component.lines if line.name not in WRITTEN)
    return "content:" + hashlib.sha256("\n".join(said).encode()).hexdigest()
