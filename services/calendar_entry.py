"""All VEVENTs of one UID as a plan and the sessions that were changed on their own (RFC 5545 3.8.4.4, 3.8.5).

The one without RECURRENCE-ID is the plan; of several the highest SEQUENCE, the first of equals. The others each
name a session by RECURRENCE-ID and stand for it. Where all have one (a guest at a few dates of a series), the dates
that are named are the plan.

A cancelled date stays a session, which is cancelled; so does an entry without a rule. A changed or cancelled session
whose date the rule does not give is added as an RDATE; EXDATE wins over it. What begins before DTSTART beside a rule
stands alone, because a plan begins with its DTSTART. A changed session that says no title or no end keeps those of the
plan.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import recurrence
from recurrence import Occurrence, Series
from services import calendar_series
from services.calendar_event import CalendarEvent, CannotImport, Stamp
from services.calendar_zone import CalendarZones

UNTITLED = "(untitled)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A session on its own: what its plan gives, its own start, end (instants) and words (None: as the plan's), and
    whether it is called off."""

    given: Occurrence
    starts_at: datetime
    ends_at: datetime
    title: str | None = None
    description: str | None = None
    cancelled: bool = False

    @property
    def moved(self) -> bool:
        """Whether it is at another time than the plan gives."""
        return (self.starts_at, self.ends_at) != (self.given.starts_at, self.given.ends_at)

    @property
    def means_something(self) -> bool:
        """Whether it differs from what the plan gives."""
        return self.moved or self.cancelled or self.title is not None or self.description is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A plan as the calendar has it, begun in `line` of its file, and the sessions that need a row of their own.

    `added`: the local starts among its RDATEs that only a changed session asks for.
    """

    line: int
    series: Series
    title: str
    description: str | None
    changes: tuple[Change, ...]
    added: frozenset[datetime]


def build(events: Sequence[CalendarEvent], zones: CalendarZones) -> Entry:
    """The plan and the changed sessions of all VEVENTs of one UID.

    Raises CannotImport, RecurrenceError.
    """
    overrides = [one for one in events if one.recurrence_id is not None]
    main = latest([one for one in events if one.recurrence_id is None])
    if main is None:
        main, series = of_lone_dates(overrides, zones)
    else:
        series = calendar_series.of_event(main, zones)
    if main.cancelled and (main.rule or main.rdates or overrides):
        raise CannotImport("STATUS: it is cancelled")
    series, early = calendar_series.in_order(series)
    dated = by_date(overrides, series) | ({series.dtstart: main} if main.cancelled else {})
    series, added = with_dates(series, dated, main)
    calendar_series.check_periods(series)
    changes = [
        Change(given=one, starts_at=one.starts_at, ends_at=one.ends_at)
        for one in early
        if one.recurrence_id not in dated
    ]
    for wall, event in dated.items():
        given = occurrence(series, wall)
        if given is not None:
            changes.append(change(event, given, series, main, zones))
    first = calendar_series.first(series)
    kept = [
        one for one in changes if one.means_something or one.given.starts_at < first or one.given.recurrence_id in added
    ]
    return Entry(
        line=main.line,
        series=series,
        title=main.title or UNTITLED,
        description=main.description,
        changes=tuple(kept),
        added=added,
    )


def latest(events: Sequence[CalendarEvent]) -> CalendarEvent | None:
    """The one with the highest SEQUENCE, the first of equals; None of none."""
    return max(events, key=lambda one: one.sequence, default=None)


def of_lone_dates(overrides: Sequence[CalendarEvent], zones: CalendarZones) -> tuple[CalendarEvent, Series]:
    """A plan for changed sessions whose plan is not in the calendar: it begins with the first of them."""
    alive = [one for one in overrides if not one.cancelled] or list(overrides)
    main = min(alive, key=lambda one: named(one).instant(zones.floating))
    series = calendar_series.of_event(replace(main, rule=None, rdates=(), exdates=()), zones)
    return main, replace(series, dtstart=calendar_series.wall_of(named(main), series))


def named(event: CalendarEvent) -> Stamp:
    """The RECURRENCE-ID of a changed session."""
    assert event.recurrence_id is not None
    return event.recurrence_id


def by_date(overrides: Sequence[CalendarEvent], series: Series) -> dict[datetime, CalendarEvent]:
    """The changed sessions by the local start they stand for; of several for one the latest."""
    found: dict[datetime, CalendarEvent] = {}
    for event in overrides:
        wall = calendar_series.wall_of(named(event), series)
        known = found.get(wall)
        if known is None or event.sequence > known.sequence:
            found[wall] = event
    return found


def with_dates(
    series: Series, dated: dict[datetime, CalendarEvent], main: CalendarEvent
) -> tuple[Series, frozenset[datetime]]:
    """The series with the changed dates that its rule does not give, and which these are."""
    bare = replace(series, exdates=())
    added: list[datetime] = []
    for wall, event in list(dated.items()):
        if recurrence.occurrence_at(bare, wall) is None:
            if is_old_plan(event, main):
                del dated[wall]
            elif wall >= series.dtstart:
                added.append(wall)
    rdates = (*series.rdates, *(calendar_series.entry(wall, series) for wall in added))
    return replace(series, rdates=rdates), frozenset(added)


def is_old_plan(event: CalendarEvent, main: CalendarEvent) -> bool:
    """Whether a change carries a rule of its own and is older than the plan: an earlier version of the plan itself."""
    return event.sequence < main.sequence and bool(event.rule or event.rdates or event.exdates)


def occurrence(series: Series, wall: datetime) -> Occurrence | None:
    """What the plan gives at a local start, or would give before its DTSTART; None where an EXDATE takes it out."""
    if wall >= series.dtstart:
        return recurrence.occurrence_at(series, wall)
    return recurrence.occurrence_at(replace(series, dtstart=wall, rule=None, rdates=()), wall)


def change(
    event: CalendarEvent, given: Occurrence, series: Series, main: CalendarEvent, zones: CalendarZones
) -> Change:
    """A changed session: its own times, and those of its words that differ from the plan's.

    One that is called off, and says no times that can be, was called off at those of its plan.
    """
    try:
        starts_at, ends_at = times(event, series, zones)
    except CannotImport:
        if not event.cancelled:
            raise
        starts_at, ends_at = given.starts_at, given.ends_at
    return Change(
        given=given,
        starts_at=starts_at,
        ends_at=ends_at,
        title=None if event.title == main.title else event.title,
        description=None if event.description == main.description else event.description,
        cancelled=event.cancelled,
    )


def times(event: CalendarEvent, series: Series, zones: CalendarZones) -> tuple[datetime, datetime]:
    """When a changed session starts and ends. Raises CannotImport."""
    starts_at = event.start.instant(zones.floating)
    ends_at = calendar_series.ends_at(event, starts_at, series)
    calendar_series.check_length(f"line {event.line}: DTEND", ends_at - starts_at)
    return starts_at, ends_at
