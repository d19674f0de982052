"""The demo studio is loaded once, into an empty tenant, and something starts within the minute."""

from datetime import UTC, datetime, timedelta

from db import engine as database
from services import demo, query
from services.filters import Filters, Page
from tests.integration.conftest import Studio

NOW = datetime(2026, 1, 8, 3, 0, 0, 250_000, tzinfo=UTC)


def load(studio: Studio, now: datetime = NOW) -> bool:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        return demo.load(tx, studio.tenant_id, now, studio.settings)


def test_a_session_of_the_demo_starts_within_the_minute(studio: Studio) -> None:
    load(studio)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        window = Filters(from_=NOW, to=NOW + timedelta(minutes=2))
        found = query.window(tx, studio.tenant_id, window, Page(), NOW).items
    assert timedelta(0) < found[0].starts_at - NOW < timedelta(minutes=1)
    assert len(found) == 3


def test_a_tenant_with_a_plan_is_left_alone(studio: Studio) -> None:
    first, second = load(studio), load(studio, NOW + timedelta(days=1))

    assert (first, second) == (True, False)


def test_the_demo_can_be_loaded_at_any_hour_of_the_week(studio: Studio) -> None:
    for hours in range(0, 168, 5):
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _), tx.begin_nested() as trial:
            assert demo.load(tx, studio.tenant_id, NOW + timedelta(hours=hours), studio.settings)
            trial.rollback()
