"""Run a journey in a transaction of its own, again when the database asked for that.

A journey that writes to sessions takes its locks first, all of them, and is told `now` after that (`write`). One that
had looked at the clock before it waited for a lock would act at an instant before what others did meanwhile, and the
ledger would run backwards.

Deadlocks (40P01), serialization failures (40001) and an exclusion constraint lost to another writer (23P01) end
when the journey is done over: the second time it sees what the other one wrote. A row that was not to be had within
`engine.LOCK_TIMEOUT` (55P03) is asked for once more: many who want it one after the other are served meanwhile, and
whoever holds it for longer is not waited for.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from psycopg import errors
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session as Tx

from db import engine as database

PASSING = (errors.DeadlockDetected, errors.SerializationFailure, errors.ExclusionViolation)
ATTEMPTS = 4
WAITS = 2  # for a row that others hold

Held = TypeVar("Held")
Answer = TypeVar("Answer")


def run(
    engine: Engine,
    tenant_id: UUID | None,
    journey: Callable[[Tx, datetime], Answer],
    opened: tuple[Tx, datetime] | None = None,
) -> Answer:
    """What `journey(tx, now)` answers, committed. Raises what it raises, after `ATTEMPTS` for a passing error.

    `opened`: a transaction of that tenant that is open already, since an instant, for the first attempt.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with database.transaction(engine, tenant_id, opened if attempt == 1 else None) as (tx, now):
                return journey(tx, now)
        except DBAPIError as error:
            most = WAITS if isinstance(error.orig, errors.LockNotAvailable) else ATTEMPTS
            if attempt >= most or not isinstance(error.orig, (*PASSING, errors.LockNotAvailable)):
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")


def write(
    engine: Engine,
    tenant_id: UUID | None,
    hold: Callable[[Tx, datetime], Held],
    journey: Callable[[Tx, Held, datetime], Answer],
) -> Answer:
    """What `journey(tx, held, now)` answers, committed; raises as `run` does. See `in_turn`."""
    return run(engine, tenant_id, in_turn(hold, journey))


def in_turn(
    hold: Callable[[Tx, datetime], Held], journey: Callable[[Tx, Held, datetime], Answer]
) -> Callable[[Tx, datetime], Answer]:
    """A journey that takes its locks first.

    `hold(tx, began)` finds and locks what the journey writes to. `now` is the database's clock after that, so that
    whoever waits for the same locks comes later by the clock too.
    """

    def after_locks(tx: Tx, began: datetime) -> Answer:
        held = hold(tx, began)
        return journey(tx, held, database.clock(tx))

    return after_locks
