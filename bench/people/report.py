"""A person's report over five years, among as many rows of attendance as a bench wants.

Every plan is a daily class of twenty people for five years, each with a record and twenty marks, written in the order
of time, as it comes about: so one person's rows lie on as many pages as there were classes. One in ten came late, and
those were checked in and out. Indexes are built after the rows; nothing is measured before a vacuum.

Asked are other people in turn, over HTTP and through the service itself; what was asked once is not asked again.
"""

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from statistics import median
from typing import Final, NamedTuple, TypeVar
from uuid import UUID

import psycopg

import recurrence
from bench.api import serving
from bench.api.client import Connection
from bench.report import Figure
from db import engine as database
from db import migrate
from db.models import Role
from services import keys, reports
from services.reports import By, Question, Scope

T = TypeVar("T")

DAYS: Final = 1825  # five years
OF_A_CLASS: Final = 20  # people
FIRST: Final = datetime(2021, 1, 4, tzinfo=UTC)
ASKED: Final = 100  # people, of each way of asking
WARM: Final = 5  # of them are not counted

ID: Final = """
    CREATE FUNCTION pg_temp.id(kind int, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
        SELECT CAST(lpad(to_hex(kind), 8, '0') || '00007000' || '8000' || lpad(to_hex(n), 12, '0') AS uuid) $$"""
USERS: Final = """
    INSERT INTO app_user (tenant_id, id, name, email, role, created_at, updated_at)
    SELECT %(tenant)s, pg_temp.id(1, n), 'Person ' || n, n || '@example.org', 'participant', now(), now()
    FROM generate_series(1, %(people)s) AS n"""
SERIES: Final = """
    INSERT INTO series (tenant_id, id, type, tracked_from, created_at, updated_at, version)
    SELECT %(tenant)s, pg_temp.id(3, n), 'RECURRING', %(first)s, %(first)s, now(), 1
    FROM generate_series(1, %(plans)s) AS n"""
SEGMENTS: Final = """
    INSERT INTO segment (tenant_id, series_id, from_local, dtstart, time_zone, all_day, duration, rrule, rdates,
                         exdates, excluded_days, gap, fold, title, exclusive, capacity, auto_start, auto_end,
                         materialized_until, tzdata_version, version)
    SELECT %(tenant)s, pg_temp.id(3, n), CAST(%(first)s AS timestamptz) AT TIME ZONE 'UTC',
           CAST(%(first)s AS timestamptz) AT TIME ZONE 'UTC', 'UTC', false, 'PT1H', 'FREQ=DAILY;COUNT=1825', '{}', '{}',
           '{}', 'SHIFT', 'FIRST', 'Class ' || n, '{}', 25, 'SCHEDULED', true, now(), %(edition)s, 1
    FROM generate_series(1, %(plans)s) AS n"""
ENROLMENTS: Final = """
    INSERT INTO enrolment (tenant_id, series_id, user_id, from_local)
    SELECT %(tenant)s, pg_temp.id(3, 1 + (n - 1) / %(class)s), pg_temp.id(1, n), '2021-01-01'
    FROM generate_series(1, %(people)s) AS n"""
HELD: Final = """
    generate_series(0, %(days)s - 1) AS day, generate_series(1, %(plans)s) AS n,
    LATERAL (SELECT CAST(%(first)s AS timestamptz) + make_interval(days => day, mins => n %% 600) AS at) AS one"""
SESSIONS: Final = f"""
    INSERT INTO session (tenant_id, series_id, recurrence_id, segment_from, starts_at, ends_at, end_due_at, state,
                         started_at, ended_at, tracked, seq)
    SELECT %(tenant)s, pg_temp.id(3, n), at AT TIME ZONE 'UTC', CAST(%(first)s AS timestamptz) AT TIME ZONE 'UTC', at,
           at + interval '1 hour', at + interval '1 hour', 'COMPLETED', at, at + interval '1 hour', true, 2
    FROM {HELD}"""
METRICS: Final = f"""
    INSERT INTO session_metrics (tenant_id, series_id, recurrence_id, planned_minutes, actual_minutes, start_lateness_s,
                                 end_lateness_s, enrolled, expected, present, late, absent, excused, attendance_rate,
                                 presence_minutes, completed, fill_rate, measured_at)
    SELECT %(tenant)s, pg_temp.id(3, n), at AT TIME ZONE 'UTC', 60, 60, 0, 0, 20, 20, 14, 2, 2, 2, 16 / 18.0, 58, true,
           16 / 25.0, at + interval '1 hour' FROM {HELD}"""
MARKS: Final = f"""
    INSERT INTO attendance (tenant_id, series_id, recurrence_id, user_id, mark, marked_at, marked_by)
    SELECT %(tenant)s, pg_temp.id(3, n), at AT TIME ZONE 'UTC', pg_temp.id(1, (n - 1) * %(class)s + seat),
           CASE WHEN place < 14 THEN 'PRESENT' WHEN place < 16 THEN 'LATE' WHEN place < 18 THEN 'ABSENT' ELSE 'EXCUSED'
           END, at - interval '6 hours', 'system'
    FROM {HELD}, generate_series(1, %(class)s) AS seat, LATERAL (SELECT (seat + day) %% %(class)s AS place) AS two"""
STAYS: Final = """
    INSERT INTO presence (tenant_id, series_id, recurrence_id, user_id, checked_in_at, checked_out_at)
    SELECT tenant_id, series_id, recurrence_id, user_id, recurrence_id AT TIME ZONE 'UTC' + interval '10 minutes',
           recurrence_id AT TIME ZONE 'UTC' + interval '50 minutes' FROM attendance WHERE mark = 'LATE'"""
FILLED: Final = ("session", "session_metrics", "attendance", "presence")
INDEXES: Final = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename = ANY (%s) AND indexname NOT LIKE '%%_pkey'"""


class Stock(NamedTuple):
    """What was stored: the key, the tenant, how many people and rows of attendance."""

    key: str
    tenant_id: UUID
    people: int
    rows: int


def fill(url: str, rows: int) -> Stock:
    """Make the schema on the server of `url` and store about so many rows of attendance, in whole plans."""
    engine = database.connect(url)
    migrate.upgrade(engine)
    with database.transaction(engine) as (tx, now):
        key = keys.create(tx, "Bench", Role.ADMIN, now)
        caller = keys.authenticate(tx, key)
    engine.dispose()
    assert caller is not None
    plans = max(1, round(rows / (DAYS * OF_A_CLASS)))
    asked = {"tenant": caller.tenant_id, "plans": plans, "people": plans * OF_A_CLASS, "class": OF_A_CLASS,
             "days": DAYS, "first": FIRST, "edition": recurrence.tzdata_version()}  # fmt: skip
    with psycopg.connect(url, autocommit=True) as sql:
        store(sql, asked)
    return Stock(key, caller.tenant_id, plans * OF_A_CLASS, plans * OF_A_CLASS * DAYS)


def store(sql: psycopg.Connection, asked: dict[str, object]) -> None:
    """Everything, then the indexes."""
    sql.execute(ID)
    indexes = sql.execute(INDEXES, [list(FILLED)]).fetchall()
    with sql.transaction():
        sql.execute("SET LOCAL session_replication_role = replica")  # what is written here refers to what is there
        for name, _ in indexes:
            sql.execute(f"DROP INDEX {name}")
        for statement in (USERS, SERIES, SEGMENTS, ENROLMENTS, SESSIONS, METRICS, MARKS, STAYS):
            say(" ".join(statement.split()[:3]).lower())
            sql.execute(statement, asked)
        say("indexes")
        sql.execute("SET LOCAL maintenance_work_mem = '512MB'")
        for _, definition in indexes:
            sql.execute(definition)
    sql.execute("VACUUM (ANALYZE)")
    sql.execute("CHECKPOINT")  # so that none falls into what is measured


def measured(url: str, rows: int) -> list[Figure]:
    """The figures, among so many rows on the server of `url`."""
    return measure(url, fill(url, rows))


def measure(url: str, stock: Stock) -> list[Figure]:
    """A person's report by the service and over HTTP, and reports about everybody beside it."""
    people = [person(stock, number) for number in range(2 * ASKED)]
    by_service = timed_by_service(url, stock, people[:ASKED])
    with serving.serving(url, ("ours",)) as ports:
        connection = Connection(ports["ours"], stock.key)
        over_http = timed(lambda one: answered(connection, f"by=person&userId={one}"), people[ASKED:])
        month = "from=2025-01-01T00:00:00Z&to=2025-02-01T00:00:00Z&limit=1000"
        everybody = timed(lambda by: answered(connection, f"by={by}&{month}"), ["person", "series", "weekday"], warm=0)
        connection.close()
    parts = {"report_service_p50_ms": by_service, "report_month_ms": everybody}
    words = f"a person's report over 5 years among {stock.rows:,} rows, over HTTP: p50"
    return [Figure(key="report_p50_ms", value=over_http, unit=" ms", least=50, aim=10, ceiling=True, words=words,
                   parts=parts)]  # fmt: skip


def person(stock: Stock, number: int) -> UUID:
    """The id of a person; those with numbers near each other are in different classes."""
    return UUID(int=(1 << 96) | (0x7000 << 64) | (0x8000 << 48) | (1 + number * 7919 % stock.people))


def timed_by_service(url: str, stock: Stock, people: Sequence[UUID]) -> float:
    """Milliseconds of the journey in a transaction of its own: the median."""
    engine = database.connect(url, patient=True)

    def one(user_id: UUID) -> None:
        with database.transaction(engine, stock.tenant_id) as (tx, now):
            found = reports.run(
                tx, stock.tenant_id, Question(by=By.PERSON, scope=Scope(user_id=user_id), records=False), now
            )
        assert found.total.sessions == DAYS, found

    try:
        return timed(one, people)
    finally:
        engine.dispose()


def answered(connection: Connection, query: str) -> None:
    """Ask for a report of attendance; it has to be one."""
    found = connection.get(f"/reports/attendance?{query}")
    assert found.status == 200, found.body[:300]
    assert found.json()["total"]["sessions"] > 0


def timed(ask: Callable[[T], None], of: Sequence[T], warm: int = WARM) -> float:
    """Milliseconds of asking, one after the other: the median."""
    found = []
    for one in of:
        began = time.perf_counter()
        ask(one)
        found.append(1000 * (time.perf_counter() - began))
    return median(found[warm:])


def say(words: str) -> None:
    """A line for whoever waits."""
    print(f"people: {words}", file=sys.stderr, flush=True)
