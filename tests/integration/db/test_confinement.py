"""A transaction sees its own tenant and nothing else, even when a statement forgets to ask."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, func, insert, select, text, update
from sqlalchemy.exc import ProgrammingError

import recurrence
from config.settings import Settings
from db import engine as database
from db.models import Role, Space
from services import keys, plan, references
from services.plan_draft import PlanDraft

BOOKED = text("SELECT tenant_id FROM booked(:tenant, :spaces, '{(,)}')")


@pytest.fixture
def two_tenants(engine: Engine) -> tuple[UUID, UUID]:
    """Two tenants with a space each."""
    ids = []
    for name in ("One", "Other"):
        with database.transaction(engine) as (tx, now):
            caller = keys.authenticate(tx, keys.create(tx, name, Role.ADMIN, now))
            assert caller is not None
            ids.append(caller.tenant_id)
        with database.transaction(engine, caller.tenant_id) as (tx, now):
            references.create(tx, caller.tenant_id, "spaces", {"name": name}, now)
    return ids[0], ids[1]


def test_a_tenant_reads_its_own_rows_without_asking(engine: Engine, two_tenants: tuple[UUID, UUID]) -> None:
    with database.transaction(engine, two_tenants[0]) as (tx, _):
        names = list(tx.scalars(select(Space.name)))

    assert names == ["One"]


def test_the_system_sees_all_tenants(engine: Engine, two_tenants: tuple[UUID, UUID]) -> None:
    with database.transaction(engine) as (tx, _):
        assert tx.scalar(select(func.count()).select_from(Space)) == 2


def test_a_tenant_changes_and_deletes_nothing_of_another(engine: Engine, two_tenants: tuple[UUID, UUID]) -> None:
    with database.transaction(engine, two_tenants[0]) as (tx, _):
        tx.execute(update(Space).values(name="mine"))
        tx.execute(delete(Space).where(Space.name == "Other"))

    with database.transaction(engine) as (tx, _):
        assert sorted(tx.scalars(select(Space.name))) == ["Other", "mine"]


def test_a_tenant_cannot_write_a_row_for_another(engine: Engine, two_tenants: tuple[UUID, UUID]) -> None:
    row = {"id": UUID(int=1), "name": "x", "created_at": datetime(2026, 1, 1, tzinfo=UTC)}

    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        database.transaction(engine, two_tenants[0]) as (tx, now),
    ):
        tx.execute(insert(Space).values(tenant_id=two_tenants[1], updated_at=now, **row))


def test_a_tenant_finds_no_booking_of_another_whatever_tenant_it_names(
    engine: Engine, two_tenants: tuple[UUID, UUID]
) -> None:
    series = recurrence.Series(
        dtstart=datetime(2026, 1, 5, 18), time_zone="UTC", duration=recurrence.Duration(seconds=3600)
    )
    for tenant_id in two_tenants:
        with database.transaction(engine, tenant_id) as (tx, _):
            space_id = tx.scalars(select(Space.id)).one()
            draft = PlanDraft(series=series, title="x", space_id=space_id)
            plan.create(tx, tenant_id, draft, datetime(2026, 1, 1, tzinfo=UTC), Settings())
    asked: dict[str, Any] = {"spaces": [], "tenant": two_tenants[1]}
    found = []

    for asking in (None, *two_tenants):
        with database.transaction(engine, asking) as (tx, _):
            asked["spaces"] = asked["spaces"] or list(tx.scalars(select(Space.id)))
            found.append(list(tx.scalars(BOOKED, asked)))

    assert found == [[two_tenants[1]], [two_tenants[0]], [two_tenants[1]]]


def test_the_role_ends_with_the_transaction(engine: Engine, two_tenants: tuple[UUID, UUID]) -> None:
    with database.transaction(engine, two_tenants[0]):
        pass

    with engine.connect() as connection:
        role, tenant = connection.execute(
            text("SELECT current_setting('role'), current_setting('app.tenant', true)")
        ).one()
    assert role == "none"
    assert not tenant


def test_now_is_the_databases_clock_in_utc(engine: Engine) -> None:
    with database.transaction(engine) as (tx, now):
        again = tx.scalar(text("SELECT clock_timestamp()"))

    assert now.tzinfo is UTC
    assert 0 <= (again - now).total_seconds() < 5


def test_a_tenant_cannot_ask_whose_key_it_is(engine: Engine, two_tenants: tuple[UUID, UUID]) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied for function key_holder"),
        database.transaction(engine, two_tenants[0]) as (tx, _),
    ):
        tx.execute(text("SELECT * FROM key_holder(''::bytea)"))


def test_whoever_enters_with_a_key_sees_its_tenant_alone(engine: Engine, two_tenants: tuple[UUID, UUID]) -> None:
    with database.transaction(engine) as (tx, now):
        key = keys.create(tx, "Other", Role.ADMIN, now)

    entered = keys.enter(engine, key)

    assert entered is not None
    with entered.tx as tx:
        assert entered.caller.tenant_id == two_tenants[1]
        assert list(tx.scalars(select(Space.name))) == ["Other"]


def test_nobody_enters_with_a_key_that_was_revoked(engine: Engine, two_tenants: tuple[UUID, UUID]) -> None:
    with database.transaction(engine) as (tx, now):
        issued = keys.issue(tx, two_tenants[0], Role.ADMIN, now)
        keys.revoke(tx, issued.row.id, now)

    assert keys.enter(engine, issued.key) is None
