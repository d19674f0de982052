"""What must be true of the database whatever happened, each a query that finds the exceptions."""

import uuid

import psycopg
from psycopg import errors

MOST_TOLD = 3  # exceptions of one kind that are told one by one

NEVER = {
    "a transition has one row": """
        SELECT series_id, recurrence_id, kind, count(*) FROM transition GROUP BY 1, 2, 3 HAVING count(*) > 1""",
    "a session's transitions are counted without a gap": """
        SELECT s.series_id, s.recurrence_id, s.seq, count(t.seq), max(t.seq)
        FROM session s LEFT JOIN transition t USING (tenant_id, series_id, recurrence_id)
        GROUP BY 1, 2, 3 HAVING s.seq <> count(t.seq) OR s.seq <> coalesce(max(t.seq), 0)""",
    "nothing is applied before its instant": """
        SELECT series_id, recurrence_id, kind, effective_at, applied_at FROM transition
        WHERE applied_at < effective_at""",
    "nothing ends before it starts": """
        SELECT b.series_id, b.recurrence_id, a.kind, a.effective_at, b.kind, b.effective_at FROM transition a
        JOIN transition b USING (tenant_id, series_id, recurrence_id)
        WHERE a.seq < b.seq AND a.effective_at > b.effective_at""",
    "the state is what the ledger says": """
        SELECT s.series_id, s.recurrence_id, s.state, l.kind FROM session s LEFT JOIN LATERAL (
            SELECT kind FROM transition t WHERE (t.tenant_id, t.series_id, t.recurrence_id)
                                              = (s.tenant_id, s.series_id, s.recurrence_id)
            ORDER BY seq DESC LIMIT 1) l ON true
        WHERE s.state <> CASE l.kind WHEN 'start' THEN 'IN_PROGRESS' WHEN 'end' THEN 'COMPLETED'
                                     WHEN 'miss' THEN 'MISSED' WHEN 'cancel' THEN 'CANCELLED'
                                     ELSE 'SCHEDULED' END""",
    "what is not over has something due": """
        SELECT series_id, recurrence_id, state FROM session
        WHERE state IN ('SCHEDULED', 'IN_PROGRESS') AND next_due_at IS NULL AND removed_at IS NULL
          AND set_aside IS NULL AND tracked""",
    "no good row is set aside": """
        SELECT series_id, recurrence_id, set_aside FROM session WHERE set_aside IS NOT NULL
        UNION ALL SELECT series_id, from_local, set_aside FROM segment WHERE set_aside IS NOT NULL""",
    "the outcome says how late it was": """
        SELECT series_id, recurrence_id, kind, outcome, effective_at, applied_at FROM transition
        WHERE actor = 'system' AND (outcome, true) NOT IN (
            ('on_time', applied_at - effective_at < interval '10.01 s'),
            ('caught_up', applied_at - effective_at > interval '9.99 s'))""",
    "what took place is measured, and what did not is not": """
        SELECT s.series_id, s.recurrence_id, s.state, m.measured_at FROM session s
        LEFT JOIN session_metrics m USING (tenant_id, series_id, recurrence_id)
        WHERE (s.state = 'COMPLETED') <> (m.measured_at IS NOT NULL)""",
    "the completion record counts the marks": """
        SELECT m.series_id, m.recurrence_id, m.expected, m.present, m.absent FROM session_metrics m
        WHERE (m.expected, m.present, m.absent) <> (
            SELECT count(*), count(*) FILTER (WHERE mark = 'PRESENT'), count(*) FILTER (WHERE mark = 'ABSENT')
            FROM attendance a WHERE (a.tenant_id, a.series_id, a.recurrence_id)
                                  = (m.tenant_id, m.series_id, m.recurrence_id))""",
    "every plan has its segment": """
        SELECT s.id FROM series s LEFT JOIN segment g ON (g.tenant_id, g.series_id) = (s.tenant_id, s.id)
        WHERE g.series_id IS NULL""",
}

AGAIN = """
    INSERT INTO transition (tenant_id, series_id, recurrence_id, seq, kind, effective_at, applied_at, actor, outcome)
    SELECT tenant_id, series_id, recurrence_id, seq, kind, effective_at, applied_at, actor, outcome
    FROM transition LIMIT 1"""


REFUSES = "the ledger refuses a second row"


def broken(url: str) -> dict[str, list[str]]:
    """What does not hold, by the rule, a sentence for each exception; every rule is there."""
    found: dict[str, list[str]] = {}
    with psycopg.connect(url) as connection:
        for rule, query in NEVER.items():
            rows = connection.execute(query).fetchall()
            found[rule] = [", ".join(map(shown, row)) for row in rows[:MOST_TOLD]]
            if len(rows) > MOST_TOLD:
                found[rule].append(f"{len(rows) - MOST_TOLD} more")
        found[REFUSES] = [] if refuses_a_second_row(connection) else ["it took one"]
    return found


def refuses_a_second_row(connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
    """Whether the ledger's key stands: an attempt, taken back."""
    try:
        with connection.transaction(force_rollback=True):
            return connection.execute(AGAIN).rowcount == 0
    except errors.UniqueViolation:
        return True


def shown(value: object) -> str:
    """A value in short."""
    return str(value)[:13] if isinstance(value, uuid.UUID) else str(value)
