"""The migrations build exactly what the models say, and can be undone."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from db import engine as database
from db import migrate, revision
from db.models import Base

CONSTRAINTS = text("""
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 ORDER BY 1, 2
""")
INDEXES = text("SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2")
TABLES = text("SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
UNCONFINED = text("""
    SELECT c.relname FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname NOT IN ('alembic_version', 'audit', 'heartbeat', 'ledger_batch', 'tally')
    AND (NOT relrowsecurity OR (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid) <> 2)
""")


@pytest.fixture
def empty(empty_database_url: str) -> Engine:
    """An engine on an empty database."""
    return database.connect(empty_database_url)


def shape(engine: Engine) -> list[tuple[str, ...]]:
    with engine.connect() as connection:
        rows = [*connection.execute(CONSTRAINTS), *connection.execute(INDEXES)]
    return sorted(tuple(row) for row in rows if row[0] != "alembic_version")


def is_current(connection: Connection) -> bool:
    return revision.is_current(lambda statement: connection.scalar(text(statement)))


def test_the_migrated_schema_is_the_models_schema(engine: Engine, empty: Engine) -> None:
    with empty.begin() as connection:
        connection.execute(text("CREATE EXTENSION btree_gist"))
        Base.metadata.create_all(connection)

    with engine.connect() as connection:
        drift = compare_metadata(MigrationContext.configure(connection), Base.metadata)

    assert drift == []
    assert shape(engine) == shape(empty)
    empty.dispose()


def test_up_down_and_up_again(empty: Engine) -> None:
    migrate.upgrade(empty)
    built = shape(empty)

    migrate.downgrade(empty, "base")
    with empty.connect() as connection:
        left = connection.scalar(TABLES)
    migrate.upgrade(empty)

    assert left == 1, "Alembic's own table is all that is left"
    assert shape(empty) == built
    empty.dispose()


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    before = shape(engine)

    migrate.upgrade(engine)

    with engine.connect() as connection:
        assert is_current(connection)
    assert shape(engine) == before


def test_a_database_is_current_at_the_revision_that_alembic_calls_its_head(empty: Engine) -> None:
    head = ScriptDirectory.from_config(migrate.configuration()).get_current_head()
    told = []
    for migrated in (None, str(int(str(head)) - 1).zfill(4), head):
        if migrated is not None:
            migrate.upgrade(empty, migrated)
        with empty.connect() as connection:
            told.append(is_current(connection))

    assert revision.newest() == head
    assert told == [False, False, True]
    empty.dispose()


def test_every_tenant_table_is_confined_by_two_policies(engine: Engine) -> None:
    with engine.connect() as connection:
        assert list(connection.scalars(UNCONFINED)) == []


def test_every_key_begins_with_the_tenant() -> None:
    exempt = {"tenant", "audit", "heartbeat", "ledger_batch", "tally"}

    leading = {
        table.name: next(iter(table.primary_key.columns)).name
        for table in Base.metadata.tables.values()
        if table.name not in exempt
    }

    assert set(leading.values()) == {"tenant_id"}
