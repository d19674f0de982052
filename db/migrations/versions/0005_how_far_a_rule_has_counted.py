"""how far a rule has counted stands with its segment"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("segment", sa.Column("counted_until", sa.DateTime(), nullable=True))
    op.add_column("segment", sa.Column("counted", sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("segment_cursor_whole_check"), "segment", "(counted_until IS NULL) = (counted IS NULL)"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("segment_cursor_whole_check"), "segment")
    op.drop_column("segment", "counted")
    op.drop_column("segment", "counted_until")
