"""One session is edited on its own; its key stays, its bookings move along, and the past is history."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

import recurrence
from db import engine as database
from db.models import Segment, Session
from db.sessions import SessionKey
from lifecycle import State, Step
from services import edit, materialize, plan, query, transition
from services.edit import SessionChange
from services.errors import Clash, Conflict, InvalidField, NotFound, VersionMismatch
from services.filters import Filters, Page
from services.plan_draft import PlanDraft
from services.views import SessionView
from tests.integration.conftest import Studio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LOCAL = datetime(2026, 1, 12, 18)


def weekly(studio: Studio, hour: int, hall: UUID) -> SessionKey:
    series = recurrence.Series(
        dtstart=datetime(2026, 1, 5, hour),
        time_zone="Asia/Seoul",
        duration=recurrence.Duration(seconds=3600),
        rule=recurrence.Rule.parse("FREQ=WEEKLY;BYDAY=MO"),
    )
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=series, title=f"At {hour}", space_id=hall)
        made = plan.create(tx, studio.tenant_id, draft, NOW, studio.settings)
    return SessionKey(studio.tenant_id, made.series_id, LOCAL.replace(hour=hour))


def change(studio: Studio, key: SessionKey, now: datetime = NOW, version: int | None = None, **more: object) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        edit.edit(tx, key, SessionChange(**more), now, version)  # type: ignore[arg-type]


def read(studio: Studio, key: SessionKey, now: datetime = NOW) -> SessionView:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        view = query.one(tx, key.tenant_id, key.series_id, key.recurrence_id, now)
    assert isinstance(view, SessionView)
    return view


def test_a_moved_session_keeps_its_key_and_its_length(studio: Studio, hall: UUID) -> None:
    key = weekly(studio, 18, hall)

    change(studio, key, starts=datetime(2026, 1, 13, 20))

    view = read(studio, key)
    assert (view.starts_at, view.ends_at) == (
        datetime(2026, 1, 13, 11, tzinfo=UTC),
        datetime(2026, 1, 13, 12, tzinfo=UTC),
    )
    assert (view.recurrence_id, view.version) == (LOCAL, 2)


def test_a_moved_session_stands_once_in_the_week_and_not_where_it_was(studio: Studio, hall: UUID) -> None:
    key = weekly(studio, 18, hall)

    change(studio, key, starts=datetime(2026, 1, 13, 20))

    window = Filters(from_=datetime(2026, 1, 11, tzinfo=UTC), to=datetime(2026, 1, 18, tzinfo=UTC))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        found = query.window(tx, studio.tenant_id, window, Page(), NOW)
    assert [view.starts_at for view in found.items] == [datetime(2026, 1, 13, 11, tzinfo=UTC)]


def test_a_session_beyond_the_horizon_is_written_when_it_is_moved_and_not_doubled_later(
    studio: Studio, hall: UUID
) -> None:
    key = weekly(studio, 18, hall)._replace(recurrence_id=datetime(2026, 12, 28, 18))

    change(studio, key, starts=datetime(2026, 12, 29, 18))

    assert read(studio, key).materialized
    window = Filters(from_=datetime(2026, 12, 27, tzinfo=UTC), to=datetime(2027, 1, 3, tzinfo=UTC))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        found = query.window(tx, studio.tenant_id, window, Page(), NOW)
    assert [view.starts_at for view in found.items] == [datetime(2026, 12, 29, 9, tzinfo=UTC)]
    materialize.drain(studio.engine, studio.settings)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        assert query.count(tx, studio.tenant_id, window, NOW) == 1


def test_a_move_onto_another_booking_is_refused_and_changes_nothing(studio: Studio, hall: UUID) -> None:
    key, other = weekly(studio, 18, hall), weekly(studio, 20, hall)

    with pytest.raises(Clash) as refused:
        change(studio, key, starts=datetime(2026, 1, 12, 20, 30))

    assert [taken.series_id for taken in refused.value.clashes] == [other.series_id]
    assert read(studio, key).starts_at == datetime(2026, 1, 12, 9, tzinfo=UTC)


def test_the_place_it_left_is_free_at_once(studio: Studio, hall: UUID) -> None:
    key, other = weekly(studio, 18, hall), weekly(studio, 20, hall)
    change(studio, key, starts=datetime(2026, 1, 13, 18))

    change(studio, other, starts=datetime(2026, 1, 12, 18))

    assert read(studio, other).starts_at == datetime(2026, 1, 12, 9, tzinfo=UTC)


def test_a_version_that_is_not_current_is_refused(studio: Studio, hall: UUID) -> None:
    key = weekly(studio, 18, hall)
    change(studio, key, title="Other")

    with pytest.raises(VersionMismatch, match="got version 1, the current one is 2"):
        change(studio, key, version=1, title="Third")


def test_what_has_begun_keeps_its_start(studio: Studio, hall: UUID) -> None:
    key = weekly(studio, 18, hall)
    during = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)

    with pytest.raises(Conflict, match="its start stays"):
        change(studio, key, now=during, starts=datetime(2026, 1, 12, 19))


def test_an_end_moved_before_now_ends_it_now(studio: Studio, hall: UUID) -> None:
    key = weekly(studio, 18, hall)
    during = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)

    change(studio, key, now=during, ends=datetime(2026, 1, 12, 18, 10))

    view = read(studio, key, during)
    assert (view.state, view.ended_at) == (State.COMPLETED, during)


def test_the_end_of_one_that_waits_for_a_hand_moves_though_its_start_has_passed(studio: Studio, hall: UUID) -> None:
    key = weekly(studio, 18, hall)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        tx.execute(update(Segment).values(auto_start="MANUAL"))
        tx.execute(update(Session).values(next_step="END", next_due_at=Session.ends_at))
    during = datetime(2026, 1, 12, 9, 30, tzinfo=UTC)

    change(studio, key, now=during, ends=datetime(2026, 1, 12, 19, 30))

    view = read(studio, key, during)
    assert (view.state, view.ends_at) == (State.SCHEDULED, datetime(2026, 1, 12, 10, 30, tzinfo=UTC))
    with pytest.raises(InvalidField, match="expected an end that is still ahead"):
        change(studio, key, now=during, ends=datetime(2026, 1, 12, 18, 20))


def test_a_session_of_the_last_days_of_the_calendar_is_edited_like_any_other(studio: Studio, hall: UUID) -> None:
    key = weekly(studio, 18, hall)._replace(recurrence_id=datetime(9999, 12, 27, 18))

    change(studio, key, ends=datetime(9999, 12, 27, 20))

    assert read(studio, key).ends_at == datetime(9999, 12, 27, 11, tzinfo=UTC)


def test_an_end_before_its_start_is_refused(studio: Studio, hall: UUID) -> None:
    key = weekly(studio, 18, hall)

    with pytest.raises(InvalidField, match="expected one after the start"):
        change(studio, key, ends=datetime(2026, 1, 12, 17))


def test_a_start_in_the_past_is_refused(studio: Studio, hall: UUID) -> None:
    key = weekly(studio, 18, hall)

    with pytest.raises(InvalidField, match="still ahead"):
        change(studio, key, starts=datetime(2025, 12, 31, 18))


def test_a_date_that_the_rule_does_not_give_is_no_session(studio: Studio, hall: UUID) -> None:
    key = weekly(studio, 18, hall)._replace(recurrence_id=datetime(2026, 1, 13, 18))

    with pytest.raises(NotFound):
        change(studio, key, title="x")


def test_a_moved_session_starts_at_its_new_time(studio: Studio, hall: UUID) -> None:
    key = weekly(studio, 18, hall)
    change(studio, key, starts=datetime(2026, 1, 12, 19))

    transition.drain(studio.engine, Step.START, 1000)

    assert read(studio, key, NOW + timedelta(days=20)).started_at == datetime(2026, 1, 12, 10, tzinfo=UTC)
