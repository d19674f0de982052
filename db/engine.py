"""The one way to the database: an engine, and the one function that opens a transaction.

A transaction is confined before anything else runs in it. With a tenant it takes the role `sessionbeat_api`, whose
row-level security shows that tenant alone; without one it takes `sessionbeat_worker`, which sees all. `SET LOCAL`
and its function form end with the transaction, so this works behind a pooler in transaction mode (PgBouncer).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from db import line, statements
from db.patience import PatientConnection

API_ROLE = "sessionbeat_api"
WORKER_ROLE = line.WORKER_ROLE

POOL_TIMEOUT_S = 5  # an API call fails with 503 rather than hang when every connection is in use
LOCK_TIMEOUT = "1s"  # likewise when somebody holds a row; ours hold theirs for less
LEFT_OPEN = "30s"  # a worker that asks nothing for so long in a transaction hangs, or its machine is gone

CLOCK = statements.written("SELECT clock_timestamp()")

BECOME = text("SELECT set_config('role', :role, true)")

CONFINE = statements.Kept(
    """
    SELECT clock_timestamp(), set_config('role', $1, true), set_config('app.tenant', $2, true),
           set_config('TimeZone', 'UTC', true), set_config('lock_timeout', $3, true),
           set_config('idle_in_transaction_session_timeout', $4, true)
    """,
    ("role", "tenant", "lock_timeout", "left_open"),
)

ENTER = statements.Kept(
    """
    SELECT clock_timestamp(), tenant_id, id, role, last_used_at, set_config('role', $2, true),
           set_config('app.tenant', CAST(tenant_id AS text), true), set_config('TimeZone', 'UTC', true),
           set_config('lock_timeout', $3, true)
    FROM key_holder($1)
    """,
    ("digest", "role", "lock_timeout"),
)

Found = TypeVar("Found")


class Holder(NamedTuple):
    """Who holds a key that is not revoked, asked at an instant `now`; when the key was last used before."""

    now: datetime
    tenant_id: UUID
    key_id: UUID
    role: str
    last_used_at: datetime | None


def connect(database_url: str, pool_size: int = 5, patient: bool = False) -> Engine:
    """An engine on `database_url` (postgresql://…), with psycopg 3. Opens no connection yet.

    `patient`: its statements end with an OperationalError when the server hangs (see `db.patience`), or when a lock
    is not granted within `LOCK_TIMEOUT`. Others hold rows that are due: the server ends their transactions, and frees
    the rows, when nothing is asked for `LEFT_OPEN`.
    """
    engine = create_engine(
        make_url(database_url).set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        hide_parameters=True,  # an error that is logged tells the statement, not what people wrote
        pool_timeout=POOL_TIMEOUT_S,
        connect_args={
            "connect_timeout": line.CONNECT_TIMEOUT_S,
            "application_name": "sessionbeat",
            **line.LINE,
        },
        execution_options={
            "lock_timeout": LOCK_TIMEOUT if patient else None,
            "left_open": None if patient else LEFT_OPEN,
        },
    )
    if patient:
        event.listen(engine, "do_connect", lambda _d, _r, args, named: PatientConnection.connect(*args, **named))
    return engine


@contextmanager
def transaction(
    engine: Engine, tenant_id: UUID | None = None, opened: tuple[Session, datetime] | None = None
) -> Iterator[tuple[Session, datetime]]:
    """A transaction and the database's `now` (UTC); commits at the end, rolls back on any error.

    `tenant_id`: the tenant it is confined to; None: the system itself, which sees all tenants. `opened`: one that is
    confined to it already (`enter`), to go on with.
    """
    tx, now = opened or begin(engine, lambda tx: confine(tx, tenant_id))
    with tx:
        yield tx, now
        tx.commit()


def enter(engine: Engine, digest: bytes) -> tuple[Session, Holder] | None:
    """A transaction confined to the tenant of a key, open until somebody ends it; None for a key that nobody holds.

    `digest`: what is kept of the key. Looked up and confined by one statement.
    """
    tx, holder = begin(engine, lambda tx: admit(tx, digest))
    if holder is None:
        tx.close()
        return None
    return tx, holder


def begin(engine: Engine, confining: Callable[[Session], Found]) -> tuple[Session, Found]:
    """A transaction, confined by its first statement, and what that found.

    A connection that turns out to be lost is replaced, once; so none has to be tried before it is used.
    """
    for attempt in (1, 2):
        tx = Session(engine, autoflush=False, expire_on_commit=False)
        try:
            return tx, confining(tx)
        except DBAPIError as error:
            tx.invalidate()
            if attempt == 2 or not error.connection_invalidated:
                raise
            engine.dispose()  # what was lost with it in the pool: a restart takes all of them
    raise AssertionError("unreachable: the second attempt returns or raises")


def confine(tx: Session, tenant_id: UUID | None) -> datetime:
    """Confine an open transaction to a tenant, or to the system itself; the database's `now` (UTC)."""
    options = tx.get_bind().get_execution_options()
    confined = {
        "role": WORKER_ROLE if tenant_id is None else API_ROLE,
        "tenant": "" if tenant_id is None else str(tenant_id),
        "lock_timeout": options.get("lock_timeout"),
        "left_open": options.get("left_open"),
    }
    [[now, *_]] = statements.fetch(tx, CONFINE, confined)
    found: datetime = now
    return found.astimezone(UTC)


def admit(tx: Session, digest: bytes) -> Holder | None:
    """Confine an open transaction to the tenant of a key; None, and it is not confined: nobody holds the key."""
    asked = {
        "digest": digest,
        "role": API_ROLE,
        "lock_timeout": tx.get_bind().get_execution_options().get("lock_timeout"),
    }
    for now, *held in statements.fetch(tx, ENTER, asked):
        return Holder(now.astimezone(UTC), *held[:4])
    return None


def clock(tx: Session) -> datetime:
    """The database's `now` (UTC) at this moment, for whoever has waited since the transaction began."""
    [[now]] = statements.fetch(tx, CLOCK, {})
    found: datetime = now
    return found.astimezone(UTC)


def copy(tx: Session, statement: str, block: bytes) -> int:
    """Send a block to a COPY … FROM STDIN, in a savepoint; returns how many rows went in.

    For transactions of the system itself: row-level security refuses COPY even to a role that sees all, so it is done
    in the role of the login, which owns the tables where nobody arranged it otherwise. Raises DBAPIError, and nothing
    of it was done: for a row that is refused, and where the login does not own the tables.
    """
    with tx.begin_nested() as savepoint:
        tx.execute(BECOME, {"role": "none"})
        driver = savepoint.session.connection().connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        try:
            with driver.cursor() as cursor:
                with cursor.copy(statement.encode()) as sending:
                    sending.write(block)
                rows = cursor.rowcount
        except psycopg.Error as error:
            raise DBAPIError.instance(statement, None, error, psycopg.Error) from error
        tx.execute(BECOME, {"role": WORKER_ROLE})
    return rows
