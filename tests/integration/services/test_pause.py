"""Days that are taken out of a plan, and given back."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

import recurrence
from db import audits
from db import engine as database
from db.models import Mark
from db.sessions import SessionKey
from lifecycle import Step
from services import attend, audit, by_hand, edit, materialize, pause, plan, query, references, remove, transition
from services.edit import SessionChange
from services.errors import Clash, Conflict, InvalidField
from services.filters import Filters, Page
from services.pause import Days, Done
from services.plan_draft import PlanDraft
from services.remove import Target
from tests.integration.conftest import Studio

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday, 21:00 in Seoul
WEEK = Days(date(2026, 3, 9), date(2026, 3, 15))
OTHERS = [3, 4, 5, 6, 7, 8, 16, 17, 18, 19]  # March, without that week

Planner = Callable[..., UUID]
Pauser = Callable[..., Done]


@pytest.fixture
def planned(studio: Studio) -> Planner:
    """Plans an hour a day at nine in Seoul from the 3rd to the 19th of March."""

    def make(at: datetime = NOW, rule: str = "FREQ=DAILY;UNTIL=20260319T010000Z", **more: object) -> UUID:
        series = recurrence.Series(
            dtstart=datetime(2026, 3, 3, 9),
            time_zone="Asia/Seoul",
            duration=recurrence.Duration(seconds=3600),
            rule=recurrence.Rule.parse(rule),
        )
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            draft = PlanDraft(series=series, title="Pilates", **more)  # type: ignore[arg-type]
            return plan.create(tx, studio.tenant_id, draft, at, studio.settings).series_id

    return make


@pytest.fixture
def change(studio: Studio) -> Pauser:
    """Pauses or resumes a plan at an instant."""

    def do(verb: Callable[..., Done], series_id: UUID, days: Days = WEEK, at: datetime = NOW) -> Done:
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            return verb(tx, pause.hold(tx, studio.tenant_id, series_id, at), days, at)

    return do


def days_of(studio: Studio, series_id: UUID, month: int = 3, at: datetime = NOW) -> list[int]:
    """The days of a month, in Seoul, that have a session."""
    start = datetime(2026, month, 1, tzinfo=UTC)
    filters = Filters(from_=start, to=start + timedelta(days=31), series_id=series_id)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        found = query.window(tx, studio.tenant_id, filters, Page(limit=100), at).items
    return [recurrence.wall_time(one.starts_at, "Asia/Seoul").day for one in found]


def key(studio: Studio, series_id: UUID, day: int) -> SessionKey:
    return SessionKey(studio.tenant_id, series_id, datetime(2026, 3, day, 9))


def test_the_sessions_of_those_days_go_and_come_back(studio: Studio, planned: Planner, change: Pauser) -> None:
    series_id = planned()

    gone = change(pause.pause, series_id)
    between = days_of(studio, series_id)
    back = change(pause.resume, series_id)

    assert (gone, between) == (Done(7), OTHERS)
    assert back == Done(7)
    assert days_of(studio, series_id) == list(range(3, 20))


def test_pausing_and_resuming_twice_changes_nothing_more(studio: Studio, planned: Planner, change: Pauser) -> None:
    series_id = planned()

    assert [change(pause.pause, series_id) for _ in range(2)] == [Done(7), Done(0)]
    assert days_of(studio, series_id) == OTHERS
    assert [change(pause.resume, series_id) for _ in range(2)] == [Done(7), Done(0)]


def test_what_comes_back_starts_on_time_and_what_is_gone_never_does(
    studio: Studio, planned: Planner, change: Pauser
) -> None:
    series_id = planned()
    change(pause.pause, series_id)
    change(pause.resume, series_id, Days(date(2026, 3, 10), date(2026, 3, 10)))

    transition.drain(studio.engine, Step.START, 1000)

    with database.transaction(studio.engine) as (tx, _):
        started = tx.scalars(text("SELECT extract(day FROM recurrence_id)::int FROM session WHERE seq > 0 ORDER BY 1"))
        assert list(started) == sorted([*OTHERS, 10])


def test_what_somebody_touched_stays(studio: Studio, planned: Planner, change: Pauser) -> None:
    series_id = planned()
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        edit.edit(tx, key(studio, series_id, 10), SessionChange(title="Gala"), NOW)
        by_hand.start(tx, key(studio, series_id, 11), "desk", NOW)
        by_hand.cancel(tx, key(studio, series_id, 12), "desk", NOW)
        remove.remove(tx, studio.tenant_id, [Target(series_id, datetime(2026, 3, 13, 9))], "desk", NOW)

    done = change(pause.pause, series_id)
    between = days_of(studio, series_id)
    change(pause.resume, series_id)

    assert done == Done(3, stay=2)
    assert between == sorted([*OTHERS, 10, 11, 12])
    assert days_of(studio, series_id) == [day for day in range(3, 20) if day != 13]


def test_the_auditor_finds_nothing_wrong_with_a_paused_plan(studio: Studio, planned: Planner, change: Pauser) -> None:
    start = datetime.combine(date(2026, 3, 2), datetime.min.time(), UTC)
    series_id = planned(rule="FREQ=DAILY")
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        edit.edit(tx, key(studio, series_id, 10), SessionChange(title="Gala"), NOW)
    change(pause.pause, series_id)

    with database.transaction(studio.engine) as (tx, _):
        at = tx.execute(text("SELECT tenant_id, series_id, from_local FROM segment")).one()
        _, counts = audit.look(tx, start, [audits.SegmentKey(*at)])

    assert counts == {"compared": 1}


def test_an_excuse_that_was_made_before_is_still_there(studio: Studio, planned: Planner, change: Pauser) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        values = {"name": "Ada", "email": "ada@studio.example", "role": "participant"}
        ada = references.create(tx, studio.tenant_id, "users", values, now).id
    series_id = planned(participants=(ada,))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        attend.mark(tx, key(studio, series_id, 10), ada, Mark.EXCUSED, "desk", NOW)

    change(pause.pause, series_id)
    change(pause.resume, series_id)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        assert [view.mark for view in attend.of_session(tx, key(studio, series_id, 10), NOW)] == [Mark.EXCUSED]


def test_the_place_is_free_meanwhile_and_has_to_be_free_again(
    studio: Studio, planned: Planner, change: Pauser, hall: UUID
) -> None:
    series_id = planned(space_id=hall)
    change(pause.pause, series_id)
    planned(space_id=hall, rule="FREQ=DAILY;COUNT=1;BYMONTHDAY=12")

    with pytest.raises(Clash):
        change(pause.resume, series_id)
    assert days_of(studio, series_id) == OTHERS

    change(pause.resume, series_id, Days(date(2026, 3, 9), date(2026, 3, 11)))
    assert days_of(studio, series_id) == sorted([*OTHERS, 9, 10, 11])


def test_days_beyond_the_horizon_are_taken_out_and_given_back(studio: Studio, planned: Planner, change: Pauser) -> None:
    series_id = planned(rule="FREQ=DAILY")
    april = Days(date(2026, 8, 2), date(2026, 8, 30))

    change(pause.pause, series_id, april)
    between = days_of(studio, series_id, 8)
    change(pause.resume, series_id, Days(date(2026, 8, 1), date(2026, 8, 29)))

    assert between == [1, 31]
    assert days_of(studio, series_id, 8) == [*range(1, 30), 31]


def test_a_plan_whose_end_was_paused_goes_on_when_it_is_resumed(
    studio: Studio, planned: Planner, change: Pauser
) -> None:
    series_id = planned(rule="FREQ=DAILY;UNTIL=20260620T010000Z")
    change(pause.pause, series_id, Days(date(2026, 3, 9), date(2026, 6, 20)))
    materialize.drain(studio.engine, studio.settings)

    change(pause.resume, series_id, Days(date(2026, 6, 18), date(2026, 6, 20)))
    materialize.drain(studio.engine, studio.settings)

    assert days_of(studio, series_id, 6) == [18, 19, 20]
    with database.transaction(studio.engine) as (tx, _):
        written = tx.scalar(
            text("SELECT count(*) FROM session WHERE recurrence_id > '2026-06-01' AND removed_at IS NULL")
        )
    assert written == 3


def test_what_began_and_what_is_past_stays_as_it_was(studio: Studio, planned: Planner, change: Pauser) -> None:
    series_id = planned()
    noon = datetime(2026, 3, 10, 3, tzinfo=UTC)  # in Seoul; the session of that day is over

    done = change(pause.pause, series_id, at=noon)
    between = days_of(studio, series_id, at=noon)
    change(pause.resume, series_id, at=noon)

    assert done == Done(5)
    assert between == [*range(3, 11), 16, 17, 18, 19]
    assert days_of(studio, series_id, at=noon) == list(range(3, 20))


def test_what_would_have_begun_during_the_pause_does_not_come_back(
    studio: Studio, planned: Planner, change: Pauser
) -> None:
    series_id = planned()
    change(pause.pause, series_id)
    noon = datetime(2026, 3, 11, 3, tzinfo=UTC)

    change(pause.resume, series_id, at=noon)

    assert days_of(studio, series_id, at=noon) == [*range(3, 9), *range(12, 20)]


@pytest.mark.parametrize(
    "days",
    [
        Days(date(2026, 3, 9), date(2026, 3, 8)),
        Days(date(2026, 2, 1), date(2026, 3, 1)),
        Days(date(2026, 3, 9), date(2027, 3, 10)),
    ],
)
def test_days_that_make_no_sense_are_refused(planned: Planner, change: Pauser, days: Days) -> None:
    series_id = planned()

    for verb in (pause.pause, pause.resume):
        with pytest.raises(InvalidField) as caught:
            change(verb, series_id, days)
        assert caught.value.field == "until"


def test_a_removed_plan_is_not_paused(studio: Studio, planned: Planner, change: Pauser) -> None:
    series_id = planned()
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        remove.remove(tx, studio.tenant_id, [Target(series_id)], "desk", NOW)

    with pytest.raises(Conflict):
        change(pause.pause, series_id)
