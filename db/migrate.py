"""Bring the schema to a revision; a lock in the database makes concurrent runs take turns."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

MIGRATIONS = Path(__file__).parent / "migrations"

LOCK_KEY = 0x5E55_10B7  # any number nobody else uses


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration, made here so that no ini file is needed."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate up to `revision`; doing it again changes nothing."""
    with engine.connect() as connection:
        take_turn(connection)
        command.upgrade(configuration(connection), revision)
        connection.commit()


def downgrade(engine: Engine, revision: str) -> None:
    """Migrate down to `revision` (`base`: an empty database)."""
    with engine.connect() as connection:
        take_turn(connection)
        command.downgrade(configuration(connection), revision)
        connection.commit()


def take_turn(connection: Connection) -> None:
    """Wait for any other migration of this database to end."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
