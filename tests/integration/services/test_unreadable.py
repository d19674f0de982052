"""A plan that can't be read any more, its zone or its rule, is in nobody's way, in whatever is read."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

import recurrence
from db import backlog
from db import engine as database
from services import feed, freebusy, materialize, plan, query, references, remove
from services.filters import Filters, Page
from services.freebusy import Interval, Wanted
from services.plan_draft import PlanDraft
from tests.integration.conftest import Studio

Read = Callable[[Any, UUID, datetime], Any]


@pytest.fixture
def hall(studio: Studio) -> UUID:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        return references.create(tx, studio.tenant_id, "spaces", {"name": "Hall"}, now).id


def daily(studio: Studio, title: str, hall: UUID, hour: int) -> UUID:
    """Plans an hour a day, from tomorrow on."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        local = (now + timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0, tzinfo=None)
        series = recurrence.Series(
            dtstart=local,
            time_zone="Asia/Seoul",
            duration=recurrence.Duration(seconds=3600),
            rule=recurrence.Rule.parse("FREQ=DAILY"),
        )
        draft = PlanDraft(series=series, title=title, space_id=hall)
        return plan.create(tx, studio.tenant_id, draft, now, studio.settings).series_id


@pytest.fixture(params=["time_zone = 'Mars/Olympus'", "rrule = 'FREQ=NEVER'"])
def plans(studio: Studio, hall: UUID, request: pytest.FixtureRequest) -> tuple[UUID, UUID]:
    """A plan that can't be read, not set aside yet, and one that can."""
    found = daily(studio, "Gone", hall, 9), daily(studio, "There", hall, 11)
    with studio.engine.begin() as connection:
        connection.execute(text(f"UPDATE segment SET {request.param} WHERE series_id = :id"), {"id": found[0]})
    return found


@pytest.mark.parametrize("days", [(-2, 10), (0, 10), (0, 100), (70, 100)])
def test_sessions_of_others_are_listed_and_its_own_as_far_as_they_are_stored(
    studio: Studio, plans: tuple[UUID, UUID], days: tuple[int, int]
) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        window = Filters(from_=now + timedelta(days=days[0]), to=now + timedelta(days=days[1]))
        found = query.window(tx, studio.tenant_id, window, Page(limit=500), now).items
        counted = query.count(tx, studio.tenant_id, window, now)

    gone, there = (sum(one.series_id == plan_id for one in found) for plan_id in plans)
    ahead = [days[1] - max(0, days[0]), max(0, min(days[1], 60) - max(0, days[0]))]
    assert (there, gone) == pytest.approx(ahead, abs=2)
    assert counted == len(found)


def test_other_plans_are_listed(studio: Studio, plans: tuple[UUID, UUID]) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        window = Filters(from_=now, to=now + timedelta(days=1))
        found = query.plans(tx, studio.tenant_id, window, Page(), now).items

    assert plans[1] in {one.series_id for one in found}


def test_the_space_is_busy_with_what_is_stored(studio: Studio, hall: UUID, plans: tuple[UUID, UUID]) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        window = Interval(now, now + timedelta(days=100))
        found = freebusy.busy(tx, studio.tenant_id, Wanted(space_id=hall), window, now)

    assert len(found) > 100


def test_the_calendar_shows_the_others(studio: Studio, plans: tuple[UUID, UUID]) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        window = Filters(from_=now, to=now + timedelta(days=1))
        told = feed.text(tx, studio.tenant_id, window, now)

    assert "SUMMARY:There" in told


def test_a_plan_beside_it_is_made(studio: Studio, hall: UUID, plans: tuple[UUID, UUID]) -> None:
    daily(studio, "New", hall, 15)


def test_what_was_removed_is_not_set_aside_any_more(studio: Studio, plans: tuple[UUID, UUID]) -> None:
    with studio.engine.begin() as connection:
        connection.execute(text("UPDATE segment SET next_materialize_at = now() - interval '1 day'"))
    materialize.drain(studio.engine, studio.settings)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        before = backlog.plans(tx, now).plans_set_aside
        remove.remove(tx, studio.tenant_id, [remove.Target(plans[0])], "system", now)
        after = backlog.plans(tx, now).plans_set_aside

    assert (before, after) == (1, 0)
