"""what a report about a person asks of attendance lies in one place of an index"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OLD = "attendance_tenant_id_user_id_idx"
NEW = "attendance_of_person_idx"


def upgrade() -> None:
    op.create_index(
        NEW,
        "attendance",
        ["tenant_id", "user_id", "series_id", "recurrence_id"],
        postgresql_include=["mark", "marked_at"],
    )
    op.drop_index(op.f(OLD), "attendance")


def downgrade() -> None:
    op.create_index(op.f(OLD), "attendance", ["tenant_id", "user_id"])
    op.drop_index(NEW, "attendance")
