"""A start that comes too late is missed by those who ask for it, and caught up for all others."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, update

import recurrence
from db import due
from db import engine as database
from db.models import AutoStart, Mark, Segment, Session
from db.sessions import SessionKey
from lifecycle import IllegalTransition, State
from services import attend, by_hand, edit, history, plan, query, remove, restore, stored, transition
from services.edit import SessionChange
from services.errors import InvalidField
from services.filters import Filters, Page
from services.plan_draft import PlanDraft
from services.views import SessionView
from tests.integration.conftest import Studio

STARTS = datetime(2026, 1, 5, 9, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=1)
PLANNED = STARTS - timedelta(days=1)
GRACE = timedelta(minutes=15)
LAST = STARTS + GRACE
TOO_LATE = LAST + timedelta(microseconds=1)

Planner = Callable[..., SessionKey]


@pytest.fixture
def planned(studio: Studio) -> Planner:
    """Plans one hour on a past Monday, by default with a grace of 15 minutes."""

    def make(misfire_grace: timedelta | None = GRACE, **more: object) -> SessionKey:
        local = datetime(2026, 1, 5, 18)
        series = recurrence.Series(dtstart=local, time_zone="Asia/Seoul", duration=recurrence.Duration(seconds=3600))
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            draft = PlanDraft(series=series, title="x", misfire_grace=misfire_grace, **more)  # type: ignore[arg-type]
            made = plan.create(tx, studio.tenant_id, draft, PLANNED, studio.settings)
        return SessionKey(studio.tenant_id, made.series_id, local)

    return make


def drain(studio: Studio, at: datetime) -> None:
    """Does every step that is due at `at`, as a worker would that comes then."""
    with database.transaction(studio.engine) as (tx, _):
        for step in transition.LIFE:
            due.apply(tx, step, at, 1000)


def read(studio: Studio, key: SessionKey, at: datetime) -> SessionView:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        view = query.one(tx, key.tenant_id, key.series_id, key.recurrence_id, at)
    assert isinstance(view, SessionView)
    return view


def life(view: SessionView) -> tuple[State | None, datetime | None, datetime | None]:
    return view.state, view.started_at, view.ended_at


def ledger(studio: Studio, key: SessionKey) -> list[tuple[str, datetime, str]]:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        return [(row.kind, row.effective_at, row.outcome) for row in history.of_session(tx, key)]


def due_of(studio: Studio, key: SessionKey, at: datetime) -> list[str]:
    """What is told to have happened by `at` though nobody wrote it."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        return [one.kind for one in history.effective(tx, key, at)]


def test_a_start_that_comes_too_late_is_a_miss_and_the_ledger_says_why(studio: Studio, planned: Planner) -> None:
    key = planned()

    drain(studio, TOO_LATE)
    drain(studio, ENDS + timedelta(days=1))

    assert ledger(studio, key) == [("miss", STARTS, "misfire")]
    assert life(read(studio, key, ENDS)) == (State.MISSED, None, None)


def test_a_start_within_its_grace_is_a_start(studio: Studio, planned: Planner) -> None:
    key = planned()

    drain(studio, LAST)

    assert [(kind, at) for kind, at, _ in ledger(studio, key)] == [("start", STARTS)]


def test_without_a_grace_it_is_caught_up_however_late(studio: Studio, planned: Planner) -> None:
    key = planned(misfire_grace=None)

    drain(studio, ENDS + timedelta(days=30))

    assert ledger(studio, key) == [("start", STARTS, "caught_up"), ("end", ENDS, "caught_up")]


def test_what_began_in_time_is_ended_however_late(studio: Studio, planned: Planner) -> None:
    key = planned()
    drain(studio, STARTS)

    drain(studio, ENDS + timedelta(days=30))

    assert life(read(studio, key, ENDS)) == (State.COMPLETED, STARTS, ENDS)


def test_a_missed_session_has_nothing_more_to_come(studio: Studio, planned: Planner) -> None:
    planned()

    drain(studio, TOO_LATE)

    with studio.engine.connect() as connection:
        assert list(connection.execute(select(Session.next_step, Session.next_due_at))) == [(None, None)]


@pytest.mark.parametrize(
    ("grace", "at"),
    [
        (grace, at)
        for grace in (None, GRACE, timedelta(hours=2))
        for at in (STARTS - timedelta(microseconds=1), STARTS, LAST, TOO_LATE, ENDS, ENDS + timedelta(hours=3))
        if (grace, at) != (timedelta(hours=2), ENDS)  # whether it is still started shows only when that is done
    ],
)
def test_reads_say_before_the_workers_came_what_they_say_after(
    studio: Studio, planned: Planner, grace: timedelta | None, at: datetime
) -> None:
    key = planned(misfire_grace=grace)
    before = life(read(studio, key, at))

    drain(studio, at)

    assert life(read(studio, key, at)) == before


LONG = timedelta(hours=2)  # a grace that outlives the session


def test_until_its_grace_is_over_a_start_that_is_due_is_in_progress_also_after_the_end(
    studio: Studio, planned: Planner
) -> None:
    key = planned(misfire_grace=LONG)
    instants = [STARTS, ENDS, STARTS + LONG]
    last = STARTS + LONG + timedelta(microseconds=1)

    assert [life(read(studio, key, at)) for at in instants] == [(State.IN_PROGRESS, STARTS, None)] * 3
    assert life(read(studio, key, last)) == (State.MISSED, None, None)
    assert [due_of(studio, key, at) for at in instants] == [["start"]] * 3
    assert due_of(studio, key, last) == ["miss"]


def test_nobody_is_absent_from_a_session_whose_start_is_only_due(studio: Studio, planned: Planner, ada: UUID) -> None:
    key = planned(misfire_grace=LONG, participants=(ada,))

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        assert attend.one(tx, key, ada, ENDS).mark is Mark.EXPECTED


def test_where_no_row_is_kept_the_same_is_told(studio: Studio, planned: Planner) -> None:
    key = planned(misfire_grace=LONG)
    instants = [STARTS, ENDS, STARTS + LONG, STARTS + LONG + timedelta(microseconds=1)]
    stored_lives = [life(read(studio, key, at)) for at in instants]
    with studio.engine.begin() as connection:
        connection.execute(delete(Session))
        connection.execute(update(Segment).values(materialized_until=PLANNED))

    assert [life(read(studio, key, at)) for at in instants] == stored_lives


@pytest.mark.parametrize(
    ("grace", "at", "state"),
    [
        (GRACE, LAST, State.IN_PROGRESS),
        (GRACE, TOO_LATE, State.MISSED),
        (LONG, ENDS, State.IN_PROGRESS),
        (LONG, STARTS + LONG, State.IN_PROGRESS),
    ],
)
def test_filters_follow_the_same_rule(
    studio: Studio, planned: Planner, grace: timedelta, at: datetime, state: State
) -> None:
    planned(misfire_grace=grace)

    found = {}
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        for wanted in State:
            window = Filters(from_=STARTS, to=ENDS, state=wanted)
            found[wanted] = len(stored.page(tx, studio.tenant_id, window, Page(), at).views)

    assert found == {one: int(one is state) for one in State}


def test_a_write_settles_by_the_same_rule(studio: Studio, planned: Planner) -> None:
    key = planned()

    with (
        pytest.raises(IllegalTransition, match="cannot cancel a session that is MISSED"),
        database.transaction(studio.engine, studio.tenant_id) as (tx, _),
    ):
        by_hand.cancel(tx, key, "key", TOO_LATE)


def test_a_session_that_is_moved_is_measured_by_its_new_start(studio: Studio, planned: Planner) -> None:
    key = planned()
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        edit.edit(tx, key, SessionChange(starts=STARTS + timedelta(hours=2)), PLANNED)

    drain(studio, TOO_LATE + timedelta(hours=1))
    waits = read(studio, key, TOO_LATE + timedelta(hours=1)).state
    drain(studio, TOO_LATE + timedelta(hours=2))

    assert waits is State.SCHEDULED
    assert ledger(studio, key) == [("miss", STARTS + timedelta(hours=2), "misfire")]


def test_what_comes_back_after_its_start_waits_for_its_end_whatever_its_grace(studio: Studio, planned: Planner) -> None:
    key = planned()
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        remove.remove(tx, key.tenant_id, [remove.Target(key.series_id)], "key", PLANNED)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        restore.restore(tx, key.tenant_id, remove.Target(key.series_id), STARTS + timedelta(minutes=1), studio.settings)
    instants = [TOO_LATE, ENDS - timedelta(microseconds=1), ENDS]
    before = [life(read(studio, key, at)) for at in instants]

    drain(studio, ENDS)

    assert [(kind, at) for kind, at, _ in ledger(studio, key)] == [("miss", ENDS)]
    assert [life(read(studio, key, at)) for at in instants] == before
    assert [state for state, *_ in before] == [State.SCHEDULED, State.SCHEDULED, State.MISSED]


def test_what_came_back_and_was_called_off_is_measured_by_its_grace_when_that_is_taken_back(
    studio: Studio, planned: Planner
) -> None:
    key = planned()
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        remove.remove(tx, key.tenant_id, [remove.Target(key.series_id)], "key", PLANNED)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        restore.restore(tx, key.tenant_id, remove.Target(key.series_id), STARTS + timedelta(minutes=1), studio.settings)
        by_hand.cancel(tx, key, "key", STARTS + timedelta(minutes=1))

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.reinstate(tx, key, "key", TOO_LATE)

    assert life(read(studio, key, TOO_LATE)) == (State.MISSED, None, None)


def test_what_is_to_start_by_itself_only_after_its_start_waits_for_its_end(studio: Studio, planned: Planner) -> None:
    key = planned(misfire_grace=None, auto_start=AutoStart.MANUAL)
    with studio.engine.begin() as connection:
        connection.execute(update(Segment).values(auto_start=AutoStart.SCHEDULED, misfire_grace=GRACE))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        edit.edit(tx, key, SessionChange(ends=ENDS + timedelta(hours=1)), STARTS + timedelta(minutes=1))
    before = life(read(studio, key, TOO_LATE))

    drain(studio, ENDS + timedelta(hours=1))

    assert life(read(studio, key, TOO_LATE)) == before == (State.SCHEDULED, None, None)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"misfire_grace": timedelta(seconds=9)}, "misfire_grace"),
        ({"misfire_grace": timedelta(days=366)}, "misfire_grace"),
        ({"auto_start": AutoStart.MANUAL}, "misfire"),
    ],
)
def test_a_grace_that_makes_no_sense_is_refused(planned: Planner, more: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidField) as caught:
        planned(**more)

    assert caught.value.field == field
