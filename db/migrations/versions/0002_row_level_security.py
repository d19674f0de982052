"""row-level security: the API sees one tenant, the system sees all

The two roles belong to the cluster, not to this database, and are left in place on the way down: another
database of the cluster may use them.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROLES = ("sessionbeat_api", "sessionbeat_worker")
TENANT_TABLES = (
    "api_key",
    "app_user",
    "routine",
    "program",
    "timeline",
    "space",
    "subject",
    "series",
    "segment",
    "enrolment",
    "session",
    "transition",
    "booking",
    "attendance",
    "session_metrics",
)

MAKE_ROLE = """
DO $$ BEGIN
    CREATE ROLE {role} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""


def upgrade() -> None:
    for role in ROLES:
        op.execute(MAKE_ROLE.format(role=role))
        op.execute(f"GRANT {role} TO CURRENT_USER")
        op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON tenant FROM sessionbeat_api")
    for table in ("tenant", *TENANT_TABLES):
        key = "id" if table == "tenant" else "tenant_id"
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_tenant ON {table} TO sessionbeat_api "
            f"USING ({key} = (SELECT current_setting('app.tenant')::uuid))"
        )
        op.execute(f"CREATE POLICY all_tenants ON {table} TO sessionbeat_worker USING (true)")


def downgrade() -> None:
    for table in ("tenant", *TENANT_TABLES):
        op.execute(f"DROP POLICY own_tenant ON {table}")
        op.execute(f"DROP POLICY all_tenants ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for role in ROLES:
        op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        op.execute(f"REVOKE ALL ON SCHEMA public FROM {role}")
