"""The series of a VEVENT (RFC 5545 3.6.1, 3.8.2, 3.8.5), with the readings that a calendar wants and a new plan does
not.

* DTSTART is the first session even where the rule does not give it (decision 9): it is added as an RDATE. COUNT
  counts what the rule gives, and so does not count it. It is no session when the rule has ended before it, or an
  EXDATE takes it out.
* DTEND says how long each session is: whole days by the wall clock, what remains exactly. Without DTEND and
  DURATION an entry has no length and is refused, but a date lasts a day.
* A UTC start is moved to the clock of a calendar that declares its zone, unless it is the UTC clock that its rule
  agrees with.
* In an all-day series only the dates of RDATE, EXDATE and RECURRENCE-ID are looked at, as they are written.
* A series begins with its DTSTART. Without a rule, the earliest date is taken for it; beside a rule, what comes
  earlier is handed back, to stand alone.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import recurrence
from recurrence import Duration, Fold, Moment, Occurrence, Period, Series
from services import stored
from services.calendar_event import CalendarEvent, CannotImport, Span, Stamp
from services.calendar_zone import CalendarZones

BEGINNING = datetime.min.replace(tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def of_event(event: CalendarEvent, zones: CalendarZones) -> Series:
    """The series of a VEVENT, DTSTART among its sessions.

    Raises CannotImport, RecurrenceError.
    """
    if event.start.zone != "UTC":
        return with_start(in_zone(event, event.start.zone or zones.floating))
    series = in_zone(event, zones.utc)
    as_written = series if zones.utc == "UTC" else in_zone(event, "UTC")
    return with_start(as_written if gives_start(as_written) and not gives_start(series) else series)


def in_zone(event: CalendarEvent, zone: str) -> Series:
    """The series of a VEVENT on the clock of a zone, as the entry says it."""
    starts_at = event.start.instant(zone)
    wall = recurrence.wall_time(starts_at, zone) if event.start.zone not in (None, zone) else event.start.wall
    fold = Fold.FIRST if recurrence.localize(wall, zone) == starts_at else Fold.SECOND
    all_day = event.start.day and whole_days(event.ends)
    return Series(
        dtstart=wall,
        time_zone=zone,
        duration=length(event, wall, zone, fold),
        rule=event.rule,
        rdates=tuple(moment(one, zone, all_day) for one in event.rdates),
        exdates=tuple(moment(one, zone, all_day) for one in event.exdates),
        all_day=all_day,
        fold=fold,
    )


def whole_days(ends: Stamp | timedelta | None) -> bool:
    """Whether an entry that starts with a date ends with one."""
    if isinstance(ends, timedelta):
        return not ends.seconds
    return ends is None or ends.day


def length(event: CalendarEvent, wall: datetime, zone: str, fold: Fold) -> Duration:
    """How long each session is. Raises CannotImport when that is no time at all."""
    ends = event.ends
    if isinstance(ends, timedelta):
        found = Duration(days=ends.days, seconds=ends.seconds)
    elif ends is not None:
        found = between(wall, ends.instant(zone), zone, fold)
    else:
        found = Duration(days=1 if event.start.day else 0)
    if not found:
        got = "neither DTEND nor DURATION" if ends is None else "an end that is not after the start"
        raise CannotImport(f"DTEND: got {got}, expected an end after the start: a session takes time")
    return found


def between(wall: datetime, ends_at: datetime, zone: str, fold: Fold) -> Duration:
    """Whole days by the wall clock, then the exact rest, from a local start to an instant; none to an earlier one."""
    days = max((recurrence.wall_time(ends_at, zone) - wall).days, 0)
    reached = localized(wall + days * DAY, zone, fold)
    if reached > ends_at and days:
        days -= 1
        reached = localized(wall + days * DAY, zone, fold)
    rest = ends_at - reached
    return Duration(days=days, seconds=rest.days * 86_400 + rest.seconds) if rest >= timedelta(0) else Duration()


def localized(wall: datetime, zone: str, fold: Fold = Fold.FIRST) -> datetime:
    """The instant of a wall time; one in a gap keeps the offset before it."""
    found = recurrence.localize(wall, zone, fold=fold)
    assert found is not None  # nothing is skipped by Gap.SHIFT
    return found


def ends_at(event: CalendarEvent, starts_at: datetime, series: Series) -> datetime:
    """When a changed session ends. Raises CannotImport when that is not after its start."""
    ends = event.ends
    if isinstance(ends, Stamp):
        found = ends.instant(series.zone)
    else:
        lasts = series.duration
        if isinstance(ends, timedelta):
            lasts = Duration(days=ends.days, seconds=ends.seconds)
        elif event.start.day:
            lasts = Duration(days=1)
        wall = recurrence.wall_time(starts_at, series.zone)
        begin = localized(wall + lasts.days * DAY, series.zone) if lasts.days else starts_at
        found = begin + timedelta(seconds=lasts.seconds)
    if found <= starts_at:
        raise CannotImport(f"DTEND: got an end at {found:%Y-%m-%dT%H:%M:%SZ}, expected one after the start")
    return found


def moment(given: Stamp | Span, zone: str, all_day: bool) -> Moment:
    """An entry of RDATE or EXDATE as a series in that zone keeps it."""
    if isinstance(given, Span):
        return period(given, zone)
    if all_day or given.day:
        return given.wall.date()
    return given.wall if given.zone in (None, zone) else given.instant(zone)


def period(given: Span, zone: str) -> Period:
    """An RDATE with an end of its own; both ends as instants unless both are on the clock of the series."""
    start, end = given
    if isinstance(end, timedelta):
        begin = start.wall if start.zone in (None, zone) else start.instant(zone)
        return Period(start=begin, duration=Duration(days=end.days, seconds=end.seconds))
    if start.zone in (None, zone) and end.zone in (None, zone):
        return Period(start=start.wall, end=end.wall)
    return Period(start=start.instant(zone), end=end.instant(zone))


def check_periods(series: Series) -> None:
    """Refuse an RDATE that lasts too long. Raises CannotImport."""
    for one in series.rdates:
        if isinstance(one, Period):
            start = begins(one.start, series)
            ends = begins(one.end, series) - start if one.end is not None else None
            check_length("RDATE", ends or timedelta(seconds=one.duration.longest if one.duration else 0))


def check_length(name: str, lasts: timedelta) -> None:
    """Refuse a session that lasts longer than one that can be planned. Raises CannotImport."""
    if lasts > stored.LONGEST:
        raise CannotImport(f"{name}: got a session of {lasts.days} days, expected at most {stored.LONGEST.days} days")


def entry(wall: datetime, series: Series) -> Moment:
    """A local start as an entry of RDATE or EXDATE."""
    return wall.date() if series.all_day else wall


def with_start(series: Series) -> Series:
    """The series with DTSTART among its sessions; with the first start of its rule as DTSTART where that can't be."""
    if series.rule is None or gives_start(series):
        return series
    begun = replace(series, rdates=(*series.rdates, entry(series.dtstart, series)))
    if not ended(series) and recurrence.occurrence_at(begun, series.dtstart) is not None:
        return begun
    first_given = recurrence.analyse(series).rule_first
    if first_given is None:
        return series
    return replace(series, dtstart=first_given, rule=recurrence.completed(series.rule, series.dtstart))


def gives_start(series: Series) -> bool:
    """Whether the rule alone gives DTSTART; without a rule it is given."""
    return recurrence.occurrence_at(replace(series, rdates=(), exdates=()), series.dtstart) is not None


def ended(series: Series) -> bool:
    """Whether the rule has ended before DTSTART."""
    until = None if series.rule is None else series.rule.until
    if until is None:
        return False
    if isinstance(until, datetime):
        return until < first(series)
    return until < series.dtstart.date()


def first(series: Series) -> datetime:
    """The instant of DTSTART."""
    return localized(series.dtstart, series.zone, series.fold)


def in_order(series: Series) -> tuple[Series, list[Occurrence]]:
    """The series with nothing before its DTSTART, and what was before it beside a rule."""
    if not series.rdates:
        return series, []
    begin = first(series)
    early = list(recurrence.expand(series, BEGINNING, begin))
    if not early:
        return series, []
    if series.rule is None:
        rdates = (*series.rdates, entry(series.dtstart, series))
        return replace(series, dtstart=early[0].recurrence_id, rdates=rdates), []
    return replace(series, rdates=tuple(one for one in series.rdates if begins(one, series) >= begin)), early


def begins(given: Moment, series: Series) -> datetime:
    """The instant of an RDATE."""
    begin = given.start if isinstance(given, Period) else given
    if not isinstance(begin, datetime):
        begin = datetime.combine(begin, series.dtstart.time())
    return begin if begin.tzinfo is not None else localized(begin, series.zone, series.fold)


def wall_of(stamp: Stamp, series: Series) -> datetime:
    """The local start that a RECURRENCE-ID names: by date, by wall clock, or by instant when it is of another zone.

    A date names the first session of that day. A start that the series does not have is answered all the same.
    """
    zone = series.zone
    bare = replace(series, exdates=())
    wall = stamp.wall
    if stamp.zone not in (None, zone):
        at = stamp.instant(zone)
        wall = recurrence.wall_time(at, zone)
        found = next(recurrence.expand(bare, at, at + SECOND), None)
        if found is not None:
            return found.recurrence_id
    if series.all_day:
        return datetime.combine(wall.date(), datetime.min.time())
    if not stamp.day:
        return wall
    found = next(recurrence.expand(bare, localized(wall, zone), localized(wall + DAY, zone)), None)
    return datetime.combine(wall.date(), series.dtstart.time()) if found is None else found.recurrence_id
