"""New sessions of a segment, a stretch at a time, and how many stretches are written at once.

COPY is the quickest way in, but it knows no ON CONFLICT, and row-level security refuses it. So it is for the system
alone, which holds the segments; what is there already (sessions that were touched before the watermark came to them) is
left out first. Should there be one all the same, what COPY wrote is undone, and the rows go in by a statement that
passes over those that are there. So it is with bookings too, where a clash is nothing unusual.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from psycopg.errors import DeadlockDetected
from sqlalchemy import text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session as Tx

from db import bookings, packed, sessions
from db import engine as database
from db.bookings import Lost
from db.sessions import NewSession, SessionKey
from lifecycle import State, Step

SESSION = """
    COPY session (tenant_id, series_id, segment_from, misfire_grace, state, next_step, tracked,
                  recurrence_id, starts_at, ends_at, end_due_at, next_due_at) FROM STDIN (FORMAT binary)
"""
SESSION_FIELDS = 12

BOOKING = "COPY booking (tenant_id, series_id, resource, recurrence_id, during) FROM STDIN (FORMAT binary)"
BOOKING_FIELDS = 5

THERE = text("""
    SELECT k.place, s.recurrence_id
    FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]), CAST(:firsts AS timestamp[]))
         WITH ORDINALITY AS k (tenant_id, series_id, first, place)
    CROSS JOIN LATERAL (
        SELECT recurrence_id FROM session
        WHERE tenant_id = k.tenant_id AND series_id = k.series_id AND recurrence_id >= k.first OFFSET 0
    ) AS s
""")


class Stretch(NamedTuple):
    """New sessions of one segment, at least one, all tracked: what they share, then three lists of equal length.

    `overrun`: how long after its end a session ends by itself; `resources`: what each of them takes for itself.
    """

    tenant_id: UUID
    series_id: UUID
    segment_from: datetime
    misfire_grace: timedelta | None
    first_step: Step
    overrun: timedelta
    resources: tuple[UUID, ...]
    recurrence_ids: list[datetime]
    starts_at: list[datetime]
    ends_at: list[datetime]


REFUSALS = (IntegrityError, DataError, NotSupportedError, ProgrammingError, OperationalError)
"""What COPY may end in: a row is refused; row-level security applies to the login, or it has no rights of its own; a
deadlock; or the end of the connection."""


def write(tx: Tx, stretches: Sequence[Stretch]) -> tuple[int, list[Lost]]:
    """Write these sessions and what they take, as quickly as can be; the segments are held by the caller.

    Returns how many sessions were written, and the bookings that could not be made, soonest first.
    """
    new = without(stretches, there(tx, stretches))
    if not new:
        return 0, []
    try:
        written = database.copy(tx, SESSION, packed.block(session_rows(new)))
    except REFUSALS as error:
        passing(error)
        return insert(tx, new)
    taking = [one for one in new if one.resources]
    if not taking:
        return written, []
    try:
        database.copy(tx, BOOKING, packed.block(booking_rows(taking)))
    except REFUSALS as error:
        passing(error)
        return written, bookings.book(tx, [key for one in taking for key in keys(one)])
    return written, []


def insert(tx: Tx, stretches: Sequence[Stretch]) -> tuple[int, list[Lost]]:
    """The same by statements that pass over what is there: what a tenant's own transaction may do."""
    written = sessions.insert(tx, [row for one in stretches for row in rows(one)])
    taking = {(one.series_id, one.segment_from) for one in stretches if one.resources}
    return len(written), bookings.book(tx, written if taking else [])


def passing(error: DBAPIError) -> None:
    """Go on when COPY was only refused; raise when the connection is gone."""
    if isinstance(error, OperationalError) and not isinstance(error.orig, DeadlockDetected):
        raise error


def there(tx: Tx, stretches: Sequence[Stretch]) -> set[tuple[int, datetime]]:
    """The rows that are there from the beginning of each stretch on: the stretch's place, and the recurrence id."""
    if not stretches:
        return set()
    asked = {
        "tenant_ids": [one.tenant_id for one in stretches],
        "series_ids": [one.series_id for one in stretches],
        "firsts": [min(one.recurrence_ids) for one in stretches],
    }
    return {(row.place - 1, row.recurrence_id) for row in tx.execute(THERE, asked)}


def without(stretches: Sequence[Stretch], rows: set[tuple[int, datetime]]) -> list[Stretch]:
    """The stretches less the sessions that are there; what is left of each, if anything."""
    touched = {place for place, _ in rows}
    left = []
    for place, one in enumerate(stretches):
        if place in touched:
            kept = [n for n, id_ in enumerate(one.recurrence_ids) if (place, id_) not in rows]
            lists = ([values[n] for n in kept] for values in one[-3:])
            one = Stretch(*one[:-3], *lists)
        if one.recurrence_ids:
            left.append(one)
    return left


def keys(stretch: Stretch) -> Iterator[SessionKey]:
    """The keys of its sessions."""
    return (SessionKey(stretch.tenant_id, stretch.series_id, id_) for id_ in stretch.recurrence_ids)


def rows(stretch: Stretch) -> Iterator[NewSession]:
    """Its sessions one by one."""
    shared = (stretch.tenant_id, stretch.series_id)
    due = stretch.starts_at if stretch.first_step is Step.START else stretch.ends_at
    for id_, starts, ends, first_due in zip(*stretch[-3:], due, strict=True):
        end_due = ends + stretch.overrun
        planned = (id_, stretch.segment_from, starts, ends, end_due)
        yield NewSession(*shared, *planned, stretch.misfire_grace, stretch.first_step, first_due)


def session_rows(stretches: Sequence[Stretch]) -> Iterator[bytes]:
    """Their rows as SESSION takes them."""
    times, boolean = packed.times, packed.boolean(True)
    for one in stretches:
        fields = (packed.uuid(one.tenant_id), packed.uuid(one.series_id), packed.wall(one.segment_from))
        life = (packed.interval(one.misfire_grace), packed.text(State.SCHEDULED), packed.text(one.first_step), boolean)
        head = packed.head(SESSION_FIELDS, *fields, *life)
        ids, starts, ends = (
            packed.walls(one.recurrence_ids),
            packed.instants(one.starts_at),
            packed.instants(one.ends_at),
        )
        due = starts if one.first_step is Step.START else ends
        overrun = one.overrun // packed.MICROSECOND
        for id_, start, end, first in zip(ids, starts, ends, due, strict=True):
            yield head + times(8, id_, 8, start, 8, end, 8, end + overrun, 8, first)


def booking_rows(stretches: Sequence[Stretch]) -> Iterator[bytes]:
    """What they take as BOOKING takes it, in the order in which all writers book: by resource and start."""
    pack, found = packed.time_and_range, []
    for one in stretches:
        times = list(
            zip(
                packed.walls(one.recurrence_ids),
                packed.instants(one.starts_at),
                packed.instants(one.ends_at),
                strict=True,
            )
        )
        for resource in one.resources:
            fields = (packed.uuid(one.tenant_id), packed.uuid(one.series_id), packed.uuid(resource))
            head = packed.head(BOOKING_FIELDS, *fields)
            found += [
                (resource.bytes, start, head + pack(8, id_, 25, 2, 8, start, 8, end)) for id_, start, end in times
            ]
    found.sort()
    return (row for _, _, row in found)
