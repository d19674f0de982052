"""Sessions in a database, as many as a bench wants, in the order in which materializing leaves them in the table: plan
by plan, each plan's sessions in the order of time.

A plan has some sessions that lie ahead, one a day, perhaps some that fall due while the bench runs, and perhaps a past:
a session a day that ran its course, with the ledger of it, stored before all that lies ahead. Keys grow with the plans,
as those made in order of time do. Indexes are built after the rows, at once. Neither sessions nor ledger get an
autovacuum; they are vacuumed before anything is measured.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import psycopg

import recurrence

TENANT: Final = "00000000-0000-7000-8000-000000000000"
SERIES_ID: Final = "CAST(lpad(to_hex(plan), 12, '0') || '70008000000000000000' AS uuid)"

EMPTY: Final = """
    ALTER TABLE session SET (autovacuum_enabled = off);
    ALTER TABLE transition SET (autovacuum_enabled = off);
    TRUNCATE tenant CASCADE;
    TRUNCATE transition, ledger_batch, tally"""

TENANTS: Final = f"INSERT INTO tenant (id, name, time_zone, created_at) VALUES ('{TENANT}', 'Bench', 'UTC', now())"

SERIES: Final = f"""
    INSERT INTO series (tenant_id, id, type, tracked_from, created_at, updated_at, version)
    SELECT '{TENANT}', {SERIES_ID}, 'RECURRING', now(), now(), now(), 1 FROM generate_series(1, %(plans)s) AS plan"""

SEGMENTS: Final = f"""
    INSERT INTO segment (tenant_id, series_id, from_local, dtstart, time_zone, all_day, duration, rrule, rdates,
                         exdates, excluded_days, gap, fold, title, exclusive, auto_start, auto_end, materialized_until,
                         next_materialize_at, tzdata_version, version)
    SELECT '{TENANT}', {SERIES_ID}, '2026-01-01', '2026-01-01', 'UTC', false, 'PT1H', 'FREQ=DAILY', '{{}}', '{{}}',
           '{{}}', 'SHIFT', 'FIRST', 'Pilates', '{{}}', 'SCHEDULED', true, now() + interval '60 days',
           now() + interval '2 days', %(edition)s, 1
    FROM generate_series(1, %(plans)s) AS plan"""

SESSIONS: Final = f"""
    INSERT INTO session (tenant_id, series_id, recurrence_id, segment_from, starts_at, ends_at, end_due_at, tracked,
                         state, seq, started_at, ended_at, next_step, next_due_at)
    SELECT '{TENANT}', {SERIES_ID}, starts_at AT TIME ZONE 'UTC', '2026-01-01', starts_at,
           starts_at + %(lasts)s, starts_at + %(lasts)s, true, life.*
    FROM (
        SELECT plan, day < 0,
               date_trunc('day', now()) + make_interval(days => day, secs => CAST(plan AS bigint) * 7919 %% 86400)
        FROM generate_series(1, %(plans)s) AS plan, generate_series(-%(behind)s - 1, %(ahead)s + 1) AS day
        WHERE day NOT BETWEEN -1 AND 1
        UNION ALL
        SELECT plan, false, starts_at
        FROM unnest(CAST(%(firsts)s AS bigint[]), CAST(%(steps)s AS bigint[]), CAST(%(dues)s AS timestamptz[]))
             AS due (first, step, starts_at), generate_series(first, %(plans)s, step) AS plan
    ) AS wanted (plan, is_over, starts_at), LATERAL (
        SELECT 'SCHEDULED', 0, NULL, NULL, 'START', starts_at WHERE NOT is_over
        UNION ALL
        SELECT 'COMPLETED', 2, starts_at, starts_at + %(lasts)s, NULL, NULL WHERE is_over
    ) AS life (state, seq, began, over, step, due_at)
    ORDER BY is_over DESC, plan, starts_at"""

LEDGER: Final = """
    INSERT INTO transition (tenant_id, series_id, recurrence_id, seq, kind, effective_at, applied_at, actor, outcome)
    SELECT tenant_id, series_id, recurrence_id, entry.*, entry.effective_at, 'system', 'on_time'
    FROM session, LATERAL (VALUES (1, 'start', started_at), (2, 'end', ended_at)) AS entry (seq, kind, effective_at)
    WHERE state = 'COMPLETED'
    ORDER BY recurrence_id, series_id, seq"""

TRIES: Final = 9  # each waits a second for the other to give way

INDEXES: Final = """
    SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'session' AND indexname <> 'session_pkey'"""


class Due(NamedTuple):
    """Sessions that start at one instant: of the plan `first` and of each `step`-th after it."""

    starts_at: datetime
    first: int
    step: int


def fill(
    sql: psycopg.Connection, plans: int, ahead: int, due: Sequence[Due], lasts: str = "1 hour", behind: int = 0
) -> None:
    """Empty the database, and store so many plans, each with `ahead` sessions ahead, those in `due` and `behind` past
    ones; vacuum.
    """
    for statement in EMPTY.split(";"):
        insist(sql, statement)
    firsts, steps, dues = [one.first for one in due], [one.step for one in due], [one.starts_at for one in due]
    indexes = sql.execute(INDEXES).fetchall()
    with sql.transaction():
        sql.execute("SET LOCAL session_replication_role = replica")  # what is written here refers to what is there
        sql.execute(TENANTS)
        sql.execute(SERIES, {"plans": plans})
        sql.execute(SEGMENTS, {"plans": plans, "edition": recurrence.tzdata_version()})
        for name, _ in indexes:
            sql.execute(f"DROP INDEX {name}")
        sql.execute(SESSIONS, {"plans": plans, "ahead": ahead, "behind": behind, "lasts": lasts, "firsts": firsts,
                               "steps": steps, "dues": dues})  # fmt: skip
        for _, definition in indexes:
            sql.execute(definition)
        sql.execute(LEDGER)
    sql.execute("VACUUM (ANALYZE) session")
    sql.execute("VACUUM (ANALYZE) transition")
    sql.execute("VACUUM (ANALYZE) segment")
    sql.execute("CHECKPOINT")  # none falls into what is measured, and each page it touches is logged whole, once


def insist(sql: psycopg.Connection, statement: str) -> None:
    """Run a statement that locks whole tables, again where it and what runs beside it wait for each other."""
    for _ in range(TRIES):
        try:
            sql.execute(statement)
            return
        except psycopg.errors.DeadlockDetected:
            continue
    sql.execute(statement)
