"""Run a journey in a transaction of its own, again when the database asked for that.

Deadlocks (40P01), serialization failures (40001) and an exclusion constraint lost to another writer (23P01) end
when the journey is done over: the second time it sees what the other one wrote.
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

Answer = TypeVar("Answer")


def run(engine: Engine, tenant_id: UUID | None, journey: Callable[[Tx, datetime], Answer]) -> Answer:
    """What `journey(tx, now)` answers, committed. Raises what it raises, after `ATTEMPTS` for a passing error."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with database.transaction(engine, tenant_id) as (tx, now):
                return journey(tx, now)
        except DBAPIError as error:
            if attempt == ATTEMPTS or not isinstance(error.orig, PASSING):
                raise
    raise AssertionError("unreachable: the last attempt returns or raises")
