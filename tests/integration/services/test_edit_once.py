"""The row of a one-time session follows what its plan says."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

import recurrence
from db import engine as database
from db.models import AutoStart, Session
from db.sessions import SessionKey
from lifecycle import State, Step
from services import edit_once, edit_plan, plan, settled
from services.plan_change import PlanChange
from services.plan_draft import PlanDraft
from services.reach import Named
from tests.integration.conftest import Studio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LOCAL = datetime(2026, 1, 12, 18)
START, END = datetime(2026, 1, 12, 9, tzinfo=UTC), datetime(2026, 1, 12, 10, tzinfo=UTC)


@pytest.fixture
def once(studio: Studio) -> UUID:
    """A session of an hour in Seoul."""
    series = recurrence.Series(dtstart=LOCAL, time_zone="Asia/Seoul", duration=recurrence.Duration(seconds=3600))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=series, title="Once")
        return plan.create(tx, studio.tenant_id, draft, NOW, studio.settings).series_id


def edited(studio: Studio, once: UUID, now: datetime = NOW, **values: Any) -> Session:
    change = PlanChange(values=values)
    named = Named(tenant_id=studio.tenant_id, series_id=once, recurrence_id=None, following=False)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        held = edit_plan.hold(tx, named, change, now)
        edit_once.edit_once(tx, held, change, now, studio.settings)
        key = SessionKey(studio.tenant_id, once, LOCAL)
        return settled.one(tx, key, now)[0]


def test_one_that_is_started_by_hand_waits_for_its_end_alone(studio: Studio, once: UUID) -> None:
    row = edited(studio, once, auto_start=AutoStart.MANUAL)

    assert (row.next_step, row.next_due_at) == (Step.END, END)
    again = edited(studio, once, auto_start=AutoStart.SCHEDULED)
    assert (again.next_step, again.next_due_at) == (Step.START, START)


def test_one_whose_start_has_passed_is_not_started_in_the_past(studio: Studio, once: UUID) -> None:
    edited(studio, once, auto_start=AutoStart.MANUAL)
    during = START + timedelta(minutes=10)

    row = edited(studio, once, during, auto_start=AutoStart.SCHEDULED)

    assert (row.state, row.next_step, row.next_due_at) == (State.SCHEDULED, Step.END, END)


def test_the_grace_and_the_end_by_itself_reach_the_row(studio: Studio, once: UUID) -> None:
    row = edited(studio, once, misfire_grace=timedelta(minutes=1), auto_end=False)

    assert (row.misfire_grace, row.end_due_at - row.ends_at) == (timedelta(minutes=1), timedelta(hours=12))


def test_one_that_runs_over_ends_now_when_it_is_to_end_by_itself(studio: Studio, once: UUID) -> None:
    edited(studio, once, auto_end=False)
    later = END + timedelta(minutes=10)

    row = edited(studio, once, later, auto_end=True)

    assert (row.state, row.started_at, row.ended_at) == (State.COMPLETED, START, later)


def test_an_edit_takes_up_a_plan_that_was_set_aside(studio: Studio, once: UUID) -> None:
    with studio.engine.begin() as connection:
        connection.execute(text("UPDATE segment SET set_aside = 'bad', next_materialize_at = NULL"))

    edited(studio, once, title="New")

    with studio.engine.connect() as connection:
        assert connection.scalar(text("SELECT set_aside FROM segment")) is None
