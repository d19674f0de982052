"""VEVENTs: a segment as a repeating entry, and its sessions that stand on their own.

An excluded day is told as the starts that it takes out: calendars know EXDATEs by start. A session that is cancelled is
an entry of its own with STATUS:CANCELLED; one that is removed is an EXDATE.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

import recurrence
from db import segments
from db.models import PlanType, Segment, Series, Session
from lifecycle import State
from recurrence import Moment, Period
from services import counted, feed_lines

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is told of a plan or session in words; None or nothing: it is left out."""

    title: str
    description: str | None
    place: str | None
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A segment, its series, and the UID that its entries share."""

    series: Series
    segment: Segment
    uid: str


def of_segment(entry: Entry, rule: recurrence.Series, words: Words, left_out: Iterable[datetime]) -> Iterator[str]:
    """A segment, or as much of it as `rule` has, as one entry that repeats; `left_out`: recurrence ids that are not to
    be shown."""
    segment = entry.segment
    yield from head(entry, segment.version)
    yield local("DTSTART", rule.dtstart, rule)
    yield f"DURATION:{rule.duration}"
    if rule.rule is not None:
        yield f"RRULE:{rule.rule}"
    yield from (moment("RDATE", value, rule) for value in rule.rdates)
    yield from exdates(segment, rule, left_out)
    yield from of_words(words)
    yield "END:VEVENT"


def of_session(entry: Entry, session: Session, words: Words) -> Iterator[str]:
    """A session as an entry of its own: in the place of the one its plan gives, or the only one of its plan."""
    rule = segments.series_of(entry.segment)
    yield from head(entry, session.version)
    if entry.series.type != PlanType.ONE_TIME:
        yield local("RECURRENCE-ID", session.recurrence_id, rule)
    yield from span(session.starts_at, session.ends_at, rule)
    if session.state == State.CANCELLED:
        yield "STATUS:CANCELLED"
    yield from of_words(words)
    yield "END:VEVENT"


def of_single(entry: Entry, words: Words) -> Iterator[str]:
    """A plan of one session that no row stands for."""
    rule = segments.series_of(entry.segment)
    given = recurrence.occurrence_at(rule, rule.dtstart)
    if given is not None:
        yield from head(entry, entry.segment.version)
        yield from span(given.starts_at, given.ends_at, rule)
        yield from of_words(words)
        yield "END:VEVENT"


def head(entry: Entry, version: int) -> Iterator[str]:
    """How an entry begins."""
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    yield f"DTSTAMP:{feed_lines.instant(entry.series.updated_at)}"
    yield f"SEQUENCE:{version - 1}"


def of_words(words: Words) -> Iterator[str]:
    """Title, description, place and categories."""
    yield f"SUMMARY:{feed_lines.text(words.title)}"
    if words.description:
        yield f"DESCRIPTION:{feed_lines.text(words.description)}"
    if words.place:
        yield f"LOCATION:{feed_lines.text(words.place)}"
    if words.categories:
        yield f"CATEGORIES:{','.join(feed_lines.text(one) for one in words.categories)}"


def span(starts_at: datetime, ends_at: datetime, rule: recurrence.Series) -> Iterator[str]:
    """From an instant until another, on the clock of the plan; as dates where the plan has whole days."""
    walls = [recurrence.wall_time(one, rule.zone) for one in (starts_at, ends_at)]
    whole = rule.all_day and all(wall.time() == datetime.min.time() for wall in walls)
    for name, at, wall in zip(("DTSTART", "DTEND"), (starts_at, ends_at), walls, strict=True):
        if whole:
            yield f"{name};VALUE=DATE:{wall:%Y%m%d}"
        elif recurrence.localize(wall, rule.zone) == at:
            yield f"{name};TZID={feed_lines.tzid(rule.zone)}:{feed_lines.wall(wall)}"
        else:  # the second of two equal wall times has no name there
            yield f"{name}:{feed_lines.instant(at)}"


def exdates(segment: Segment, rule: recurrence.Series, left_out: Iterable[datetime]) -> Iterator[str]:
    """What is taken out, each start once."""
    days = sorted(one for one in rule.exdates if not isinstance(one, datetime | Period))
    gone = {*left_out, *starts_of(segment, replace(segments.series_of(segment), exdates=()), days)}
    gone |= {one for one in rule.exdates if isinstance(one, datetime) and one.tzinfo is None}
    yield from (local("EXDATE", wall, rule) for wall in sorted(gone))
    aware = [one for one in rule.exdates if isinstance(one, datetime) and one.tzinfo is not None]
    yield from (moment("EXDATE", one, rule) for one in aware)


def starts_of(segment: Segment, bare: recurrence.Series, days: Sequence[date]) -> Iterator[datetime]:
    """The recurrence ids that a series has on these days, a run of days at a time."""
    for _, run in groupby(enumerate(days), lambda pair: pair[1].toordinal() - pair[0]):
        wanted = {day for _, day in run}
        first, last = (datetime.combine(day, datetime.min.time()) for day in (min(wanted), max(wanted)))
        begin, end = recurrence.localize(first - DAY, bare.zone), recurrence.localize(last + 2 * DAY, bare.zone)
        assert begin is not None
        assert end is not None
        for one in counted.expand(segment, bare, begin, end):
            if one.recurrence_id.date() in wanted:
                yield one.recurrence_id


def local(name: str, wall: datetime, rule: recurrence.Series) -> str:
    """A property that holds a wall time of the plan, or its day."""
    if rule.all_day:
        return f"{name};VALUE=DATE:{wall.year:04}{wall:%m%d}"
    return f"{name};TZID={feed_lines.tzid(rule.zone)}:{feed_lines.wall(wall)}"


def moment(name: str, value: Moment, rule: recurrence.Series) -> str:
    """A property that holds an entry of RDATE or EXDATE."""
    if isinstance(value, Period):
        zone = "" if value.start.tzinfo is not None else f";TZID={feed_lines.tzid(rule.zone)}"
        return f"{name}{zone};VALUE=PERIOD:{recurrence.format_moment(value)}"
    if not isinstance(value, datetime):
        return local(name, datetime.combine(value, rule.dtstart.time()), rule)
    return local(name, value, rule) if value.tzinfo is None else f"{name}:{feed_lines.instant(value)}"
