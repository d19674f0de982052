"""What a database needs before the first request: the schema, a tenant with a key, and, if wanted, the
demo."""

from config.settings import Settings
from db import engine as database
from db import migrate
from db.models import Role
from launcher.progress import say
from services import demo as demonstration
from services import keys

TENANT = "Studio"


def prepare(database_url: str, key: str | None, *, demo: bool, given: Settings) -> str:
    """Migrate, see to a key, load the demo where the tenant has no plan; answers the key.

    key: the one of the last run; it stays when this database knows it.
    """
    engine = database.connect(database_url)
    try:
        say("schema …")
        migrate.upgrade(engine)
        with database.transaction(engine) as (tx, now):
            caller = keys.authenticate(tx, key) if key else None
            if key is None or caller is None:
                key = keys.create(tx, TENANT, Role.ADMIN, now)
                caller = keys.authenticate(tx, key)
        if demo and caller:
            with database.transaction(engine, caller.tenant_id) as (tx, now):
                if demonstration.load(tx, caller.tenant_id, now, given):
                    say("the demo studio was loaded; its first sessions start within a minute")
        return key
    finally:
        engine.dispose()
