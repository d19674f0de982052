"""What the database can do at most: state alone is changed in one statement, and the ledger written in another.

On a copy of the sessions, in the same order, with every index but the one that finds what is due, and with room on its
pages: so no index is touched (HOT). The copy of the ledger is empty. Both copies have every other column, constraint
and index of the originals.
"""

import time
from typing import Final

import psycopg

COPY: Final = (
    "DROP TABLE IF EXISTS session_copy, transition_copy",
    "CREATE TABLE session_copy (LIKE session INCLUDING ALL EXCLUDING GENERATED)",
    "CREATE TABLE transition_copy (LIKE transition INCLUDING ALL)",
    "ALTER TABLE session_copy SET (fillfactor = 80, autovacuum_enabled = off)",
    "ALTER TABLE transition_copy SET (autovacuum_enabled = off)",
)
OF_STATE: Final = """
    SELECT indexname FROM pg_indexes WHERE tablename = 'session_copy' AND indexdef ~ 'start_at|later_at'"""
ROWS: Final = """
    INSERT INTO session_copy SELECT * FROM session
    ORDER BY tenant_id, series_id, recurrence_id"""
HERD: Final = "SELECT starts_at FROM transition JOIN session USING (tenant_id, series_id, recurrence_id) LIMIT 1"
CHANGE: Final = "UPDATE session_copy SET state = 'COMPLETED' WHERE starts_at = %(instant)s"
ENTER: Final = """
    INSERT INTO transition_copy (tenant_id, series_id, recurrence_id, seq, kind, effective_at, applied_at, actor,
                                 outcome)
    SELECT tenant_id, series_id, recurrence_id, 1, 'start', starts_at, clock_timestamp(), 'system', 'on_time'
    FROM session_copy WHERE starts_at = %(instant)s"""


def rate(sql: psycopg.Connection) -> float:
    """Sessions a second for the herd that was started last."""
    instant = {"instant": sql.execute(HERD).fetchall()[0][0]}
    for statement in COPY:
        sql.execute(statement)
    for (name,) in sql.execute(OF_STATE).fetchall():
        sql.execute(f"DROP INDEX {name}")
    sql.execute(ROWS)
    sql.execute("CHECKPOINT")
    sql.execute("VACUUM (ANALYZE) session_copy")
    began = time.perf_counter()
    changed = sql.execute(CHANGE, instant).rowcount
    entered = sql.execute(ENTER, instant).rowcount
    took_s = time.perf_counter() - began
    assert changed == entered > 0
    sql.execute("DROP TABLE session_copy, transition_copy")
    return changed / took_s
