"""A tenant with a million sessions: daily plans, each with sessions 40 days back and 60 ahead, ten plans a person.

One space has a thousand weekly plans without end, and some plans have five years behind them. Rows are written as the
materializer leaves them; the daily plans share their space, and so have no bookings.
"""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import psycopg

import recurrence
from db import engine as database
from db import migrate
from db.models import Role
from services import keys

BACK, AHEAD = 40, 61  # days; a page begins after the last of a million sessions
OF_A_PERSON: Final = 10  # plans
IN_THE_ROOM: Final = 1_000  # plans without end
SLOT_S: Final = 300  # seconds: how long they last, and every second slot of the week is free
OLD: Final = 60  # plans with five years behind them
ROOM: Final = "00000000-0000-7000-8000-000000000001"


class Stock(NamedTuple):
    """What was stored: the key and the tenant, how many sessions, and the instant at which the week begins."""

    key: str
    tenant: UUID
    sessions: int
    week: datetime


PEOPLE: Final = """
    INSERT INTO app_user (tenant_id, id, name, email, role, created_at, updated_at)
    SELECT %(tenant)s, pg_temp.id(1, n), 'Ada', n || '@example.org', 'participant', now(), now()
    FROM generate_series(1, %(people)s) AS n"""
SPACES: Final = f"""
    INSERT INTO space (tenant_id, id, name, created_at, updated_at)
    SELECT %(tenant)s, pg_temp.id(2, n), 'Hall', now(), now() FROM generate_series(1, %(people)s) AS n
    UNION ALL SELECT %(tenant)s, '{ROOM}', 'Room', now(), now()"""
SERIES: Final = """
    INSERT INTO series (tenant_id, id, type, tracked_from, created_at, updated_at, version)
    SELECT %(tenant)s, pg_temp.id(%(kind)s, n), 'RECURRING', %(since)s, now(), now(), 1
    FROM generate_series(1, %(plans)s) AS n"""
SEGMENTS: Final = """
    INSERT INTO segment (tenant_id, series_id, from_local, dtstart, time_zone, all_day, duration, rrule, rdates,
                         exdates, excluded_days, gap, fold, title, description, space_id, exclusive, auto_start,
                         auto_end, materialized_until, next_materialize_at, tzdata_version, version)
    SELECT %(tenant)s, pg_temp.id(%(kind)s, n), start, start, 'UTC', false, %(duration)s, %(rrule)s, '{}', '{}', '{}',
           'SHIFT', 'FIRST', 'Pilates ' || n, 'Bring a mat, and come ten minutes early.', space, %(exclusive)s,
           'SCHEDULED', true, %(week)s + interval '60 days', %(week)s + interval '1 day', %(edition)s, 1
    FROM pg_temp.plan(%(kind)s, %(plans)s, %(week)s) AS plan (n, start, space)"""
SESSIONS: Final = """
    INSERT INTO session (tenant_id, series_id, recurrence_id, segment_from, starts_at, ends_at, end_due_at, state,
                         next_step, next_due_at, tracked)
    SELECT %(tenant)s, pg_temp.id(%(kind)s, n), at, start, at AT TIME ZONE 'UTC', (at + lasts) AT TIME ZONE 'UTC',
           (at + lasts) AT TIME ZONE 'UTC', CASE WHEN past THEN 'COMPLETED' ELSE 'SCHEDULED' END,
           CASE WHEN NOT past THEN 'START' END, CASE WHEN NOT past THEN at AT TIME ZONE 'UTC' END, true
    FROM pg_temp.plan(%(kind)s, %(plans)s, %(week)s) AS plan (n, start, space),
         CAST(%(duration)s AS interval) AS lasts,
         generate_series(start, %(week)s AT TIME ZONE 'UTC' + interval '60 days', CAST(%(every)s AS interval)) AS at,
         LATERAL (SELECT at AT TIME ZONE 'UTC' < %(week)s AS past)"""
BOOKINGS: Final = f"""
    INSERT INTO booking (tenant_id, series_id, recurrence_id, resource, during)
    SELECT tenant_id, series_id, recurrence_id, '{ROOM}', tstzrange(starts_at, ends_at)
    FROM session JOIN segment g USING (tenant_id, series_id) WHERE g.space_id = '{ROOM}'"""
ENROLMENTS: Final = f"""
    INSERT INTO enrolment (tenant_id, series_id, user_id, from_local)
    SELECT %(tenant)s, pg_temp.id(3, n), pg_temp.id(1, 1 + (n - 1) / {OF_A_PERSON}), '2020-01-01'
    FROM generate_series(1, %(plans)s) AS n"""
NAMES: Final = """
    CREATE FUNCTION pg_temp.id(kind int, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
        SELECT CAST(lpad(to_hex(kind), 8, '0') || '00007000' || '8000' || lpad(to_hex(n), 12, '0') AS uuid) $$"""
PLANS: Final = f"""
    CREATE FUNCTION pg_temp.plan(kind int, plans int, week timestamptz)
    RETURNS TABLE (n int, start timestamp, space uuid) LANGUAGE sql AS $$
        SELECT n, CASE kind
                  WHEN 3 THEN monday - interval '{BACK} days' + make_interval(secs => n * 7919 % 1380 * 60)
                  WHEN 4 THEN monday + make_interval(secs => 2 * {SLOT_S} * (n - 1))
                  ELSE monday - interval '260 weeks' + make_interval(hours => n) END,
               CASE kind WHEN 3 THEN pg_temp.id(2, 1 + (n - 1) / {OF_A_PERSON}) WHEN 4 THEN '{ROOM}' END
        FROM generate_series(1, plans) AS n, CAST(week AT TIME ZONE 'UTC' AS timestamp) AS monday $$"""
MONDAY: Final = "SELECT date_trunc('week', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' + interval '1 week'"
INDEXES: Final = """
    SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'session' AND indexname <> 'session_pkey'"""

KINDS: Final = {
    3: {"duration": "PT1H", "rrule": "FREQ=DAILY", "every": "1 day", "exclusive": "{}"},
    4: {"duration": f"PT{SLOT_S // 60}M", "rrule": "FREQ=WEEKLY", "every": "1 week", "exclusive": "{space}"},
    5: {"duration": "PT1H", "rrule": "FREQ=WEEKLY", "every": "1 week", "exclusive": "{}"},
}
"""The daily plans, those in the room, the old ones."""


def fill(url: str, rows: int) -> Stock:
    """Make the schema on the server of `url` and store about so many sessions."""
    engine = database.connect(url)
    migrate.upgrade(engine)
    with database.transaction(engine) as (tx, now):
        key = keys.create(tx, "Bench", Role.ADMIN, now)
        caller = keys.authenticate(tx, key)
    engine.dispose()
    assert caller is not None
    with psycopg.connect(url, autocommit=True) as sql:
        return Stock(
            key, caller.tenant_id, *stored(sql, caller.tenant_id, max(OF_A_PERSON, rows // (BACK + AHEAD - 1)))
        )


def stored(sql: psycopg.Connection, tenant: UUID, plans: int) -> tuple[int, datetime]:
    """Store everything, with so many daily plans; how many sessions there are, and when the week begins."""
    [[week]] = sql.execute(MONDAY).fetchall()
    shared = {"tenant": tenant, "week": week, "people": 1 + plans // OF_A_PERSON, "since": "2020-01-01T00:00:00Z",
              "edition": recurrence.tzdata_version()}  # fmt: skip
    counts = {3: plans, 4: IN_THE_ROOM, 5: OLD}
    indexes = sql.execute(INDEXES).fetchall()
    for statement in (NAMES, PLANS):
        sql.execute(statement)
    with sql.transaction():
        sql.execute("SET LOCAL session_replication_role = replica")  # what is written here refers to what is there
        for name, _ in indexes:
            sql.execute(f"DROP INDEX {name}")
        for statement in (PEOPLE, SPACES):
            sql.execute(statement, shared)
        for kind, told in KINDS.items():
            for statement in (SERIES, SEGMENTS, SESSIONS):
                sql.execute(statement, {**shared, **told, "kind": kind, "plans": counts[kind]})
        sql.execute(ENROLMENTS, {**shared, "plans": plans})
        sql.execute(BOOKINGS)
        for _, definition in indexes:
            sql.execute(definition)
    sql.execute("VACUUM (ANALYZE)")
    sql.execute("CHECKPOINT")  # so that none falls into what is measured
    [[sessions]] = sql.execute("SELECT count(*) FROM session").fetchall()
    return sessions, week


def person(number: int) -> UUID:
    """The id of a person, from 1 on; each has seventy sessions in a week."""
    return UUID(int=(1 << 96) | (0x7000 << 64) | (0x8000 << 48) | number)


def plan(kind: int, number: int) -> UUID:
    """The id of a plan of a kind, from 1 on."""
    return UUID(int=(kind << 96) | (0x7000 << 64) | (0x8000 << 48) | number)


def space(number: int) -> UUID:
    """The id of a space, from 1 on; only the daily plans are there, and they share it."""
    return plan(2, number)
