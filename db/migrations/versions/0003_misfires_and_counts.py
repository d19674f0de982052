"""a start may come too late; what is counted survives the process that counted it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SET_ASIDE = sa.text("set_aside IS NOT NULL")


def upgrade() -> None:
    op.add_column("segment", sa.Column("misfire_grace", sa.Interval(), nullable=True))
    op.add_column("session", sa.Column("misfire_grace", sa.Interval(), nullable=True))
    op.create_index(op.f("segment_tzdata_version_idx"), "segment", ["tzdata_version"])
    for table in ("segment", "session"):
        name = op.f(f"{table}_tenant_id_series_id_idx")
        op.create_index(name, table, ["tenant_id", "series_id"], postgresql_where=SET_ASIDE)
    op.create_table(
        "tally",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("labels", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("amounts", postgresql.ARRAY(sa.Float()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("tally_pkey")),
    )
    op.execute("GRANT SELECT, INSERT, DELETE, UPDATE ON tally TO sessionbeat_worker")
    op.execute("GRANT INSERT ON tally TO sessionbeat_api")


def downgrade() -> None:
    op.drop_table("tally")
    for table in ("session", "segment"):
        op.drop_index(op.f(f"{table}_tenant_id_series_id_idx"), table_name=table, postgresql_where=SET_ASIDE)
    op.drop_index(op.f("segment_tzdata_version_idx"), table_name="segment")
    op.drop_column("session", "misfire_grace")
    op.drop_column("segment", "misfire_grace")
