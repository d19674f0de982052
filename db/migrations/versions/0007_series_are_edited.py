"""a stretch of a plan can be removed; what a plan gave before it was edited is kept, so that old ids lead on"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("segment", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "former",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_local", sa.DateTime(), nullable=False),
        sa.Column("dtstart", sa.DateTime(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("duration", sa.Text(), nullable=False),
        sa.Column("rrule", sa.Text(), nullable=True),
        sa.Column("rdates", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("exdates", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("excluded_days", postgresql.ARRAY(sa.Date()), nullable=False),
        sa.Column("gap", sa.Text(), nullable=False),
        sa.Column("fold", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "series_id", "id", name=op.f("former_pkey")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "series_id"],
            ["series.tenant_id", "series.id"],
            name=op.f("former_tenant_id_series_id_fkey"),
            ondelete="CASCADE",
        ),
    )
    for role in ("sessionbeat_api", "sessionbeat_worker"):
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON former TO {role}")
    op.execute("ALTER TABLE former ENABLE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY own_tenant ON former TO sessionbeat_api "
        "USING (tenant_id = (SELECT current_setting('app.tenant')::uuid))"
    )
    op.execute("CREATE POLICY all_tenants ON former TO sessionbeat_worker USING (true)")


def downgrade() -> None:
    op.drop_table("former")
    op.drop_column("segment", "removed_at")
