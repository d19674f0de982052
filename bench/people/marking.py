"""Marks in bulk, beside a COPY of the very rows that were written, into the same table with the same indexes.

Rows of a status each, for classes that are over: nobody is known to the table before. Ours is the work of the task,
from its first look to its last commit; that the rows were understood and kept before is not in it. COPY has its rows
ready in the binary format.
"""

from collections.abc import Sequence
from datetime import datetime
from statistics import median
from time import perf_counter
from typing import Final

import psycopg
from sqlalchemy import Engine

from bench.people import ground
from bench.people.ground import Ground
from bench.report import Figure
from db import engine as database
from services import attendance_import
from services.attendance_import import Delivered

ROWS: Final = 100_000
CLASSES: Final = ROWS // ground.OF_A_CLASS
TURNS: Final = 3
COLUMNS: Final = "tenant_id, series_id, recurrence_id, user_id, mark, marked_at, marked_by"

OVER: Final = """
    UPDATE session SET state = 'COMPLETED', ended_at = now(), next_step = NULL, next_due_at = NULL"""
LIST: Final = f"SELECT series_id, recurrence_id, {ground.WHO} FROM {ground.SEATS} ORDER BY 1, 2, 3"
CLEAR: Final = ("TRUNCATE attendance, attendance_import CASCADE", OVER, "VACUUM (ANALYZE)", "CHECKPOINT")


def measured(url: str, _: int) -> Sequence[Figure]:
    """The figure: the share of COPY's speed, in per cent."""
    ours, copied = [], []
    with ground.running(url, CLASSES) as place, psycopg.connect(place.url, autocommit=True) as sql:
        rows = wanted(sql)
        engine = database.connect(place.url)
        for _turn in range(TURNS):
            clear(sql)
            ours.append(marked(engine, place, rows))
            block = taken(sql)
            clear(sql)
            copied.append(copy(place.url, block))
        engine.dispose()
    shares = [100 * limit / own for own, limit in zip(ours, copied, strict=True)]
    parts = {"bulk_rows_per_s": ROWS / median(ours), "bulk_copy_rows_per_s": ROWS / median(copied)}
    words = f"{ROWS:,} rows marked in bulk, of the speed of a COPY of the same rows"
    return [Figure(key="bulk_vs_copy", value=median(shares), unit=" %", least=30, aim=60, words=words, parts=parts)]


def wanted(sql: psycopg.Connection) -> list[Delivered]:
    """Rows for everybody in every class, as the API understands them."""
    [[starts_at]] = sql.execute("SELECT min(starts_at) FROM session").fetchall()
    assert isinstance(starts_at, datetime)
    found = sql.execute(LIST.encode(), {"starts_at": starts_at, "people": ground.PEOPLE}).fetchall()
    assert len(found) == ROWS
    return [
        Delivered(line=line, session=f"{series}_{wall:%Y%m%dT%H%M%S}", person=str(user), series_id=series,
                  recurrence_id=wall, user_id=user, mark="PRESENT")
        for line, (series, wall, user) in enumerate(found, start=2)
    ]  # fmt: skip


def clear(sql: psycopg.Connection) -> None:
    """As it was before, and vacuumed."""
    for statement in CLEAR:
        sql.execute(statement)


def marked(engine: Engine, place: Ground, rows: Sequence[Delivered]) -> float:
    """Keep the rows, then mark them; seconds of the marking."""
    with database.transaction(engine, place.tenant_id) as (tx, now):
        attendance_import.store(tx, place.tenant_id, rows, "bench", now)
    began = perf_counter()
    done = attendance_import.drain(engine)
    seconds = perf_counter() - began
    assert done.get("marked") == ROWS, done
    return seconds


def taken(sql: psycopg.Connection) -> bytes:
    """The rows that were written, in the order in which they lie there, as COPY reads them."""
    asked = f"COPY (SELECT {COLUMNS} FROM attendance ORDER BY ctid) TO STDOUT (FORMAT binary)"
    with sql.cursor().copy(asked.encode()) as copying:
        return b"".join(bytes(part) for part in copying)


def copy(url: str, block: bytes) -> float:
    """COPY them in; seconds."""
    with psycopg.connect(url) as connection:
        began = perf_counter()
        with connection.cursor().copy(f"COPY attendance ({COLUMNS}) FROM STDIN (FORMAT binary)".encode()) as copying:
            copying.write(block)
        connection.commit()
        return perf_counter() - began
