"""Statements that find what stands in the way of sessions to come: of a space, an instructor, a person.

    rules   the stretches that go on beyond what is stored, and take one of these for themselves
    kept    the rows that stand for one of their sessions: cancelled, removed, moved away, or touched in another way
    rows    the stored sessions that take one of these: by a booking, and for who is enrolled by a look

Ask in this order. Whoever materializes meanwhile moves a session from the rules to the rows; so it is found twice, and
never not at all.

A plain rule is left out by its time of day before it is read (`recurrence.slot`): of a thousand plans in one space most
are. Bookings are looked up by `booked`, which uses their index in a confined transaction too.
"""

import functools
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session as Tx

import recurrence
from db import segments, statements
from db.bookings import Taken
from db.segments import array_text
from db.sessions import SessionKey
from recurrence import Slot

ZONE_SLACK = timedelta(days=2)  # a wall time and its instant in UTC differ by less
READ_ONCE = 4_096  # series that are read once: each costs what ten comparisons cost
FEW_DATES = 64  # RDATEs and EXDATEs together: a series with thousands of them takes half a megabyte

OTHER_TIME = """
    coalesce(CAST(:begins AS integer) IS NOT NULL AND g.time_zone = :time_zone
             AND (g.begins_s - :calm_from + 86400) % 86400 + g.lasts_s <= :calm_for
             AND (g.begins_s - :begins + 86400) % 86400 BETWEEN :length AND 86400 - g.lasts_s, false)
"""

RULE = """
    g.series_id, g.from_local, g.materialized_until, g.dtstart, g.time_zone, g.all_day, g.duration, g.rrule,
    g.rdates, g.exdates, g.excluded_days, g.gap, g.fold
"""

GOES_ON = f"""
    g.tenant_id = :tenant_id AND g.next_materialize_at IS NOT NULL AND g.series_id <> ALL (CAST(:but AS uuid[]))
    AND NOT {OTHER_TIME}
"""

RULES = statements.written(f"""
    SELECT g.space_id AS resource, CAST(NULL AS timestamp) AS enrolled_from, CAST(NULL AS timestamp) AS enrolled_until,
           {RULE}
    FROM segment g WHERE g.space_id = ANY (CAST(:resources AS uuid[])) AND 'space' = ANY (g.exclusive) AND {GOES_ON}
    UNION ALL
    SELECT g.instructor_id, NULL, NULL, {RULE}
    FROM segment g
    WHERE g.instructor_id = ANY (CAST(:resources AS uuid[])) AND 'instructor' = ANY (g.exclusive) AND {GOES_ON}
    UNION ALL
    SELECT e.user_id, e.from_local, e.until_local, {RULE}
    FROM enrolment e JOIN segment g ON (g.tenant_id, g.series_id) = (e.tenant_id, e.series_id)
    WHERE e.tenant_id = :tenant_id AND e.user_id = ANY (CAST(:resources AS uuid[]))
      AND 'participants' = ANY (g.exclusive) AND NOT e.drop_in AND {GOES_ON}
""")

KEPT = statements.written("""
    SELECT s.series_id, s.recurrence_id
    FROM unnest(CAST(:series_ids AS uuid[]), CAST(:since AS timestamp[])) AS k (series_id, since)
    JOIN session s ON s.tenant_id = :tenant_id AND s.series_id = k.series_id AND s.recurrence_id >= k.since
""")

ROWS = statements.written("""
    SELECT b.series_id, b.recurrence_id, b.resource, lower(b.during) AS starts_at, upper(b.during) AS ends_at
    FROM booked(:tenant_id, CAST(:resources AS uuid[]), CAST(:wanted AS tstzmultirange)) b
    WHERE b.series_id <> ALL (CAST(:but AS uuid[]))
      AND (b.series_id, b.recurrence_id) IS DISTINCT FROM (CAST(:own AS uuid), CAST(:own_id AS timestamp))
    UNION
    SELECT s.series_id, s.recurrence_id, e.user_id, s.starts_at, s.ends_at
    FROM enrolment e
    JOIN session s ON (s.tenant_id, s.series_id) = (e.tenant_id, e.series_id) AND s.recurrence_id >= e.from_local
     AND (e.until_local IS NULL OR s.recurrence_id < e.until_local)
    JOIN segment g ON (g.tenant_id, g.series_id, g.from_local) = (s.tenant_id, s.series_id, s.segment_from)
    WHERE e.tenant_id = :tenant_id AND e.user_id = ANY (CAST(:resources AS uuid[]))
      AND 'participants' = ANY (g.exclusive)
      AND s.removed_at IS NULL AND s.state IN ('SCHEDULED', 'IN_PROGRESS') AND s.tracked
      AND tstzrange(s.starts_at, s.ends_at) && CAST(:wanted AS tstzmultirange)
      AND s.series_id <> ALL (CAST(:but AS uuid[]))
      AND (s.series_id, s.recurrence_id) IS DISTINCT FROM (CAST(:own AS uuid), CAST(:own_id AS timestamp))
      AND NOT EXISTS (SELECT FROM attendance a
                      WHERE (a.tenant_id, a.series_id, a.recurrence_id, a.user_id)
                          = (s.tenant_id, s.series_id, s.recurrence_id, e.user_id) AND a.mark = 'EXCUSED')
    ORDER BY starts_at, resource
""")


class Rule(NamedTuple):
    """A stretch that goes on: whose it is, what it takes, its sessions that no row stands for start from `since` on.

    The last two are wall times: of who is enrolled, since when and until when; None: without bound.
    """

    series_id: UUID
    from_local: datetime
    resource: UUID
    since: datetime
    series: recurrence.Series
    enrolled_from: datetime | None
    enrolled_until: datetime | None


def rules(
    tx: Tx, tenant_id: UUID, resources: Collection[UUID], but: Collection[UUID], beside: recurrence.Series
) -> list[Rule]:
    """The stretches that take one of these resources and go on, but for those of some series.

    Those that the time of day keeps apart from the series `beside` are left out. One that can't be read any more (its
    zone vanished from tzdata) gives nothing.
    """
    slot = recurrence.slot(beside)
    asked = {
        "tenant_id": tenant_id,
        "resources": array_text(resources),
        "but": array_text(but),
        "time_zone": beside.zone,
        **(dict.fromkeys(Slot._fields) if slot is None else slot._asdict()),
    }
    found = []
    for resource, begin, until, series_id, from_local, materialized_until, *columns in statements.fetch(
        tx, RULES, asked
    ):
        series = series_of(*columns)
        if series is not None:
            found.append(Rule(series_id, from_local, resource, materialized_until, series, begin, until))
    return found


def series_of(*told: Any) -> recurrence.Series | None:
    """The series of these columns, in the order of RULE; None when it can't be read any more."""
    lists = tuple(map(tuple, told[5:8]))
    columns = segments.Columns(*told[:5], *lists, *told[8:])
    read = read_once if sum(map(len, lists)) <= FEW_DATES else read_once.__wrapped__
    return read(recurrence.tzdata_version(), columns)


@functools.lru_cache(READ_ONCE)
def read_once(_edition: str, columns: segments.Columns) -> recurrence.Series | None:
    """The series of these columns, by this edition of tzdata; kept, for plans with few dates of their own."""
    try:
        return segments.series_of(columns)
    except recurrence.RecurrenceError:
        return None


def kept(tx: Tx, tenant_id: UUID, since: Mapping[UUID, datetime]) -> set[tuple[UUID, datetime]]:
    """The series and recurrence id of every row of these series from about an instant of each on."""
    if not since:
        return set()
    walls = [instant.astimezone(UTC).replace(tzinfo=None) - ZONE_SLACK for instant in since.values()]
    asked = {"tenant_id": tenant_id, "series_ids": array_text(since), "since": array_text(walls)}
    return {(series_id, start) for series_id, start in statements.fetch(tx, KEPT, asked)}


def rows(
    tx: Tx,
    tenant_id: UUID,
    resources: Collection[UUID],
    but: Collection[UUID],
    own: SessionKey | None,
    wanted: Sequence[tuple[datetime, datetime | None]],
) -> list[Taken]:
    """The stored sessions that take one of these resources in one of the wanted ranges, soonest first.

    Left out are those of some series, and one session of its own. A range without an end goes on for ever.
    """
    ranges = (f"[{begin.isoformat()},{'' if end is None else end.isoformat()})" for begin, end in wanted)
    asked = {
        "tenant_id": tenant_id,
        "resources": array_text(resources),
        "but": array_text(but),
        "own": None if own is None else own.series_id,
        "own_id": None if own is None else own.recurrence_id,
        "wanted": "{" + ",".join(ranges) + "}",
    }
    return [Taken(*row) for row in statements.fetch(tx, ROWS, asked)]
