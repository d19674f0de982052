"""a plan says how many may come, when somebody is late, and how much is enough"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CHECKS = {
    "capacity_positive": "capacity > 0",
    "late_after_positive": "late_after >= '0'",
    "completion_threshold_fraction": "completion_threshold > 0 AND completion_threshold <= 1",
}


def upgrade() -> None:
    op.add_column("segment", sa.Column("capacity", sa.Integer(), nullable=True))
    op.add_column("segment", sa.Column("late_after", sa.Interval(), server_default="PT5M", nullable=False))
    op.add_column("segment", sa.Column("completion_threshold", sa.Float(), server_default="1", nullable=False))
    op.add_column("segment", sa.Column("sync_dtstart", sa.Boolean(), server_default=sa.true(), nullable=False))
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"segment_{name}_check"), "segment", condition)


def downgrade() -> None:
    for name in CHECKS:
        op.drop_constraint(op.f(f"segment_{name}_check"), "segment", type_="check")
    for name in ("sync_dtstart", "completion_threshold", "late_after", "capacity"):
        op.drop_column("segment", name)
