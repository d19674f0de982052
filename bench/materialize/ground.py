"""The databases of the bench: a template with the plans and the rows of some weeks, copied for each run.

So each run begins with the same files, vacuumed and analysed, whatever the run before it left.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from sqlalchemy import Engine

from bench.materialize import plans
from config.settings import Settings
from db import engine as database
from db import migrate
from services import materialize

BEFORE: Final = timedelta(days=14)  # what is there already: an empty table would be quicker, for both
TEMPLATE: Final = "plans"
TABLES: Final = ("session", "booking", "segment")

DUE = "UPDATE segment SET next_materialize_at = now() - random() * interval '1 hour'"


def make(url: str, count: int) -> None:
    """Make the template on the server of `url`: so many plans, with the rows of `BEFORE`, all to be looked at again."""
    on_server(url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    there = of_name(url, TEMPLATE)
    engine = database.connect(there)
    migrate.upgrade(engine)
    with psycopg.connect(there, autocommit=True) as connection:
        for table in TABLES:
            connection.execute(sql.SQL("ALTER TABLE {} SET (autovacuum_enabled = off)").format(sql.Identifier(table)))
        now = connection.execute("SELECT date_trunc('hour', now())").fetchone()
        assert now is not None
        plans.write(there, count, now[0])
        connection.execute("ANALYZE")
        drained(engine, Settings(horizon_days=BEFORE.days))
        connection.execute(DUE)
        connection.execute("VACUUM (FREEZE, ANALYZE)")
    engine.dispose()


def drained(engine: Engine, settings: Settings) -> int:
    """Materialize until nothing is waiting, as hint after hint would; returns how many sessions were written."""
    written = 0
    while done := materialize.drain(engine, settings):
        written += done.get("sessions", 0)
    return written


@contextmanager
def fresh(url: str, name: str) -> Iterator[str]:
    """The address of a new copy of the template, dropped afterwards; what copying left to be written is on the disk."""
    named = sql.Identifier(name)
    made = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(named, sql.Identifier(TEMPLATE))
    on_server(url, made)
    on_server(url, sql.SQL("CHECKPOINT").format())
    yield of_name(url, name)
    on_server(url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(named))


def on_server(url: str, statement: sql.Composed) -> None:
    """Run a statement outside a transaction."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def of_name(url: str, name: str) -> str:
    """The address of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
