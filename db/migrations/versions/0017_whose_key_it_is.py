"""whose key it is, asked before a transaction is confined"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEY_HOLDER = """
    CREATE FUNCTION key_holder(digest bytea)
    RETURNS TABLE (tenant_id uuid, id uuid, role text, last_used_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        RETURN QUERY SELECT k.tenant_id, k.id, CAST(k.role AS text), k.last_used_at FROM api_key k
        WHERE k.key_hash = digest AND k.revoked_at IS NULL;
    END $$"""

SIGNATURE = "key_holder(bytea)"


def upgrade() -> None:
    op.execute(KEY_HOLDER)
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO sessionbeat_worker")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
