"""The two ways that are compared: the materializer, and a COPY of the very rows that it wrote.

The rows are taken from the first run of the materializer in the order in which they lie in its tables, in the binary
format, so that COPY has nothing to do but to write them: one COPY a table, in one transaction. The indexes and
constraints are the same. Time is the wall clock's, from the first statement to the last commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Any, Final

import psycopg

from bench.materialize import ground
from config.settings import Settings
from db import engine as database

WEEKS: Final = timedelta(weeks=4)
COLUMNS: Final = {
    "session": "tenant_id, series_id, recurrence_id, segment_from, starts_at, ends_at, end_due_at, misfire_grace,"
    " state, next_step, next_due_at, tracked",
    "booking": "tenant_id, series_id, recurrence_id, resource, during",
}


class Disagreement(Exception):
    """two runs of the materializer wrote different numbers of rows"""


@dataclass(frozen=True, slots=True)
class Rows:
    """The new rows of a table, as COPY reads them, and how many they are."""

    block: bytes
    count: int


def materialized(url: str) -> tuple[float, dict[str, Rows]]:
    """Materialize four weeks more; seconds, and the rows that it wrote."""
    with psycopg.connect(url, autocommit=True) as connection:
        before = transaction_id(connection)
    engine = database.connect(url)
    begin = perf_counter()
    written = ground.drained(engine, Settings(horizon_days=(ground.BEFORE + WEEKS).days))
    seconds = perf_counter() - begin
    engine.dispose()
    with psycopg.connect(url, autocommit=True) as connection:
        rows = {table: taken(connection, table, before) for table in COLUMNS}
    if rows["session"].count != written:
        raise Disagreement(f"told {written} sessions, wrote {rows['session'].count}")
    return seconds, rows


def copied(url: str, rows: Mapping[str, Rows]) -> float:
    """COPY these rows in; seconds."""
    with psycopg.connect(url) as connection:
        begin = perf_counter()
        for table, names in COLUMNS.items():
            with connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN (FORMAT binary)".encode()) as copying:
                copying.write(rows[table].block)
        connection.commit()
        return perf_counter() - begin


def taken(connection: psycopg.Connection[Any], table: str, since: int) -> Rows:
    """The rows of a table that transactions after this one wrote, in the order in which they lie there."""
    new = f"FROM {table} WHERE xmin::text::bigint > {since}"
    asked = f"COPY (SELECT {COLUMNS[table]} {new} ORDER BY ctid) TO STDOUT (FORMAT binary)"
    with connection.cursor().copy(asked.encode()) as copying:
        block = b"".join(bytes(part) for part in copying)
    return Rows(block, number(connection, f"SELECT count(*) {new}"))


def transaction_id(connection: psycopg.Connection[Any]) -> int:
    """The number of a new transaction."""
    return number(connection, "SELECT pg_current_xact_id()::text::bigint")


def number(connection: psycopg.Connection[Any], asked: str) -> int:
    """The one number that a query answers."""
    found = connection.execute(asked.encode()).fetchone()
    assert found is not None
    return int(found[0])
