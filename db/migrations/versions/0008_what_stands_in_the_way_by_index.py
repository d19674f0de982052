"""what stands in the way of a plan is found quickly: plans by their time of day, bookings by their index

Plain segments (`recurrence.slot`) tell their time of day and their length in seconds, so that a query can leave out
those that can't meet a new one.

`&&` is not leakproof, so that row-level security keeps it from the index of the exclusion constraint: all bookings of a
space would be read for one class. The function runs as the owner of the table, and confines itself to the tenant of the
transaction.

Dates that a plan leaves out because they are taken say so in `left_out`.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PLAIN = """
    duration LIKE 'PT%' AND NOT all_day AND rdates = '{}'
    AND (rrule IS NULL OR rrule NOT LIKE ALL ('{%HOUR%,%MINUTE%,%SECOND%}'))
"""
BEGINS_S = f"CASE WHEN {PLAIN} THEN CAST(date_part('epoch', CAST(dtstart AS time)) AS integer) END"
LASTS_S = f"""
    CASE WHEN {PLAIN} THEN coalesce(CAST(substring(duration, '([0-9]+)H') AS integer) * 3600, 0)
        + coalesce(CAST(substring(duration, '([0-9]+)M') AS integer) * 60, 0)
        + coalesce(CAST(substring(duration, '([0-9]+)S') AS integer), 0) END
"""

BOOKED = """
    CREATE FUNCTION booked(tenant uuid, resources uuid[], wanted tstzmultirange) RETURNS SETOF booking
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        RETURN QUERY SELECT b.* FROM unnest(resources) AS r (id) JOIN booking b ON b.resource = r.id
        WHERE b.during && wanted
          AND b.tenant_id = coalesce(CAST(nullif(current_setting('app.tenant', true), '') AS uuid), tenant);
    END $$"""

SIGNATURE = "booked(uuid, uuid[], tstzmultirange)"


def upgrade() -> None:
    for name, expression in (("begins_s", BEGINS_S), ("lasts_s", LASTS_S)):
        computed = sa.Computed(expression, persisted=True)
        op.add_column("segment", sa.Column(name, sa.Integer(), computed, nullable=True))
    left_out = sa.Column("left_out", postgresql.JSONB(), server_default="{}", nullable=False)
    op.add_column("segment", left_out)
    op.execute(BOOKED)
    op.execute(f"REVOKE ALL ON FUNCTION {SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {SIGNATURE} TO sessionbeat_api, sessionbeat_worker")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {SIGNATURE}")
    op.drop_column("segment", "left_out")
    op.drop_column("segment", "lasts_s")
    op.drop_column("segment", "begins_s")
