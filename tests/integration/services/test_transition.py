"""Due sessions move once, on their planned instants, whatever happens around them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

import recurrence
from db import due
from db import engine as database
from db.models import AutoStart, Mark
from db.sessions import SessionKey
from lifecycle import IllegalTransition, State, Step
from services import attend, by_hand, history, measured, plan, query, references, transition
from services.errors import Conflict
from services.plan_draft import PlanDraft
from services.views import SessionView
from tests.integration.conftest import Studio

STARTS = datetime(2026, 1, 5, 9, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=1)
PLANNED = STARTS - timedelta(days=1)

Planner = Callable[..., SessionKey]


@pytest.fixture
def planned(studio: Studio) -> Planner:
    """Plans one hour on a past Monday, as if it had been planned the day before."""

    def make(title: str = "Pilates", **more: object) -> SessionKey:
        local = datetime(2026, 1, 5, 18)
        series = recurrence.Series(dtstart=local, time_zone="Asia/Seoul", duration=recurrence.Duration(seconds=3600))
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            draft = PlanDraft(series=series, title=title, **more)  # type: ignore[arg-type]
            made = plan.create(tx, studio.tenant_id, draft, PLANNED, studio.settings)
        return SessionKey(studio.tenant_id, made.series_id, local)

    return make


def drain_all(studio: Studio) -> list[dict[str, int]]:
    return [transition.drain(studio.engine, step, 1000) for step in transition.LIFE]


def read(studio: Studio, key: SessionKey, at: datetime) -> SessionView:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        view = query.one(tx, key.tenant_id, key.series_id, key.recurrence_id, at)
    assert isinstance(view, SessionView)
    return view


def put_aside(studio: Studio) -> None:
    """As if the database had refused to move any session on."""
    with studio.engine.begin() as connection:
        connection.execute(text("UPDATE session SET set_aside = 'bad', next_step = NULL, next_due_at = NULL"))


def ledger(studio: Studio, key: SessionKey) -> list[tuple[str, datetime, str, str]]:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        rows = history.of_session(tx, key)
    return [(row.kind, row.effective_at, row.actor, row.outcome) for row in rows]


def test_a_drain_starts_ends_closes_and_measures_on_the_planned_instants(studio: Studio, planned: Planner) -> None:
    key = planned()

    started, ended, closed, measure = drain_all(studio)

    assert (started["start"], ended["end"], closed["closed"], measure["measured"]) == (1, 1, 1, 1)
    assert ledger(studio, key) == [
        ("start", STARTS, "system", "caught_up"),
        ("end", ENDS, "system", "caught_up"),
    ]
    view = read(studio, key, ENDS + timedelta(days=1))
    assert (view.state, view.started_at, view.ended_at) == (State.COMPLETED, STARTS, ENDS)


def test_draining_again_changes_nothing(studio: Studio, planned: Planner) -> None:
    key = planned()
    drain_all(studio)
    before = ledger(studio, key)

    again = drain_all(studio)

    assert again == [{}, {}, {}, {}]
    assert ledger(studio, key) == before


@pytest.mark.parametrize(
    ("after_start", "state", "started", "ended"),
    [
        (timedelta(milliseconds=-1), State.SCHEDULED, False, False),
        (timedelta(0), State.IN_PROGRESS, True, False),
        (timedelta(minutes=59), State.IN_PROGRESS, True, False),
        (timedelta(hours=1), State.COMPLETED, True, True),
    ],
)
def test_a_read_tells_the_effective_state_before_any_worker_came(
    studio: Studio, planned: Planner, after_start: timedelta, state: State, started: bool, ended: bool
) -> None:
    key = planned()

    view = read(studio, key, STARTS + after_start)

    assert view.state is state
    assert view.started_at == (STARTS if started else None)
    assert view.ended_at == (ENDS if ended else None)


def test_nothing_moves_before_its_instant(studio: Studio, planned: Planner) -> None:
    key = planned()

    with database.transaction(studio.engine) as (tx, _):
        early = due.apply(tx, Step.START, STARTS - timedelta(microseconds=1), 10)

    assert early == []
    assert ledger(studio, key) == []


def test_nobody_started_it_by_its_end_so_it_is_missed(studio: Studio, planned: Planner) -> None:
    key = planned(auto_start=AutoStart.MANUAL)

    drain_all(studio)

    assert [(kind, at) for kind, at, _, _ in ledger(studio, key)] == [("miss", ENDS)]
    assert read(studio, key, ENDS).state is State.MISSED


def test_without_automatic_end_it_stays_open_for_twelve_hours(studio: Studio, planned: Planner) -> None:
    key = planned(auto_end=False)

    drain_all(studio)

    assert ledger(studio, key)[1][0:2] == ("end", ENDS + timedelta(hours=12))
    assert ledger(studio, key)[1][3] == "overrun"


def test_who_was_not_marked_is_absent_after_the_close_and_counted(studio: Studio, planned: Planner, ada: UUID) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        bo = {"name": "Bo", "email": "bo@studio.example", "role": "participant"}
        bo_id = references.create(tx, studio.tenant_id, "users", bo, now).id
    key = planned(participants=(ada, bo_id))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        attend.mark(tx, key, ada, Mark.PRESENT, "key", STARTS + timedelta(minutes=10))

    drain_all(studio)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        marks = {view.user_id: view.mark for view in attend.of_session(tx, key, ENDS)}
        record = measured.of_sessions(tx, [key])[key]
    assert marks == {ada: Mark.PRESENT, bo_id: Mark.ABSENT}
    assert (record.expected, record.present, record.absent, record.attendance_rate) == (2, 1, 1, 0.5)
    assert (record.planned_minutes, record.actual_minutes) == (60, 60)


def test_a_correction_after_the_end_measures_again(studio: Studio, planned: Planner, ada: UUID) -> None:
    key = planned(participants=(ada,))
    drain_all(studio)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        attend.mark(tx, key, ada, Mark.LATE, "key", now)

    drain_all(studio)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        record = measured.of_sessions(tx, [key])[key]
    assert (record.late, record.absent, record.attendance_rate) == (1, 0, 1.0)


def test_a_bad_row_is_set_aside_and_holds_up_nobody(studio: Studio, planned: Planner) -> None:
    keys = [planned(str(number)) for number in range(5)]
    with studio.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO transition SELECT tenant_id, series_id, recurrence_id, 1, 'start', now(), now(), 'x',"
                " 'on_time' FROM session WHERE series_id = :bad"
            ),
            {"bad": keys[2].series_id},
        )

    counts = transition.drain(studio.engine, Step.START, 1000)

    assert (counts["start"], counts["set_aside"]) == (4, 1)
    assert read(studio, keys[2], STARTS).set_aside is not None
    assert [read(studio, key, STARTS).state for key in keys if key != keys[2]] == [State.IN_PROGRESS] * 4


@pytest.mark.parametrize("act", [by_hand.start, by_hand.cancel])
def test_what_people_act_on_is_not_set_aside_any_more(
    studio: Studio, planned: Planner, act: Callable[..., object]
) -> None:
    key = planned()
    put_aside(studio)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        act(tx, key, "key", STARTS - timedelta(minutes=5))

    assert read(studio, key, STARTS).set_aside is None


@pytest.mark.parametrize("at", [ENDS, ENDS + timedelta(days=1)])
def test_what_was_set_aside_is_not_started_by_hand_when_its_end_has_passed(
    studio: Studio, planned: Planner, at: datetime
) -> None:
    key = planned()
    put_aside(studio)

    with (
        pytest.raises(Conflict, match="cannot start a session that was to end at 2026-01-05T10:00:00Z"),
        database.transaction(studio.engine, studio.tenant_id) as (tx, _),
    ):
        by_hand.start(tx, key, "key", at)

    assert ledger(studio, key) == []


def test_what_was_set_aside_may_be_started_by_hand_before_its_end(studio: Studio, planned: Planner) -> None:
    key = planned()
    put_aside(studio)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.start(tx, key, "key", ENDS - timedelta(seconds=1))

    assert read(studio, key, ENDS).ended_at == ENDS


def test_a_drain_leaves_what_its_time_does_not_allow(studio: Studio, planned: Planner) -> None:
    for number in range(40):
        planned(str(number))

    counts = transition.drain(studio.engine, Step.START, 4, longest=timedelta(0))

    assert 0 < counts["start"] < 40


def test_two_drains_share_the_work_and_double_nothing(studio: Studio, planned: Planner) -> None:
    for number in range(10):
        planned(str(number))

    with (
        database.transaction(studio.engine) as (one, now),
        database.transaction(studio.engine) as (other, _),
    ):
        first = due.apply(one, Step.START, now, 4)
        second = due.apply(other, Step.START, now, 100)

    assert (first[0].count, second[0].count) == (4, 6)


def test_started_by_hand_then_ended_by_hand_says_who(studio: Studio, planned: Planner) -> None:
    key = planned()
    early, later = STARTS - timedelta(minutes=5), STARTS + timedelta(minutes=40)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.start(tx, key, "key-1", early)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.end(tx, key, "key-2", later)

    assert ledger(studio, key) == [("start", early, "key-1", "by_hand"), ("end", later, "key-2", "by_hand")]
    assert read(studio, key, later).state is State.COMPLETED


def test_a_cancelled_session_never_starts(studio: Studio, planned: Planner) -> None:
    key = planned()
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.cancel(tx, key, "key", STARTS - timedelta(hours=1))

    drain_all(studio)

    assert [kind for kind, *_ in ledger(studio, key)] == ["cancel"]


def test_cancelling_settles_first_so_that_the_ledger_shows_the_start(studio: Studio, planned: Planner) -> None:
    key = planned()
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.cancel(tx, key, "key", STARTS + timedelta(minutes=1))

    assert [kind for kind, *_ in ledger(studio, key)] == ["start", "cancel"]


def test_what_is_over_cannot_be_cancelled(studio: Studio, planned: Planner) -> None:
    key = planned()

    with (
        pytest.raises(IllegalTransition, match="cannot cancel a session that is COMPLETED"),
        database.transaction(studio.engine, studio.tenant_id) as (tx, _),
    ):
        by_hand.cancel(tx, key, "key", ENDS)
