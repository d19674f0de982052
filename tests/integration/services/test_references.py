"""What sessions refer to, when two want the same at once."""

import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text

from db import engine as database
from services import references
from services.errors import InvalidField
from tests.integration.conftest import Studio

DEADLINE_S = 10

WAITING = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def add(studio: Studio, address: str) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        references.create(tx, studio.tenant_id, "users", {"name": "Ada", "email": address, "role": "participant"}, now)


def until_it_waits(engine: Engine, started: Future[None]) -> None:
    """Until the other one is done, or waits for its turn."""
    deadline = time.monotonic() + DEADLINE_S
    while not started.done() and time.monotonic() < deadline:
        with database.transaction(engine) as (tx, _):
            if tx.scalar(WAITING):
                return
        time.sleep(0.01)


def test_who_wants_an_address_in_another_case_waits_for_who_was_first(studio: Studio) -> None:
    with ThreadPoolExecutor(1) as pool:
        with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
            first = {"name": "Ada", "email": "ada@example.org", "role": "participant"}
            references.create(tx, studio.tenant_id, "users", first, now)
            second = pool.submit(add, studio, "ADA@example.org")
            until_it_waits(studio.engine, second)

        with pytest.raises(InvalidField, match="another user has this e-mail address"):
            second.result(DEADLINE_S)


def test_another_address_waits_for_nobody(studio: Studio) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        first = {"name": "Ada", "email": "ada@example.org", "role": "participant"}
        references.create(tx, studio.tenant_id, "users", first, now)

        add(studio, "grace@example.org")
