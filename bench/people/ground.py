"""A database of its own with classes that run, and people: no class knows them yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import psycopg
from psycopg import sql

from bench import stock
from bench.stock import Due
from db import engine as database
from db import migrate
from db.models import Role
from services import keys

OF_A_CLASS: Final = 20  # people
PEOPLE: Final = 2_000  # where classes are of different times: each is in several
PERSON_ID: Final = "CAST('00000001-0000-7000-8000-' || lpad(to_hex({}), 12, '0') AS uuid)"

USERS: Final = f"""
    INSERT INTO app_user (tenant_id, id, name, email, role, created_at, updated_at)
    SELECT '{stock.TENANT}', {PERSON_ID.format("n")}, 'Person ' || n, n || '@example.org', 'participant', now(), now()
    FROM generate_series(1, %(people)s) AS n"""

SEATS: Final = f"""
    (SELECT tenant_id, series_id, recurrence_id, starts_at, row_number() OVER (ORDER BY series_id) AS class
     FROM session WHERE starts_at = %(starts_at)s) AS held, generate_series(1, {OF_A_CLASS}) AS seat"""
WHO: Final = PERSON_ID.format(f"1 + ((class - 1) * {OF_A_CLASS} + seat - 1) %% %(people)s")

ENROLMENTS: Final = f"""
    INSERT INTO enrolment (tenant_id, series_id, user_id, from_local)
    SELECT tenant_id, series_id, {WHO}, '2026-01-01' FROM {SEATS}"""

MARKS: Final = f"""
    INSERT INTO attendance (tenant_id, series_id, recurrence_id, user_id, mark, marked_at, marked_by)
    SELECT tenant_id, series_id, recurrence_id, {WHO}, 'PRESENT', starts_at, 'gate' FROM {SEATS}"""

STAYS: Final = f"""
    INSERT INTO presence (tenant_id, series_id, recurrence_id, user_id, checked_in_at, checked_out_at)
    SELECT tenant_id, series_id, recurrence_id, {WHO}, starts_at,
           CASE WHEN seat %% 2 = 0 THEN starts_at + interval '3 s' END FROM {SEATS}"""

STARTED: Final = """
    UPDATE session SET state = 'IN_PROGRESS', started_at = starts_at, seq = 1, next_step = 'END',
                       next_due_at = end_due_at"""


class Ground(NamedTuple):
    """A database, its tenant, and a key of it."""

    url: str
    tenant_id: UUID
    key: str


def enrol(connection: psycopg.Connection, classes: int, starts_at: datetime, came: bool) -> None:
    """Twenty people of its own in each of so many classes that start at an instant.

    With `came` all of them were checked in, and half of them out again.

    All tables are vacuumed afterwards, as they would be.
    """
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        for statement in (USERS, ENROLMENTS, *((MARKS, STAYS) if came else ())):
            connection.execute(statement.encode(), {"starts_at": starts_at, "people": classes * OF_A_CLASS})
    for table in ("app_user", "enrolment", "attendance", "presence", "session_metrics"):
        connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(table)))


@contextmanager
def running(url: str, classes: int) -> Iterator[Ground]:
    """A new database on the server of `url`, with so many classes that began ten minutes ago, and people."""
    there = urlunsplit(urlsplit(url)._replace(path="/people"))
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("CREATE DATABASE people")
    try:
        engine = database.connect(there)
        migrate.upgrade(engine)
        with psycopg.connect(there, autocommit=True) as connection:
            now = connection.execute("SELECT date_trunc('second', now())").fetchone()
            assert now is not None
            stock.fill(connection, classes, 0, [Due(now[0] - timedelta(minutes=10), 1, 1)])
            connection.execute(STARTED)
            connection.execute(USERS.encode(), {"people": PEOPLE})
            connection.execute("VACUUM (ANALYZE)")
        with database.transaction(engine) as (tx, began):
            key = keys.create(tx, "Bench", Role.ADMIN, began)
        engine.dispose()
        yield Ground(there, UUID(stock.TENANT), key)
    finally:
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("DROP DATABASE people WITH (FORCE)")
