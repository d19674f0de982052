"""answers of POST are kept to be repeated; who changed what; when the ledger was written to; names and uses of keys"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OWN_TABLES = ("idempotency_key", "change_log")
TRANSACTION = sa.text("CAST(CAST(pg_current_xact_id() AS text) AS bigint)")
ROLES = "role IN ('feed', 'viewer', 'staff', 'admin')"
ROLES_BEFORE = "role IN ('viewer', 'staff', 'admin')"


def upgrade() -> None:
    op.add_column("api_key", sa.Column("name", sa.Text(), nullable=True))
    op.add_column("api_key", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("api_key_role_check"), "api_key", type_="check")
    op.create_check_constraint(op.f("api_key_role_check"), "api_key", ROLES)
    kept_answers()
    changes()
    for table in OWN_TABLES:
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO sessionbeat_api, sessionbeat_worker")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_tenant ON {table} TO sessionbeat_api "
            "USING (tenant_id = (SELECT current_setting('app.tenant')::uuid))"
        )
        op.execute(f"CREATE POLICY all_tenants ON {table} TO sessionbeat_worker USING (true)")
    op.execute("REVOKE UPDATE, DELETE ON change_log FROM sessionbeat_api")
    op.execute("GRANT SELECT, INSERT ON ledger_batch TO sessionbeat_api")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_batch TO sessionbeat_worker")


def kept_answers() -> None:
    """The table of answers that are repeated."""
    op.create_table(
        "idempotency_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.LargeBinary(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("idempotency_key_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "scope", name=op.f("idempotency_key_pkey")),
    )
    op.create_index(op.f("idempotency_key_created_at_idx"), "idempotency_key", ["created_at"])


def changes() -> None:
    """The log of what people did, and how the ledger's rows are found in the order of their transactions."""
    op.create_table(
        "change_log",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), server_default=TRANSACTION, nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("change_log_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "transaction_id", "seq", name=op.f("change_log_pkey")),
    )
    op.create_table(
        "ledger_batch",
        sa.Column("transaction_id", sa.BigInteger(), server_default=TRANSACTION, nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("transaction_id", "applied_at", name=op.f("ledger_batch_pkey")),
    )
    op.create_index(
        "transition_applied_at_idx",
        "transition",
        ["applied_at"],
        postgresql_using="brin",
        postgresql_with={"pages_per_range": 32, "autosummarize": "true"},
    )


def downgrade() -> None:
    op.drop_index("transition_applied_at_idx", table_name="transition")
    op.drop_table("ledger_batch")
    op.drop_table("change_log")
    op.drop_table("idempotency_key")
    op.execute("DELETE FROM api_key WHERE role = 'feed'")
    op.drop_constraint(op.f("api_key_role_check"), "api_key", type_="check")
    op.create_check_constraint(op.f("api_key_role_check"), "api_key", ROLES_BEFORE)
    op.drop_column("api_key", "last_used_at")
    op.drop_column("api_key", "name")
