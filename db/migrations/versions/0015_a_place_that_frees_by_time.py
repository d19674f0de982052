"""who waits is looked at again when a session begins; one may wait for a session and for the plan from it on"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KEY = ["tenant_id", "series_id", "user_id", "from_local"]
AT_ONCE = "UPDATE waiting SET look_at = now() WHERE NOT drop_in"
TWICE = (
    "DELETE FROM waiting w WHERE drop_in AND EXISTS (SELECT FROM waiting o WHERE NOT o.drop_in AND (o.{0}) = (w.{1}))"
)


def upgrade() -> None:
    keyed_by([*KEY, "drop_in"])
    op.add_column("waiting", sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(AT_ONCE)
    op.create_index("waiting_look_at_idx", "waiting", ["look_at"], postgresql_where=sa.text("look_at IS NOT NULL"))


def downgrade() -> None:
    op.drop_index("waiting_look_at_idx", "waiting")
    op.drop_column("waiting", "look_at")
    op.execute(TWICE.format(", o.".join(KEY), ", w.".join(KEY)))
    keyed_by(KEY)


def keyed_by(columns: list[str]) -> None:
    """Let these columns name a row."""
    op.drop_constraint(op.f("waiting_pkey"), "waiting", type_="primary")
    op.create_primary_key(op.f("waiting_pkey"), "waiting", columns)
