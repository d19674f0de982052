"""a start touches no index: what finds it, and what finds the step after it, is the same before and after it"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = ["tenant_id", "series_id", "recurrence_id"]
DUE = sa.text("next_due_at IS NOT NULL")
STARTS = sa.text("start_at IS NOT NULL")
LATER = sa.text("later_at IS NOT NULL")
START_AT = (
    "CASE WHEN next_step = 'START' THEN next_due_at WHEN next_step = 'END' AND state = 'IN_PROGRESS' THEN starts_at END"
)
LATER_STEP = "CASE next_step WHEN 'START' THEN 'END' ELSE next_step END"
LATER_AT = "CASE next_step WHEN 'START' THEN end_due_at ELSE next_due_at END"

FORGET = """
    CREATE FUNCTION forget_transitions() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM transition t USING gone
        WHERE (t.tenant_id, t.series_id, t.recurrence_id) = (gone.tenant_id, gone.series_id, gone.recurrence_id);
        RETURN NULL;
    END $$"""

ON_DELETE = """
    CREATE TRIGGER forget_transitions AFTER DELETE ON session REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION forget_transitions()"""


def upgrade() -> None:
    op.drop_index("session_due_idx", table_name="session", postgresql_where=DUE)
    for name, kind, expression in (
        ("start_at", sa.DateTime(timezone=True), START_AT),
        ("later_step", sa.Text(), LATER_STEP),
        ("later_at", sa.DateTime(timezone=True), LATER_AT),
    ):
        op.add_column("session", sa.Column(name, kind, sa.Computed(expression, persisted=True), nullable=True))
    op.create_index("session_start_idx", "session", ["start_at", "series_id"], postgresql_where=STARTS)
    op.create_index("session_later_idx", "session", ["later_step", "later_at"], postgresql_where=LATER)
    op.execute("ALTER TABLE session SET (fillfactor = 80)")
    op.drop_constraint(op.f("transition_tenant_id_series_id_recurrence_id_fkey"), "transition", type_="foreignkey")
    op.execute(FORGET)
    op.execute(ON_DELETE)


def downgrade() -> None:
    op.execute("DROP TRIGGER forget_transitions ON session")
    op.execute("DROP FUNCTION forget_transitions")
    op.create_foreign_key(
        op.f("transition_tenant_id_series_id_recurrence_id_fkey"), "transition", "session", KEY, KEY, ondelete="CASCADE"
    )
    op.execute("ALTER TABLE session RESET (fillfactor)")
    op.drop_index("session_later_idx", table_name="session", postgresql_where=LATER)
    op.drop_index("session_start_idx", table_name="session", postgresql_where=STARTS)
    for name in ("later_at", "later_step", "start_at"):
        op.drop_column("session", name)
    op.create_index("session_due_idx", "session", ["next_step", "next_due_at"], postgresql_where=DUE)
