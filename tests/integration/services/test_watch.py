"""What the house tells about itself is what stands in its tables."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text

import recurrence
from db import backlog, tally
from db import engine as database
from lifecycle import Step
from services import alive, heartbeat, plan, transition, watch
from services.plan_draft import PlanDraft
from services.watch import House
from tests.integration.conftest import Studio

STARTS = datetime(2026, 1, 5, 9, tzinfo=UTC)
HORIZON = timedelta(days=60)


def plan_one(studio: Studio, hour: int = 9, rule: str | None = None) -> None:
    """Plans an hour on a past Monday, as if it had been planned the day before."""
    series = recurrence.Series(
        dtstart=datetime(2026, 1, 5, hour),
        time_zone="UTC",
        duration=recurrence.Duration(seconds=3600),
        rule=None if rule is None else recurrence.Rule.parse(rule),
    )
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=series, title="x")
        plan.create(tx, studio.tenant_id, draft, STARTS - timedelta(days=1), studio.settings)


def look(studio: Studio, at: datetime) -> House:
    with database.transaction(studio.engine) as (tx, _):
        return watch.house(tx, at, HORIZON)


def test_an_empty_house_lacks_nothing(studio: Studio, monday: datetime) -> None:
    house = look(studio, monday)

    assert set(house.due.values()) == {backlog.Due(0, None)}
    assert house.plans == backlog.Plans(0, None, 0, 0)
    assert house.reach == HORIZON
    assert set(house.seen.values()) == {None}
    assert house.counted == []


def test_the_backlog_is_what_is_due_at_that_instant(studio: Studio) -> None:
    plan_one(studio, hour=9)
    plan_one(studio, hour=10)

    before, on, later = (look(studio, STARTS + wait) for wait in map(timedelta, (-1, 0, 1)))

    assert [house.due[Step.START] for house in (before, on, later)] == [(0, None), (1, STARTS), (2, STARTS)]
    assert later.due[Step.END] == (0, None)


def test_a_large_backlog_is_not_counted_to_its_end(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "MOST", 2)
    for hour in (9, 10, 11):
        plan_one(studio, hour)

    assert look(studio, STARTS + timedelta(days=1)).due[Step.START] == (2, STARTS)


def test_what_was_done_is_counted_as_the_ledger_has_it(studio: Studio) -> None:
    for hour in (9, 10, 11):
        plan_one(studio, hour)

    for step in transition.LIFE:
        transition.drain(studio.engine, step, 2)

    counted = {(name, *labels): amounts for name, labels, amounts in look(studio, STARTS).counted}
    with studio.engine.connect() as connection:
        entered = connection.execute(text("SELECT kind, outcome, count(*) FROM transition GROUP BY 1, 2")).all()
    assert entered
    for kind, outcome, number in entered:
        assert sum(counted[(tally.LATENESS, kind, outcome)][:-1]) == number
    assert sum(counted[(tally.LATENESS, "closed", "")][:-1]) == 3
    assert [counted[(tally.BATCHES, step)] for step in transition.LIFE] == [[2.0]] * 4


def test_rows_reach_nearly_a_horizon_ahead_and_less_when_nobody_writes_them(studio: Studio) -> None:
    plan_one(studio, rule="FREQ=DAILY")
    plan_one(studio, rule="FREQ=YEARLY")

    reach = [look(studio, STARTS + timedelta(days=days)).reach for days in (0, 30, 70)]

    assert HORIZON - HORIZON / 30 <= reach[0] <= HORIZON
    assert [earlier - later for earlier, later in pairwise(reach)] == [timedelta(days=30), timedelta(days=40)]
    assert reach[2] < timedelta(0)


def test_plans_that_want_their_rows_are_counted(studio: Studio) -> None:
    plan_one(studio, rule="FREQ=DAILY")

    waiting = [look(studio, STARTS + timedelta(days=days)).plans.waiting for days in (0, 30)]

    assert waiting == [0, 1]


def test_what_was_set_aside_is_counted_until_it_is_mended(studio: Studio, monday: datetime) -> None:
    plan_one(studio)
    with studio.engine.begin() as connection:
        connection.execute(text("UPDATE session SET set_aside = 'bad', next_step = NULL, next_due_at = NULL"))
        connection.execute(text("UPDATE segment SET set_aside = 'bad'"))

    plans = look(studio, monday).plans

    assert (plans.sessions_set_aside, plans.plans_set_aside) == (1, 1)


def test_one_of_a_kind_that_was_seen_lately_is_enough(studio: Studio, monday: datetime) -> None:
    with database.transaction(studio.engine) as (tx, _):
        heartbeat.beat(tx, "beat@gone", monday - timedelta(hours=1))
        heartbeat.beat(tx, "beat@here", monday - timedelta(seconds=2))
        heartbeat.beat(tx, "bulk@gone", monday - timedelta(hours=1))
        heartbeat.beat(tx, "stranger@here", monday)

    seen = look(studio, monday).seen

    assert seen == {
        "beat": timedelta(seconds=2),
        "bulk": timedelta(hours=1),
        "transitions": None,
        "lifeline": None,
    }
    assert [alive.is_alive(age) for age in seen.values()] == [True, False, False, False]


def test_hosts_that_are_gone_are_forgotten_after_a_day(studio: Studio, monday: datetime) -> None:
    with database.transaction(studio.engine) as (tx, _):
        heartbeat.beat(tx, "beat@gone", monday - timedelta(hours=25))
        heartbeat.beat(tx, "beat@away", monday - timedelta(hours=23))

        heartbeat.forget(tx, monday)

        assert list(heartbeat.latest(tx)) == ["beat@away"]
