"""marks that come in bulk; a mark costs no look at its session any more"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEY = ["tenant_id", "series_id", "recurrence_id"]
OF_SESSION = "attendance_tenant_id_series_id_recurrence_id_fkey"

FORGET = """
    CREATE FUNCTION forget_attendance() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM attendance a USING gone
        WHERE (a.tenant_id, a.series_id, a.recurrence_id) = (gone.tenant_id, gone.series_id, gone.recurrence_id);
        RETURN NULL;
    END $$"""

ON_DELETE = """
    CREATE TRIGGER forget_attendance AFTER DELETE ON session REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION forget_attendance()"""

OWN_TABLES = ("attendance_import", "attendance_import_row")
MARKS = "mark IN ('EXPECTED', 'PRESENT', 'LATE', 'ABSENT', 'EXCUSED')"
OUTCOMES = "outcome IN ('UNCHANGED', 'REFUSED')"


def upgrade() -> None:
    op.drop_constraint(op.f(OF_SESSION), "attendance", type_="foreignkey")
    op.execute(FORGET)
    op.execute(ON_DELETE)
    deliveries()
    rows()
    for table in OWN_TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO sessionbeat_api, sessionbeat_worker")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_tenant ON {table} TO sessionbeat_api "
            "USING (tenant_id = (SELECT current_setting('app.tenant')::uuid))"
        )
        op.execute(f"CREATE POLICY all_tenants ON {table} TO sessionbeat_worker USING (true)")


def deliveries() -> None:
    """The table of what was sent."""
    op.create_table(
        "attendance_import",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("done_until", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("marked", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("attendance_import_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("attendance_import_pkey")),
    )
    waiting = sa.text("finished_at IS NULL")
    op.create_index("attendance_import_waiting_idx", "attendance_import", ["created_at"], postgresql_where=waiting)
    op.create_index(op.f("attendance_import_finished_at_idx"), "attendance_import", ["finished_at"])


def rows() -> None:
    """The table of its rows."""
    op.create_table(
        "attendance_import_row",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("session", sa.Text(), nullable=True),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("recurrence_id", sa.DateTime(timezone=False), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("mark", sa.Text(), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint(MARKS, name=op.f("attendance_import_row_mark_check")),
        sa.CheckConstraint(OUTCOMES, name=op.f("attendance_import_row_outcome_check")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "import_id"],
            ["attendance_import.tenant_id", "attendance_import.id"],
            name=op.f("attendance_import_row_tenant_id_import_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "import_id", "line", name=op.f("attendance_import_row_pkey")),
    )


def downgrade() -> None:
    for table in reversed(OWN_TABLES):
        op.drop_table(table)
    op.execute("DROP TRIGGER forget_attendance ON session")
    op.execute("DROP FUNCTION forget_attendance")
    op.create_foreign_key(op.f(OF_SESSION), "attendance", "session", KEY, KEY, ondelete="CASCADE")
