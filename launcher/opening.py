"""What a database needs before the first request: the schema, a tenant with a key, and, if wanted, the
demo. What is there already is not loaded, neither Alembic nor the demo: the second start is to be a quick one."""

import importlib

from sqlalchemy import select

from config.settings import Settings
from db import engine as database
from db.models import Role, Series
from launcher.progress import say
from services import keys

TENANT = "Studio"


def migrate(database_url: str) -> None:
    """Bring the schema to the newest revision."""
    engine = database.connect(database_url)
    try:
        say("schema …")
        importlib.import_module("db.migrate").upgrade(engine)
    finally:
        engine.dispose()


def furnish(database_url: str, key: str | None, *, demo: bool, given: Settings) -> str:
    """See to a key, load the demo where the tenant has no plan; answers the key.

    key: the one of the last run; it stays when this database knows it.
    """
    engine = database.connect(database_url)
    try:
        with database.transaction(engine) as (tx, now):
            caller = keys.authenticate(tx, key) if key else None
            if key is None or caller is None:
                key = keys.create(tx, TENANT, Role.ADMIN, now)
                caller = keys.authenticate(tx, key)
        if demo and caller:
            with database.transaction(engine, caller.tenant_id) as (tx, now):
                if tx.scalar(select(Series.id).limit(1)) is None:
                    importlib.import_module("services.demo").load(tx, caller.tenant_id, now, given)
                    say("the demo studio was loaded; its first sessions start within a minute")
        return key
    finally:
        engine.dispose()
