"""A cancellation that is taken back, and what staff put right afterwards."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

import recurrence
from db import engine as database
from db.models import AutoStart, Mark, SessionMetrics
from db.sessions import SessionKey
from lifecycle import IllegalTransition, State
from services import attend, by_hand, correct, history, measured, plan, query, remove, transition
from services.correct import Correction
from services.errors import Clash, Conflict, InvalidField
from services.plan_draft import PlanDraft
from services.remove import Target
from services.views import SessionView
from tests.integration.conftest import Studio

STARTS = datetime(2026, 1, 5, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HALF_PAST = STARTS + 30 * MINUTE
ENDS = STARTS + 60 * MINUTE
LATER = ENDS + timedelta(hours=3)
PLANNED = STARTS - timedelta(days=1)

Planner = Callable[..., SessionKey]
Step = Callable[..., None]


@pytest.fixture
def planned(studio: Studio) -> Planner:
    """Plans one hour on a past Monday, as if it had been planned the day before."""

    def make(**more: object) -> SessionKey:
        local = datetime(2026, 1, 5, 18)
        series = recurrence.Series(dtstart=local, time_zone="Asia/Seoul", duration=recurrence.Duration(seconds=3600))
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            draft = PlanDraft(series=series, title="Pilates", **more)  # type: ignore[arg-type]
            made = plan.create(tx, studio.tenant_id, draft, PLANNED, studio.settings)
        return SessionKey(studio.tenant_id, made.series_id, local)

    return make


@pytest.fixture
def act(studio: Studio) -> Step:
    """Does something to a session at an instant, as somebody at the desk."""

    def do(verb: Callable[..., None], key: SessionKey, at: datetime, *more: object) -> None:
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            verb(tx, key, *more, "desk", at)

    return do


def read(studio: Studio, key: SessionKey, at: datetime) -> SessionView:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        view = query.one(tx, key.tenant_id, key.series_id, key.recurrence_id, at)
    assert isinstance(view, SessionView)
    return view


def ledger(studio: Studio, key: SessionKey) -> list[tuple[str, datetime, str, str]]:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        return [(row.kind, row.effective_at, row.actor, row.outcome) for row in history.of_session(tx, key)]


def record(studio: Studio, key: SessionKey) -> SessionMetrics:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        return measured.of_sessions(tx, [key])[key]


def drain(studio: Studio) -> None:
    for step in transition.LIFE:
        transition.drain(studio.engine, step, 1000)


def test_what_had_not_begun_is_scheduled_again_and_starts_on_time(studio: Studio, planned: Planner, act: Step) -> None:
    key = planned()
    act(by_hand.cancel, key, PLANNED)

    act(by_hand.reinstate, key, PLANNED + MINUTE)

    assert read(studio, key, PLANNED + MINUTE).state == State.SCHEDULED
    drain(studio)
    assert [row[:2] for row in ledger(studio, key)] == [
        ("cancel", PLANNED),
        ("reinstate", PLANNED + MINUTE),
        ("start", STARTS),
        ("end", ENDS),
    ]


def test_what_had_begun_goes_on_and_never_starts_twice(studio: Studio, planned: Planner, act: Step) -> None:
    key = planned()
    act(by_hand.cancel, key, STARTS + MINUTE)

    act(by_hand.reinstate, key, HALF_PAST)

    again = read(studio, key, HALF_PAST)
    assert (again.state, again.started_at, again.ended_at) == (State.IN_PROGRESS, STARTS, None)
    drain(studio)
    assert [row[:2] for row in ledger(studio, key)] == [
        ("start", STARTS),
        ("cancel", STARTS + MINUTE),
        ("reinstate", HALF_PAST),
        ("end", ENDS),
    ]


@pytest.mark.parametrize(
    "cancelled_at, reinstated_at, state, kinds",
    [
        (PLANNED, HALF_PAST, State.IN_PROGRESS, ["cancel", "reinstate", "start"]),
        (PLANNED, LATER, State.COMPLETED, ["cancel", "reinstate", "start", "end"]),
        (HALF_PAST, LATER, State.COMPLETED, ["start", "cancel", "reinstate", "end"]),
    ],
)
def test_a_reinstated_session_is_settled_forward(
    studio: Studio,
    planned: Planner,
    act: Step,
    cancelled_at: datetime,
    reinstated_at: datetime,
    state: State,
    kinds: list[str],
) -> None:
    key = planned()
    act(by_hand.cancel, key, cancelled_at)

    act(by_hand.reinstate, key, reinstated_at)

    view = read(studio, key, reinstated_at)
    assert (view.state, view.started_at) == (state, STARTS)
    assert view.ended_at == (ENDS if state == State.COMPLETED else None)
    assert [row[0] for row in ledger(studio, key)] == kinds


def test_one_that_is_started_by_hand_is_missed_when_nobody_had(studio: Studio, planned: Planner, act: Step) -> None:
    key = planned(auto_start=AutoStart.MANUAL)
    act(by_hand.cancel, key, PLANNED)

    act(by_hand.reinstate, key, LATER)

    assert read(studio, key, LATER).state == State.MISSED


def test_a_place_that_is_taken_meanwhile_stays_with_who_has_it(
    studio: Studio, planned: Planner, act: Step, hall: UUID
) -> None:
    key = planned(space_id=hall)
    act(by_hand.cancel, key, PLANNED)
    planned(space_id=hall)

    with pytest.raises(Clash):
        act(by_hand.reinstate, key, PLANNED + MINUTE)

    assert read(studio, key, PLANNED + MINUTE).state == State.CANCELLED
    assert [row[0] for row in ledger(studio, key)] == ["cancel"]


def test_a_reinstated_session_has_its_place_again(studio: Studio, planned: Planner, act: Step, hall: UUID) -> None:
    key = planned(space_id=hall)
    act(by_hand.cancel, key, PLANNED)
    act(by_hand.reinstate, key, PLANNED + MINUTE)

    with pytest.raises(Clash):
        planned(space_id=hall)


def test_only_what_is_cancelled_is_reinstated(studio: Studio, planned: Planner, act: Step) -> None:
    key = planned()

    for at in (PLANNED, HALF_PAST, LATER):
        with pytest.raises(IllegalTransition):
            act(by_hand.reinstate, key, at)


def test_what_is_removed_is_neither_reinstated_nor_corrected(studio: Studio, planned: Planner, act: Step) -> None:
    key = planned()
    act(by_hand.cancel, key, PLANNED)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        remove.remove(tx, studio.tenant_id, [Target(key.series_id)], "desk", PLANNED)

    with pytest.raises(Conflict):
        act(by_hand.reinstate, key, PLANNED + MINUTE)
    with pytest.raises(Conflict):
        act(correct.correct, key, LATER, Correction())


def test_a_missed_session_that_took_place_is_completed_and_measured(
    studio: Studio, planned: Planner, act: Step, ada: UUID
) -> None:
    key = planned(auto_start=AutoStart.MANUAL, participants=(ada,))
    drain(studio)
    assert read(studio, key, LATER).state == State.MISSED

    act(correct.correct, key, LATER, Correction(ended_at=ENDS - 10 * MINUTE))

    view = read(studio, key, LATER)
    assert (view.state, view.started_at, view.ended_at) == (State.COMPLETED, STARTS, ENDS - 10 * MINUTE)
    assert ledger(studio, key) == [("miss", ENDS, "system", "caught_up"), ("correct", LATER, "desk", "by_hand")]
    told = record(studio, key)
    assert (told.actual_minutes, told.expected, told.absent) == (50, 1, 1)


def test_corrected_times_are_measured_again_and_marks_stay(
    studio: Studio, planned: Planner, act: Step, ada: UUID
) -> None:
    key = planned(participants=(ada,))
    drain(studio)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        attend.mark(tx, key, ada, Mark.PRESENT, "desk", LATER)

    act(correct.correct, key, LATER, Correction(started_at=STARTS + 5 * MINUTE, ended_at=ENDS + 5 * MINUTE))

    told = record(studio, key)
    assert (told.start_lateness_s, told.end_lateness_s, told.present, told.absent) == (300, 300, 1, 0)
    assert [row[0] for row in ledger(studio, key)] == ["start", "end", "correct"]


def test_a_correction_that_changes_nothing_leaves_nothing_behind(studio: Studio, planned: Planner, act: Step) -> None:
    key = planned()
    drain(studio)

    act(correct.correct, key, LATER, Correction(started_at=STARTS))

    assert [row[0] for row in ledger(studio, key)] == ["start", "end"]


@pytest.mark.parametrize(
    "correction, field",
    [
        (Correction(started_at=ENDS), "started_at"),
        (Correction(ended_at=STARTS), "ended_at"),
        (Correction(started_at=LATER, ended_at=STARTS), "ended_at"),
        (Correction(ended_at=LATER + MINUTE), "ended_at"),
        (Correction(started_at=LATER + MINUTE), "started_at"),
    ],
)
def test_times_that_cannot_have_been_are_refused(
    studio: Studio, planned: Planner, act: Step, correction: Correction, field: str
) -> None:
    key = planned()
    drain(studio)

    with pytest.raises(InvalidField) as caught:
        act(correct.correct, key, LATER, correction)

    assert caught.value.field == field
    assert [row[0] for row in ledger(studio, key)] == ["start", "end"]


@pytest.mark.parametrize("at", [PLANNED, HALF_PAST])
def test_what_is_not_over_is_not_corrected(studio: Studio, planned: Planner, act: Step, at: datetime) -> None:
    key = planned()

    with pytest.raises(IllegalTransition):
        act(correct.correct, key, at, Correction(started_at=STARTS - timedelta(days=2)))
