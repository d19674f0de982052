"""what Python can't read can't be stored: years beyond 9999, infinities, nulls in a list, unknown words"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

FIRST, LAST = "'0001-01-01 00:00:00+00'", "'9999-12-31 23:59:59.999999+00'"
LISTS = """
    array_position(rdates || exdates, NULL) IS NULL AND array_position(excluded_days, NULL) IS NULL
    AND '0001-01-01' <= ALL (excluded_days) AND '9999-12-31' >= ALL (excluded_days)
"""


def years(columns: str) -> str:
    """That these columns lie in the years 1 to 9999."""
    return f"least({columns}) >= {FIRST} AND greatest({columns}) <= {LAST}"


CHECKS = {
    "series": {"instants_readable": years("tracked_from, created_at, updated_at, removed_at")},
    "segment": {
        "gap": "gap IN ('SHIFT', 'SKIP')",
        "fold": "fold IN ('FIRST', 'SECOND')",
        "wall_times_readable": years("from_local, dtstart, counted_until"),
        "instants_readable": years("materialized_until, next_materialize_at, removed_at"),
        "lists_readable": LISTS,
        "lengths_readable": """
            least(late_after, misfire_grace) >= '0' AND greatest(late_after, misfire_grace) <= '36525 days'
        """,
    },
    "session": {
        "wall_times_readable": years("recurrence_id, moved_to_local"),
        "instants_readable": years("starts_at, ends_at, end_due_at, started_at, ended_at, next_due_at, removed_at"),
        "misfire_grace_readable": "misfire_grace BETWEEN '0' AND '36525 days'",
    },
    "waiting": {"look_at_readable": years("look_at")},
    "attendance_import": {"instants_readable": years("created_at, finished_at")},
}


def upgrade() -> None:
    for table, checks in CHECKS.items():
        added = ", ".join(f"ADD CONSTRAINT {table}_{name}_check CHECK ({rule})" for name, rule in checks.items())
        op.execute(f"ALTER TABLE {table} {added}")  # each table is looked through once


def downgrade() -> None:
    for table, checks in CHECKS.items():
        dropped = ", ".join(f"DROP CONSTRAINT {table}_{name}_check" for name in checks)
        op.execute(f"ALTER TABLE {table} {dropped}")
