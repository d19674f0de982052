"""what a change of the zones leaves without a place is found quickly; what the auditor found"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

CLASH = sa.text("clash IS NOT NULL")
MISMATCH = sa.text("mismatch IS NOT NULL")


def upgrade() -> None:
    op.add_column("segment", sa.Column("mismatch", sa.Text(), nullable=True))
    op.create_index("segment_mismatch_idx", "segment", ["tenant_id", "series_id"], postgresql_where=MISMATCH)
    op.create_index("session_clash_idx", "session", ["tenant_id", "starts_at"], postgresql_where=CLASH)
    op.create_table(
        "audit",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=True),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("from_local", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("audit_pkey")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON audit TO sessionbeat_worker")


def downgrade() -> None:
    op.drop_table("audit")
    op.drop_index("session_clash_idx", table_name="session", postgresql_where=CLASH)
    op.drop_index("segment_mismatch_idx", table_name="segment", postgresql_where=MISMATCH)
    op.drop_column("segment", "mismatch")
