"""What rezoning would do, without doing any of it: which sessions would move, and which of them would lose a place.

Nothing is locked. Places are compared as they will be in the end: with the bookings of sessions that stay, and with
those of the same tenant that move along.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session as Tx

import recurrence
from db import bookings, editions
from db.bookings import Lost
from db.models import Segment, Series
from db.moves import Ahead
from db.sessions import SessionKey
from services import rezone
from services.recompute import Recomputed

PAGE = 500  # segments read at once


class Moving(NamedTuple):
    """A session that would move. No old start: it would be new; no new start: it would be given up (instants)."""

    series_id: UUID
    recurrence_id: datetime
    was_at: datetime | None
    starts_at: datetime | None
    clashes: tuple[SessionKey, ...] = ()


class Broken(NamedTuple):
    """A plan that would be set aside, and why."""

    series_id: UUID
    reason: str


def preview(tx: Tx, now: datetime) -> Iterator[Moving | Broken]:
    """What would become of the plans that an older edition of tzdata computed, tenant by tenant."""
    for _, rows in groupby(older(tx), key=lambda row: row.Segment.tenant_id):
        yield from of_tenant(tx, rows, now)


def older(tx: Tx) -> Iterator[Row[Segment, Series]]:
    """The segments that an older edition computed, in the order of their keys."""
    after = None
    while page := editions.older_after(tx, recurrence.tzdata_version(), after, PAGE):
        yield from page
        after = rezone.key_of(page[-1].Segment)


def of_tenant(tx: Tx, rows: Iterator[Row[Segment, Series]], now: datetime) -> Iterator[Moving | Broken]:
    """The same for one tenant's segments; what moves is kept until the last is read, nothing else."""
    found: list[Moving] = []
    places: list[Lost] = []
    leaving: set[SessionKey] = set()
    while page := list(islice(rows, PAGE)):
        ahead = rezone.of_segments(tx, [rezone.key_of(row.Segment) for row in page], now)
        for segment, series in page:
            own = ahead[rezone.key_of(segment)]
            try:
                todo = rezone.of_segment(tx, segment, series, own, now)
            except recurrence.RecurrenceError as error:
                yield Broken(segment.series_id, str(error))
                continue
            leaving.update(one.key for one in todo.moves)
            places += wanted(segment, own, todo)
            found += [Moving(*one[1:5]) for one in todo.moves]
            found += [Moving(new.series_id, new.recurrence_id, None, new.starts_at) for new in todo.new]
    clashes = clashing(tx, places, leaving)
    for moving in found:
        yield moving._replace(clashes=tuple(clashes[moving.series_id, moving.recurrence_id]))


def wanted(segment: Segment, own: Sequence[Ahead], todo: Recomputed) -> Iterator[Lost]:
    """The places that the sessions of a segment would take at their new times."""
    at = [(one.key, one.starts_at, one.ends_at) for one in todo.moves]
    at += [(SessionKey(*new[:3]), new.starts_at, new.ends_at) for new in todo.new]
    given = {row.key: (row.space_id, row.instructor_id) for row in own}
    for key, starts_at, ends_at in at:
        if starts_at is None or ends_at is None:
            continue
        space_id, instructor_id = given.get(key, (None, None))
        taken = {"space": space_id or segment.space_id, "instructor": instructor_id or segment.instructor_id}
        for kind, id_ in taken.items():
            if id_ is not None and kind in segment.exclusive:
                yield Lost(key, id_, starts_at, ends_at)


def clashing(
    tx: Tx, places: Sequence[Lost], leaving: set[SessionKey]
) -> defaultdict[tuple[UUID, datetime], list[SessionKey]]:
    """Which sessions would stand in each other's way: those that stay, and those that move along."""
    found: defaultdict[tuple[UUID, datetime], list[SessionKey]] = defaultdict(list)
    for key, holder in bookings.held_by(tx, places):
        if holder not in leaving:
            found[key[1:]].append(holder)
    latest: Lost | None = None
    for one in sorted(places, key=lambda place: (place.resource, place.starts_at)):
        if latest is not None and one.resource == latest.resource and one.starts_at < latest.ends_at:
            found[one.key[1:]].append(latest.key)
            found[latest.key[1:]].append(one.key)
        if latest is None or one.resource != latest.resource or one.ends_at > latest.ends_at:
            latest = one
    return found
