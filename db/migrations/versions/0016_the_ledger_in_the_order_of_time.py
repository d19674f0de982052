"""in the ledger's key time comes before the series: what a herd writes there lies together, however long the past is"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

KEY = "ALTER TABLE transition DROP CONSTRAINT transition_pkey, ADD CONSTRAINT transition_pkey PRIMARY KEY ({})"


def upgrade() -> None:
    op.execute(KEY.format("tenant_id, recurrence_id, series_id, seq"))


def downgrade() -> None:
    op.execute(KEY.format("tenant_id, series_id, recurrence_id, seq"))
