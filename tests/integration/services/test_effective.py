"""Reads tell the state at their own `now`, whatever the workers have written by then or have not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import text

import recurrence
from db import due
from db import engine as database
from db.models import AutoStart, Mark
from db.sessions import SessionKey
from lifecycle import State
from services import attend, by_hand, plan, query, references, settled, to_come, transition
from services.filters import Filters, Page
from services.plan_draft import PlanDraft
from services.to_come import Ahead
from services.views import SessionView
from tests.integration.conftest import Studio

STARTS = datetime(2026, 1, 5, 9, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=1)
PLANNED = STARTS - timedelta(days=1)
LOCAL = datetime(2026, 1, 5, 18)
A_MOMENT = timedelta(milliseconds=1)
GRACE = timedelta(minutes=15)

Planner = Callable[..., SessionKey]


class Told(NamedTuple):
    """What a read says of a session's life."""

    state: State | None
    started_at: datetime | None
    ended_at: datetime | None


@pytest.fixture
def planned(studio: Studio) -> Planner:
    """Plans an hour on a past Monday, weekly from then on, as if it had been planned the day before."""

    def make(**more: object) -> SessionKey:
        series = recurrence.Series(
            dtstart=LOCAL,
            time_zone="Asia/Seoul",
            duration=recurrence.Duration(seconds=3600),
            rule=recurrence.Rule.parse("FREQ=WEEKLY;COUNT=2"),
        )
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            draft = PlanDraft(series=series, title="Pilates", **more)  # type: ignore[arg-type]
            made = plan.create(tx, studio.tenant_id, draft, PLANNED, studio.settings)
        return SessionKey(studio.tenant_id, made.series_id, LOCAL)

    return make


def not_materialized(studio: Studio) -> None:
    """As if no worker had written rows since the plans were made."""
    with studio.engine.begin() as connection:
        connection.execute(text("DELETE FROM session"))
        connection.execute(
            text("UPDATE segment SET materialized_until = :at, next_materialize_at = :at"), {"at": PLANNED}
        )


def read(studio: Studio, key: SessionKey, at: datetime) -> Told:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        view = query.one(tx, key.tenant_id, key.series_id, key.recurrence_id, at)
    assert isinstance(view, SessionView)
    return Told(view.state, view.started_at, view.ended_at)


def found(studio: Studio, at: datetime) -> dict[State, tuple[int, int]]:
    """How many sessions of the first day a list and a count find in each state."""
    counts = {}
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        for state in State:
            window = Filters(from_=PLANNED, to=STARTS + timedelta(days=1), state=state)
            listed = query.window(tx, studio.tenant_id, window, Page(), at).items
            assert {one.state for one in listed} <= {state}
            counts[state] = (len(listed), query.count(tx, studio.tenant_id, window, at))
    return counts


def drain_all(studio: Studio) -> None:
    for step in transition.LIFE:
        transition.drain(studio.engine, step, 1000)


INSTANTS = [STARTS - A_MOMENT, STARTS, ENDS - A_MOMENT, ENDS]


@pytest.mark.parametrize("at", INSTANTS)
@pytest.mark.parametrize(
    "more", [{}, {"auto_start": AutoStart.MANUAL}, {"auto_start": AutoStart.FIRST_CHECK_IN}, {"auto_end": False}]
)
def test_a_page_does_not_tell_how_far_the_workers_came_after_its_now(
    studio: Studio, planned: Planner, more: dict[str, object], at: datetime
) -> None:
    key = planned(**more)
    before = read(studio, key, at), found(studio, at)

    drain_all(studio)

    assert (read(studio, key, at), found(studio, at)) == before


def test_what_people_did_after_a_pages_now_is_not_in_it_either(studio: Studio, planned: Planner) -> None:
    key = planned(auto_start=AutoStart.MANUAL)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.start(tx, key, "key", STARTS)
        by_hand.cancel(tx, key, "key", STARTS + GRACE)

    assert [read(studio, key, at) for at in (STARTS - A_MOMENT, STARTS, STARTS + GRACE)] == [
        (State.SCHEDULED, None, None),
        (State.IN_PROGRESS, STARTS, None),
        (State.CANCELLED, STARTS, STARTS + GRACE),
    ]


@pytest.mark.parametrize("at", [*INSTANTS, STARTS + GRACE, STARTS + GRACE + A_MOMENT, ENDS + timedelta(hours=12)])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"auto_start": AutoStart.MANUAL},
        {"auto_start": AutoStart.FIRST_CHECK_IN},
        {"auto_end": False},
        {"misfire_grace": GRACE},
    ],
)
def test_a_session_without_a_row_is_told_as_its_row_would_be(
    studio: Studio, planned: Planner, more: dict[str, object], at: datetime
) -> None:
    key = planned(**more)
    kept = read(studio, key, at), found(studio, at)

    not_materialized(studio)
    given = read(studio, key, at), found(studio, at)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        settled.several(tx, [key], at)

    assert given == kept
    assert read(studio, key, at) == kept[0]


def test_whoever_is_expected_at_a_session_that_is_over_is_absent_before_any_worker_came(
    studio: Studio, planned: Planner
) -> None:
    people = []
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        for name in ("ada", "bea"):
            values = {"name": name, "email": f"{name}@studio.example", "role": "participant"}
            people.append(references.create(tx, studio.tenant_id, "users", values, now).id)
    ada, bea = people
    key = planned(participants=(ada, bea))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        attend.mark(tx, key, bea, Mark.EXCUSED, "key", PLANNED)

    def marks(at: datetime) -> list[tuple[Mark, str | None]]:
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            views = {view.user_id: view for view in attend.of_session(tx, key, at)}
        return [(views[one].mark, views[one].marked_by) for one in people]

    assert marks(ENDS - A_MOMENT) == [(Mark.EXPECTED, None), (Mark.EXCUSED, "key")]
    assert marks(ENDS) == [(Mark.ABSENT, "system"), (Mark.EXCUSED, "key")]
    drain_all(studio)
    assert marks(ENDS) == [(Mark.ABSENT, "system"), (Mark.EXCUSED, "key")]


@pytest.mark.parametrize(
    ("more", "at", "ahead"),
    [
        ({}, STARTS, 2),
        ({}, ENDS, 1),
        ({"auto_start": AutoStart.MANUAL}, ENDS, 1),
        ({"auto_end": False}, ENDS, 2),
        ({"auto_end": False}, ENDS + timedelta(hours=13), 1),
        ({"misfire_grace": GRACE}, STARTS + GRACE, 2),
        ({"misfire_grace": GRACE}, STARTS + GRACE + A_MOMENT, 1),
    ],
)
def test_what_is_to_come_for_a_person_is_the_same_before_the_workers_came_and_after(
    studio: Studio, planned: Planner, more: dict[str, object], at: datetime, ahead: int
) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        values = {"name": "ada", "email": "ada@studio.example", "role": "participant"}
        ada = references.create(tx, studio.tenant_id, "users", values, now).id
    planned(participants=(ada,), **more)

    def counted() -> int | None:
        window = Filters(from_=PLANNED, to=STARTS + timedelta(days=30))
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            asked = Ahead(
                tenant_id=studio.tenant_id, user_ids=[ada], filters=window, endless=False, instructor_id=None, now=at
            )
            return to_come.of_people(tx, asked)[ada]

    before = counted()
    with database.transaction(studio.engine) as (tx, _):
        for step in transition.LIFE:
            due.apply(tx, step, at, 1000)

    assert (before, counted()) == (ahead, ahead)
