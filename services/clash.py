"""What stands in the way of a plan: for every session that it will ever have, not only for those that are written.

A space, an instructor or a participant that a plan takes for itself (`exclusive`) is taken once at a time. Looked at
are

* the stored sessions: of spaces and instructors what is booked, of participants where they are enrolled;
* the rules of the other plans beyond what is stored, for ever (`recurrence.first_clash`): less the sessions that a row
  stands for, because they were cancelled, removed or moved away. Where these went to says their row.

Cancelled and removed sessions take nothing, nor does what is not tracked. Half-open: back-to-back is no clash.

Whoever asks has locked what the plan takes (`bookings.lock`), and holds it until the plan is written: so of two that
want the same, the second sees the first. The same resource may be a person who teaches here and takes part there.
"""

import heapq
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate, chain, islice
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session as Tx

import recurrence
from db import clashes
from db.bookings import MOST_LISTED, Taken
from db.clashes import Rule
from db.models import Segment, Session
from db.sessions import SessionKey
from lifecycle import State
from recurrence import Columns, Duration, Fold, Occurrence, Series, Verdict
from services import takes, virtual
from services.asked import Stretch
from services.outside import ZONE_SLACK

MILLION = 1_000_000  # microseconds of a second
WRITTEN_AHEAD = timedelta(days=14)  # rows may lie so far beyond the horizon: where it was longer when they were written
LAST = datetime.max.replace(tzinfo=UTC)  # no session begins later
OPEN = (State.SCHEDULED, State.IN_PROGRESS)


class Met(NamedTuple):
    """A session that meets another: its local start, and whose session takes what it wants, from when until when."""

    recurrence_id: datetime
    taken: Taken


class Found(NamedTuple):
    """What stands in the way, soonest first; and without any, until when that is known (None: for ever)."""

    met: list[Met]
    until: datetime | None

    @property
    def taken(self) -> list[Taken]:
        """The sessions in the way, each once."""
        return list(dict.fromkeys(one.taken for one in self.met))


@dataclass(slots=True, kw_only=True)
class Other:
    """A stretch of another plan, what it takes of what is asked for, and which of its sessions rows stand for.

    answers: where it is met, first of all in `first`. until: see Found; known when the last of them was asked for.
    """

    rule: Rule
    first: recurrence.Answer
    answers: Iterator[recurrence.Answer]
    resources: list[UUID] = field(default_factory=list)
    kept: frozenset[datetime] = frozenset()
    until: datetime | None = None


class Look(NamedTuple):
    """What stands in the way, soonest first, found when it is asked for; there may be no end."""

    met: Iterator[Met]
    others: list[Other]

    @property
    def until(self) -> datetime | None:
        """See Found; to be asked for at the end of `met`."""
        return min((other.until for other in self.others if other.until is not None), default=None)


class Near(NamedTuple):
    """The sessions that are asked for up to the horizon: rows beyond it are few, and compared one by one.

    goes_on: whether there are sessions beyond.
    """

    lists: Columns
    horizon: datetime
    goes_on: bool

    def ranges(self) -> list[tuple[datetime, datetime | None]]:
        """Where a stored session may be in the way: at each of these, and anywhere after."""
        each: list[tuple[datetime, datetime | None]] = list(zip(*self.lists[1:], strict=True))
        return [*each, (self.horizon, None)] if self.goes_on else each


def alone(starts_at: datetime, ends_at: datetime, time_zone: str) -> Series:
    """One session of these instants as a series of whole seconds, in a zone whose other plans it is compared with."""
    starts_at = starts_at.replace(microsecond=0)
    lasts = Duration.exactly(ends_at + timedelta(microseconds=-ends_at.microsecond % MILLION) - starts_at)
    wall = recurrence.wall_time(starts_at, time_zone)
    for fold in Fold:
        if recurrence.localize(wall, time_zone, fold=fold) == starts_at:
            return Series(dtstart=wall, time_zone=time_zone, duration=lasts, fold=fold)
    raise AssertionError("unreachable: a wall time that a clock shows is its first or its second")


def check(tx: Tx, tenant_id: UUID, asked: Stretch, horizon: datetime, most: int = MOST_LISTED) -> Found:
    """What stands in the way of these sessions, at most so many; as `look` finds it."""
    found = look(tx, tenant_id, asked, horizon)
    return Found(list(islice(found.met, most)), found.until)


def look(tx: Tx, tenant_id: UUID, asked: Stretch, horizon: datetime) -> Look:
    """What stands in the way of these sessions, lazily. Locks nothing.

    horizon: an instant after which hardly any session is stored. Raises BudgetError (a RecurrenceError) for a rule that
    can't be expanded.
    """
    resources = list(dict.fromkeys(asked.resources))
    if not resources:
        return Look(iter(()), [])
    others = others_of(clashes.rules(tx, tenant_id, resources, asked.but, asked.series), asked)
    look_up_kept(tx, tenant_id, others)
    near = near_of(asked, horizon)
    taken = clashes.rows(tx, tenant_id, resources, asked.but, asked.own, near.ranges())
    streams = [beyond(asked, other) for other in others]
    met = heapq.merge(stored(asked, near, taken), *streams, key=lambda met: (met.taken.starts_at, met.taken.resource))
    return Look(met, others)


def one_session(tx: Tx, session: Session, segment: Segment, most: int = MOST_LISTED) -> Found:
    """What stands in the way of one session at the times and the place that it has now."""
    if session.state not in OPEN or not session.tracked:
        return Found([], None)
    asked = Stretch(
        series=alone(session.starts_at, session.ends_at, segment.time_zone),
        resources=takes.of_session(tx, session, segment),
        since=session.starts_at,
        own=SessionKey(session.tenant_id, session.series_id, session.recurrence_id),
    )
    return check(tx, session.tenant_id, asked, session.ends_at, most)


def notes(until: datetime | None) -> list[str]:
    """What is to be said of plans without a clash: how far that is known, where there is no proof."""
    return [] if until is None else [f"no clash was found up to {until:%Y-%m-%d}; what comes later is not known"]


def others_of(rules: list[Rule], asked: Stretch) -> list[Other]:
    """The stretches that these sessions may meet, each once; those that they never do are left out."""
    found: dict[tuple[UUID, datetime, datetime | None], Other] = {}
    for rule in rules if asked.beside is None else filter(asked.beside.goes_on, rules):
        key = (rule.series_id, rule.from_local, rule.enrolled_from)
        if key not in found:
            answers = recurrence.clashes(asked.series, rule.series, max(asked.since, rule.since))
            first = next(answers)
            found[key] = Other(rule=rule, first=first, answers=answers, until=first.until)
        found[key].resources.append(rule.resource)
    return [other for other in found.values() if other.first.verdict is not Verdict.NEVER]


def look_up_kept(tx: Tx, tenant_id: UUID, others: list[Other]) -> None:
    """Tell each of those that are met which of its sessions rows stand for."""
    since = {other.rule.series_id: other.rule.since for other in others if other.first.pair is not None}
    for other in others:
        if other.rule.series_id in since:
            since[other.rule.series_id] = min(since[other.rule.series_id], other.rule.since)
    by_series: defaultdict[UUID, set[datetime]] = defaultdict(set)
    for series_id, recurrence_id in clashes.kept(tx, tenant_id, since):
        by_series[series_id].add(recurrence_id)
    for other in others:
        other.kept = frozenset(by_series[other.rule.series_id])


def beyond(asked: Stretch, other: Other) -> Iterator[Met]:
    """Where these sessions meet those that another rule gives and no row stands for, soonest first."""
    rule, last = other.rule, asked.last(other.resources)
    for answer in chain([other.first], other.answers):
        other.until = answer.until
        if answer.pair is None:
            return
        mine, theirs = answer.pair
        if over(mine, last) or over(theirs, rule.enrolled_until):
            other.until = None
            return
        if mine.starts_at >= asked.since and mine.recurrence_id not in asked.without and gives(other, theirs):
            for resource in filter(lambda id_: asked.wants(id_, mine.recurrence_id), other.resources):
                taken = Taken(rule.series_id, theirs.recurrence_id, resource, theirs.starts_at, theirs.ends_at)
                yield Met(mine.recurrence_id, taken)


def over(session: Occurrence, last: datetime | None) -> bool:
    """Whether a session lies after a local time, and all that come after it do."""
    return last is not None and session.recurrence_id > last + ZONE_SLACK


def gives(other: Other, session: Occurrence) -> bool:
    """Whether a session of another rule takes something, and no row stands for it."""
    rule, start = other.rule, session.recurrence_id
    if session.starts_at < rule.since or start in other.kept:
        return False
    begun = rule.enrolled_from is None or rule.enrolled_from <= start
    return begun and (rule.enrolled_until is None or start < rule.enrolled_until)


def near_of(asked: Stretch, horizon: datetime) -> Near:
    """The sessions up to the horizon, and a little beyond."""
    horizon = min(max(asked.since, horizon), LAST - WRITTEN_AHEAD) + WRITTEN_AHEAD
    found = recurrence.columns(asked.series, asked.since, horizon, asked.cursor)
    if asked.without:
        places = [n for n, start in enumerate(found.recurrence_ids) if start not in asked.without]
        found = Columns(*([values[n] for n in places] for values in found))
    beyond = recurrence.expand(asked.series, horizon, None, asked.cursor)
    return Near(found, horizon, next(beyond, None) is not None)


def stored(asked: Stretch, near: Near, taken: list[Taken]) -> Iterator[Met]:
    """Where these sessions meet stored ones, soonest first."""
    ids, starts, ends = near.lists
    over = list(accumulate(ends, max))
    longest = virtual.longest(asked.series)
    for one in taken if asked.beside is None else filter(asked.beside.stays, taken):
        for n in range(bisect_right(over, one.starts_at), bisect_left(starts, one.ends_at)):
            if ends[n] > one.starts_at and asked.wants(one.resource, ids[n]):
                yield Met(ids[n], one)
        if one.ends_at > near.horizon:
            since = max(near.horizon, one.starts_at - longest)
            for mine in recurrence.expand(asked.series, since, one.ends_at, asked.cursor):
                given = mine.ends_at > one.starts_at and mine.recurrence_id not in asked.without
                if given and asked.wants(one.resource, mine.recurrence_id):
                    yield Met(mine.recurrence_id, one)
