"""drop-ins, waitlists, presence, late cancels, activities, and a fuller completion record"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OWN_TABLES = ("waiting", "presence", "withdrawal")
STARTS = "auto_start IN ('SCHEDULED', 'FIRST_CHECK_IN', 'MANUAL')"
STARTS_BEFORE = "auto_start IN ('SCHEDULED', 'MANUAL')"
COLUMNS: dict[str, tuple[sa.Column[object], ...]] = {
    "app_user": (sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),),
    "routine": (sa.Column("activities", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),),
    "enrolment": (sa.Column("drop_in", sa.Boolean(), server_default=sa.false(), nullable=False),),
    "session": (
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("done", sa.ARRAY(sa.Text()), nullable=True),
    ),
    "attendance": (sa.Column("done", sa.ARRAY(sa.Text()), nullable=True),),
    "session_metrics": (
        sa.Column("enrolled", sa.Integer(), server_default="0", nullable=False),
        sa.Column("presence_minutes", sa.Float(), nullable=True),
        sa.Column("progress", sa.Float(), nullable=True),
        sa.Column("completed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("fill_rate", sa.Float(), nullable=True),
    ),
}


def upgrade() -> None:
    op.drop_constraint(op.f("segment_auto_start_check"), "segment", type_="check")
    op.create_check_constraint(op.f("segment_auto_start_check"), "segment", STARTS)
    for table, columns in COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    op.create_check_constraint(op.f("session_capacity_positive_check"), "session", "capacity > 0")
    waiting()
    of_session(
        "presence",
        "checked_in_at",
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("checked_out_at >= checked_in_at", name=op.f("presence_in_before_out_check")),
    )
    of_session("withdrawal", None, sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False))
    for table in OWN_TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO sessionbeat_api, sessionbeat_worker")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_tenant ON {table} TO sessionbeat_api "
            "USING (tenant_id = (SELECT current_setting('app.tenant')::uuid))"
        )
        op.execute(f"CREATE POLICY all_tenants ON {table} TO sessionbeat_worker USING (true)")


def waiting() -> None:
    """The table of those who wait for a place."""
    op.create_table(
        "waiting",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("from_local", sa.DateTime(timezone=False), nullable=False),
        sa.Column("until_local", sa.DateTime(timezone=False), nullable=True),
        sa.Column("drop_in", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "series_id", "user_id", "from_local", name=op.f("waiting_pkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "series_id"],
            ["series.tenant_id", "series.id"],
            name=op.f("waiting_tenant_id_series_id_fkey"),
            ondelete="CASCADE",
        ),
        of_user("waiting"),
    )
    op.create_index(op.f("waiting_tenant_id_user_id_idx"), "waiting", ["tenant_id", "user_id"])


def of_session(table: str, key: str | None, *parts: sa.Column[object] | sa.CheckConstraint) -> None:
    """A table of what belongs to one person at one session; `key`: a column that leads to one of several rows."""
    op.create_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("recurrence_id", sa.DateTime(timezone=False), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint(
            "tenant_id", "series_id", "recurrence_id", "user_id", *([key] if key else []), name=op.f(f"{table}_pkey")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "series_id", "recurrence_id"],
            ["session.tenant_id", "session.series_id", "session.recurrence_id"],
            name=op.f(f"{table}_tenant_id_series_id_recurrence_id_fkey"),
            ondelete="CASCADE",
        ),
        of_user(table),
    )
    op.create_index(op.f(f"{table}_tenant_id_user_id_idx"), table, ["tenant_id", "user_id"])


def of_user(table: str) -> sa.ForeignKeyConstraint:
    """The foreign key of a row that is about a person."""
    return sa.ForeignKeyConstraint(
        ["tenant_id", "user_id"],
        ["app_user.tenant_id", "app_user.id"],
        name=op.f(f"{table}_tenant_id_user_id_fkey"),
    )


def downgrade() -> None:
    for table in OWN_TABLES:
        op.drop_table(table)
    op.drop_constraint(op.f("session_capacity_positive_check"), "session", type_="check")
    for table, columns in reversed(COLUMNS.items()):
        for column in columns:
            op.drop_column(table, column.name)
    op.execute("UPDATE segment SET auto_start = 'MANUAL' WHERE auto_start = 'FIRST_CHECK_IN'")
    op.drop_constraint(op.f("segment_auto_start_check"), "segment", type_="check")
    op.create_check_constraint(op.f("segment_auto_start_check"), "segment", STARTS_BEFORE)
