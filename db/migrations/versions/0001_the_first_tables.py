"""the first tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("heartbeat_pkey")),
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("tenant_pkey")),
        sa.UniqueConstraint("name", name=op.f("tenant_name_key")),
    )
    op.create_table(
        "api_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('viewer', 'staff', 'admin')", name=op.f("api_key_role_check")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("api_key_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("api_key_pkey")),
        sa.UniqueConstraint("key_hash", name=op.f("api_key_key_hash_key")),
    )
    op.create_table(
        "app_user",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role IN ('participant', 'instructor', 'staff')", name=op.f("app_user_role_check")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("app_user_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("app_user_pkey")),
        sa.UniqueConstraint("tenant_id", "email", name=op.f("app_user_tenant_id_email_key")),
    )
    op.create_table(
        "program",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("program_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("program_pkey")),
    )
    op.create_table(
        "routine",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("routine_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("routine_pkey")),
    )
    op.create_table(
        "series",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=True),
        sa.Column("tracked_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("type IN ('ONE_TIME', 'RECURRING', 'ONE_TIME_RANGE')", name=op.f("series_type_check")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("series_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("series_pkey")),
        sa.UniqueConstraint("tenant_id", "uid", name=op.f("series_tenant_id_uid_key")),
    )
    op.create_index(
        op.f("series_tenant_id_created_at_id_idx"),
        "series",
        ["tenant_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "space",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("space_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("space_pkey")),
    )
    op.create_table(
        "subject",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("subject_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("subject_pkey")),
    )
    op.create_table(
        "timeline",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("timeline_tenant_id_fkey")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("timeline_pkey")),
    )
    op.create_table(
        "enrolment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("from_local", sa.DateTime(), nullable=False),
        sa.Column("until_local", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "series_id"],
            ["series.tenant_id", "series.id"],
            name=op.f("enrolment_tenant_id_series_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("enrolment_tenant_id_user_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "series_id", "user_id", "from_local", name=op.f("enrolment_pkey")),
    )
    op.create_index(op.f("enrolment_tenant_id_user_id_idx"), "enrolment", ["tenant_id", "user_id"], unique=False)
    op.create_table(
        "segment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
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
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("routine_id", sa.Uuid(), nullable=True),
        sa.Column("program_id", sa.Uuid(), nullable=True),
        sa.Column("timeline_id", sa.Uuid(), nullable=True),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("instructor_id", sa.Uuid(), nullable=True),
        sa.Column("exclusive", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("auto_start", sa.Text(), nullable=False),
        sa.Column("auto_end", sa.Boolean(), nullable=False),
        sa.Column("materialized_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_materialize_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_aside", sa.Text(), nullable=True),
        sa.Column("tzdata_version", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("auto_start IN ('SCHEDULED', 'MANUAL')", name=op.f("segment_auto_start_check")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "instructor_id"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("segment_tenant_id_instructor_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "program_id"],
            ["program.tenant_id", "program.id"],
            name=op.f("segment_tenant_id_program_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "routine_id"],
            ["routine.tenant_id", "routine.id"],
            name=op.f("segment_tenant_id_routine_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "series_id"],
            ["series.tenant_id", "series.id"],
            name=op.f("segment_tenant_id_series_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "space_id"],
            ["space.tenant_id", "space.id"],
            name=op.f("segment_tenant_id_space_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subject_id"],
            ["subject.tenant_id", "subject.id"],
            name=op.f("segment_tenant_id_subject_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "timeline_id"],
            ["timeline.tenant_id", "timeline.id"],
            name=op.f("segment_tenant_id_timeline_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "series_id", "from_local", name=op.f("segment_pkey")),
    )
    op.create_index(
        op.f("segment_next_materialize_at_idx"),
        "segment",
        ["next_materialize_at"],
        unique=False,
        postgresql_where=sa.text("next_materialize_at IS NOT NULL"),
    )
    op.create_index(
        op.f("segment_tenant_id_instructor_id_idx"),
        "segment",
        ["tenant_id", "instructor_id"],
        unique=False,
        postgresql_where=sa.text("instructor_id IS NOT NULL"),
    )
    op.create_index(
        op.f("segment_tenant_id_program_id_idx"),
        "segment",
        ["tenant_id", "program_id"],
        unique=False,
        postgresql_where=sa.text("program_id IS NOT NULL"),
    )
    op.create_index(
        op.f("segment_tenant_id_routine_id_idx"),
        "segment",
        ["tenant_id", "routine_id"],
        unique=False,
        postgresql_where=sa.text("routine_id IS NOT NULL"),
    )
    op.create_index(
        op.f("segment_tenant_id_space_id_idx"),
        "segment",
        ["tenant_id", "space_id"],
        unique=False,
        postgresql_where=sa.text("space_id IS NOT NULL"),
    )
    op.create_index(
        op.f("segment_tenant_id_subject_id_idx"),
        "segment",
        ["tenant_id", "subject_id"],
        unique=False,
        postgresql_where=sa.text("subject_id IS NOT NULL"),
    )
    op.create_index(
        op.f("segment_tenant_id_timeline_id_idx"),
        "segment",
        ["tenant_id", "timeline_id"],
        unique=False,
        postgresql_where=sa.text("timeline_id IS NOT NULL"),
    )
    op.create_table(
        "session",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("recurrence_id", sa.DateTime(), nullable=False),
        sa.Column("segment_from", sa.DateTime(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress", sa.Float(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("next_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tracked", sa.Boolean(), nullable=False),
        sa.Column("moved_to_local", sa.DateTime(), nullable=True),
        sa.Column("moved_duration", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("instructor_id", sa.Uuid(), nullable=True),
        sa.Column("clash", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("set_aside", sa.Text(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("next_step IN ('START', 'END', 'CLOSE', 'MEASURE')", name=op.f("session_next_step_check")),
        sa.CheckConstraint(
            "state IN ('SCHEDULED', 'IN_PROGRESS', 'COMPLETED', 'MISSED', 'CANCELLED')",
            name=op.f("session_state_check"),
        ),
        sa.CheckConstraint("(next_step IS NULL) = (next_due_at IS NULL)", name=op.f("session_step_has_due_check")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("session_starts_before_it_ends_check")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "instructor_id"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("session_tenant_id_instructor_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "series_id", "segment_from"],
            ["segment.tenant_id", "segment.series_id", "segment.from_local"],
            name=op.f("session_tenant_id_series_id_segment_from_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "space_id"],
            ["space.tenant_id", "space.id"],
            name=op.f("session_tenant_id_space_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "series_id", "recurrence_id", name=op.f("session_pkey")),
    )
    op.create_index(
        "session_due_idx",
        "session",
        ["next_step", "next_due_at"],
        unique=False,
        postgresql_where=sa.text("next_due_at IS NOT NULL"),
    )
    op.create_index(op.f("session_tenant_id_ends_at_idx"), "session", ["tenant_id", "ends_at"], unique=False)
    op.create_index(
        op.f("session_tenant_id_instructor_id_idx"),
        "session",
        ["tenant_id", "instructor_id"],
        unique=False,
        postgresql_where=sa.text("instructor_id IS NOT NULL"),
    )
    op.create_index(
        op.f("session_tenant_id_space_id_idx"),
        "session",
        ["tenant_id", "space_id"],
        unique=False,
        postgresql_where=sa.text("space_id IS NOT NULL"),
    )
    op.create_index(
        op.f("session_tenant_id_starts_at_series_id_recurrence_id_idx"),
        "session",
        ["tenant_id", "starts_at", "series_id", "recurrence_id"],
        unique=False,
    )
    op.create_table(
        "attendance",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("recurrence_id", sa.DateTime(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("marked_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "mark IN ('EXPECTED', 'PRESENT', 'LATE', 'ABSENT', 'EXCUSED')", name=op.f("attendance_mark_check")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "series_id", "recurrence_id"],
            ["session.tenant_id", "session.series_id", "session.recurrence_id"],
            name=op.f("attendance_tenant_id_series_id_recurrence_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["app_user.tenant_id", "app_user.id"],
            name=op.f("attendance_tenant_id_user_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "series_id", "recurrence_id", "user_id", name=op.f("attendance_pkey")),
    )
    op.create_index(op.f("attendance_tenant_id_user_id_idx"), "attendance", ["tenant_id", "user_id"], unique=False)
    op.create_table(
        "booking",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("recurrence_id", sa.DateTime(), nullable=False),
        sa.Column("resource", sa.Uuid(), nullable=False),
        sa.Column("during", postgresql.TSTZRANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("resource"), "="),
            (sa.column("during"), "&&"),
            using="gist",
            name="booking_no_clash_excl",
        ),
        sa.CheckConstraint(
            "NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)",
            name=op.f("booking_during_bounded_check"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "series_id", "recurrence_id"],
            ["session.tenant_id", "session.series_id", "session.recurrence_id"],
            name=op.f("booking_tenant_id_series_id_recurrence_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "series_id", "recurrence_id", "resource", name=op.f("booking_pkey")),
    )
    op.create_table(
        "session_metrics",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("recurrence_id", sa.DateTime(), nullable=False),
        sa.Column("planned_minutes", sa.Float(), nullable=False),
        sa.Column("actual_minutes", sa.Float(), nullable=False),
        sa.Column("start_lateness_s", sa.Float(), nullable=False),
        sa.Column("end_lateness_s", sa.Float(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=False),
        sa.Column("absent", sa.Integer(), nullable=False),
        sa.Column("excused", sa.Integer(), nullable=False),
        sa.Column("attendance_rate", sa.Float(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "series_id", "recurrence_id"],
            ["session.tenant_id", "session.series_id", "session.recurrence_id"],
            name=op.f("session_metrics_tenant_id_series_id_recurrence_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "series_id", "recurrence_id", name=op.f("session_metrics_pkey")),
    )
    op.create_table(
        "transition",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=False),
        sa.Column("recurrence_id", sa.DateTime(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('start', 'end', 'miss', 'cancel', 'reinstate', 'correct')",
            name=op.f("transition_kind_check"),
        ),
        sa.CheckConstraint(
            "outcome IN ('on_time', 'caught_up', 'by_hand', 'overrun', 'misfire')",
            name=op.f("transition_outcome_check"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "series_id", "recurrence_id"],
            ["session.tenant_id", "session.series_id", "session.recurrence_id"],
            name=op.f("transition_tenant_id_series_id_recurrence_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "series_id", "recurrence_id", "seq", name=op.f("transition_pkey")),
    )


def downgrade() -> None:
    op.drop_table("transition")
    op.drop_table("session_metrics")
    op.drop_table("booking")
    op.drop_index(op.f("attendance_tenant_id_user_id_idx"), table_name="attendance")
    op.drop_table("attendance")
    op.drop_index(op.f("session_tenant_id_starts_at_series_id_recurrence_id_idx"), table_name="session")
    op.drop_index(
        op.f("session_tenant_id_space_id_idx"),
        table_name="session",
        postgresql_where=sa.text("space_id IS NOT NULL"),
    )
    op.drop_index(
        op.f("session_tenant_id_instructor_id_idx"),
        table_name="session",
        postgresql_where=sa.text("instructor_id IS NOT NULL"),
    )
    op.drop_index(op.f("session_tenant_id_ends_at_idx"), table_name="session")
    op.drop_index("session_due_idx", table_name="session", postgresql_where=sa.text("next_due_at IS NOT NULL"))
    op.drop_table("session")
    op.drop_index(
        op.f("segment_tenant_id_timeline_id_idx"),
        table_name="segment",
        postgresql_where=sa.text("timeline_id IS NOT NULL"),
    )
    op.drop_index(
        op.f("segment_tenant_id_subject_id_idx"),
        table_name="segment",
        postgresql_where=sa.text("subject_id IS NOT NULL"),
    )
    op.drop_index(
        op.f("segment_tenant_id_space_id_idx"),
        table_name="segment",
        postgresql_where=sa.text("space_id IS NOT NULL"),
    )
    op.drop_index(
        op.f("segment_tenant_id_routine_id_idx"),
        table_name="segment",
        postgresql_where=sa.text("routine_id IS NOT NULL"),
    )
    op.drop_index(
        op.f("segment_tenant_id_program_id_idx"),
        table_name="segment",
        postgresql_where=sa.text("program_id IS NOT NULL"),
    )
    op.drop_index(
        op.f("segment_tenant_id_instructor_id_idx"),
        table_name="segment",
        postgresql_where=sa.text("instructor_id IS NOT NULL"),
    )
    op.drop_index(
        op.f("segment_next_materialize_at_idx"),
        table_name="segment",
        postgresql_where=sa.text("next_materialize_at IS NOT NULL"),
    )
    op.drop_table("segment")
    op.drop_index(op.f("enrolment_tenant_id_user_id_idx"), table_name="enrolment")
    op.drop_table("enrolment")
    op.drop_table("timeline")
    op.drop_table("subject")
    op.drop_table("space")
    op.drop_index(
        op.f("series_tenant_id_created_at_id_idx"),
        table_name="series",
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.drop_table("series")
    op.drop_table("routine")
    op.drop_table("program")
    op.drop_table("app_user")
    op.drop_table("api_key")
    op.drop_table("tenant")
    op.drop_table("heartbeat")
