"""Whether a database has what `sessionbeat up` would make: asked of it alone, so that a second start need not load what
makes it (`opening`).
"""

import hashlib

import psycopg

from db import revision

PATIENCE_S = 3
HAS_KEY = "SELECT EXISTS (SELECT FROM api_key WHERE key_hash = %s AND revoked_at IS NULL)"
HAS_PLAN = "SELECT EXISTS (SELECT FROM api_key JOIN series USING (tenant_id) WHERE key_hash = %s)"


def is_current(database_url: str) -> bool:
    """Whether its schema is at the newest revision."""
    with psycopg.connect(database_url, connect_timeout=PATIENCE_S, autocommit=True) as connection:
        return revision.is_current(lambda statement: (connection.execute(statement).fetchone() or [None])[0])


def is_furnished(database_url: str, key: str, *, demo: bool) -> bool:
    """Whether it knows the key, and, if the demo is wanted, has a plan of the key's tenant."""
    digest = hashlib.sha256(key.encode()).digest()
    wanted = (HAS_KEY, HAS_PLAN) if demo else (HAS_KEY,)
    with psycopg.connect(database_url, connect_timeout=PATIENCE_S, autocommit=True) as connection:
        return all((connection.execute(one, (digest,)).fetchone() or [False])[0] for one in wanted)
