"""The plans that are materialized: everyday rules, begun up to eight years ago, every second one in a room.

Ten plans share a room, each at its own hour, so that nothing clashes and yet every booking has neighbours.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql
from uuid_utils.compat import uuid7

import recurrence

RULES: Final = (  # those of `bench expand`, but for the hourly one: it alone would give nine rows of ten
    "FREQ=DAILY",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,TH",
    "FREQ=MONTHLY;BYDAY=2TU",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
)
ZONES: Final = ("America/New_York", "Asia/Seoul", "Europe/Berlin", "Australia/Sydney")  # those of a room share one
HOURS: Final = range(8, 18)  # local starts
OLDEST: Final = timedelta(days=8 * 365)
STRIDE: Final = 7_919  # a prime: ages are spread evenly, and have nothing to do with the rules

Rows = Iterator[dict[str, Any]]


def write(url: str, count: int, now: datetime) -> None:
    """Write so many plans, whose rows are to begin at `now`."""
    with psycopg.connect(url) as connection:
        tenant = uuid7()
        copy(connection, "tenant", iter([{"id": tenant, "name": "x", "time_zone": "UTC", "created_at": now}]))
        rooms = [uuid7() for _ in range(count // (2 * len(HOURS)) + 1)]
        series = [uuid7() for _ in range(count)]
        owned = {"tenant_id": tenant, "created_at": now, "updated_at": now}
        copy(connection, "space", ({**owned, "id": id_, "name": "x"} for id_ in rooms))
        told = {"type": "RECURRING", "tracked_from": now, "version": 1}
        copy(connection, "series", ({**owned, **told, "id": id_} for id_ in series))
        copy(connection, "segment", segments(tenant, series, rooms, now))


def segments(tenant: UUID, series: list[UUID], rooms: list[UUID], now: datetime) -> Rows:
    """The rows of the plans' segments."""
    shared = {
        "tenant_id": tenant,
        "all_day": False,
        "duration": "PT1H",
        **dict.fromkeys(("rdates", "exdates", "excluded_days"), "{}"),
        "gap": recurrence.Gap.SHIFT.value,
        "fold": recurrence.Fold.FIRST.value,
        "title": "x",
        "exclusive": "{instructor,participants,space}",
        "auto_start": "SCHEDULED",
        "auto_end": True,
        "materialized_until": now,
        "next_materialize_at": now,
        "tzdata_version": recurrence.tzdata_version(),
        "version": 1,
    }
    for number, id_ in enumerate(series):
        pair = number // 2
        room = pair // len(HOURS)
        day = now.date() - OLDEST * (number * STRIDE % len(series)) // len(series)
        begin = datetime(day.year, day.month, day.day, HOURS[pair % len(HOURS)])
        yield {
            **shared,
            "series_id": id_,
            "from_local": begin,
            "dtstart": begin,
            "time_zone": ZONES[room % len(ZONES)],
            "rrule": RULES[number % len(RULES)],
            "space_id": rooms[room] if number % 2 else None,
        }


def copy(connection: psycopg.Connection[Any], table: str, rows: Rows) -> None:
    """Write rows into a table; all of them have the columns of the first."""
    first = next(rows)
    names = sql.SQL(", ").join(map(sql.Identifier, first))
    into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor().copy(into) as copying:
        copying.write_row(list(first.values()))
        for row in rows:
            copying.write_row([row[name] for name in first])
