"""How the database is reached, for whoever opens a connection: `db.engine`, and a health check that loads no more."""

from datetime import timedelta
from urllib.parse import quote, unquote

import psycopg
from psycopg.conninfo import make_conninfo

WORKER_ROLE = "sessionbeat_worker"

CONNECT_TIMEOUT_S = 3  # an API call fails with 503 rather than hang when the server does not answer

LINE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 11_000}
"""When a peer that vanished without a word is noticed: after about eleven seconds (s, s, number, ms). By itself a
machine waits for two hours, and a process that waits for an answer with it."""

SEEN_AGO = "SELECT clock_timestamp() - seen_at FROM heartbeat WHERE name = %s"


def seen_ago(database_url: str, name: str) -> timedelta | None:
    """How long ago the process of this name was seen, over a connection of its own; None: never."""
    address = make_conninfo(as_libpq_reads(database_url), connect_timeout=CONNECT_TIMEOUT_S, **LINE)
    with psycopg.connect(address, application_name="sessionbeat") as connection:
        connection.execute("SELECT set_config('role', %s, true)", (WORKER_ROLE,))
        row = connection.execute(SEEN_AGO, (name,)).fetchone()
    return None if row is None else row[0]


def as_libpq_reads(database_url: str) -> str:
    """The address with user and password written so that libpq reads what SQLAlchemy does: a password may hold `/`."""
    scheme, _, rest = database_url.partition("://")
    credentials, at, where = rest.partition("@")
    user, colon, password = credentials.partition(":")
    if not at or "/" in user:
        return database_url
    return f"{scheme}://{quote(unquote(user), safe='')}{colon}{quote(unquote(password), safe='')}@{where}"
