"""What is moved or brought back clashes with what is there by then, be it beyond every horizon."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from db import engine as database
from db.sessions import SessionKey
from services import edit, remove, restore
from services.edit import SessionChange
from services.errors import Clash
from services.remove import Target
from tests.integration.conftest import Studio
from tests.integration.services.clashing import MONDAYS, NOW, YEAR_THREE, person, planned, refused, series


def moved(studio: Studio, series_id: UUID, start: datetime, **change: Any) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        key, asked = SessionKey(studio.tenant_id, series_id, start), SessionChange(**change)
        edit.hold(tx, key, asked, NOW)
        edit.edit(tx, key, asked, NOW)


def taken_away(studio: Studio, *target: Any, now: datetime = NOW) -> Target:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        remove.remove(tx, studio.tenant_id, [Target(*target)], "key", now)
    return Target(*target)


def brought_back(studio: Studio, target: Target) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        restore.restore(tx, studio.tenant_id, target, NOW, studio.settings)


def test_a_session_moved_into_year_three_clashes_with_the_rule_of_another_plan(studio: Studio, hall: UUID) -> None:
    planned(studio, MONDAYS, space_id=hall)
    tuesdays = planned(studio, series("FREQ=WEEKLY;BYDAY=TU", "2026-01-06T18:00"), space_id=hall)

    for start in (datetime(2026, 1, 13, 18), datetime(2029, 1, 9, 18)):
        with pytest.raises(Clash):
            moved(studio, tuesdays, start, starts=datetime(2029, 1, 8, 18, 30))
        moved(studio, tuesdays, start, starts=datetime(2029, 1, 8, 19 + start.day % 9))


def test_a_session_moved_onto_another_of_its_own_plan_clashes(studio: Studio, hall: UUID) -> None:
    mondays = planned(studio, MONDAYS, space_id=hall)

    with pytest.raises(Clash) as found:
        moved(studio, mondays, datetime(2029, 1, 8, 18), starts=datetime(2029, 1, 15, 18, 30))
    moved(studio, mondays, datetime(2029, 1, 8, 18), starts=datetime(2029, 1, 8, 18, 30))

    assert [one.recurrence_id for one in found.value.clashes] == [datetime(2029, 1, 15, 18)]


def test_a_session_in_another_place_this_once_clashes_there(studio: Studio, hall: UUID) -> None:
    planned(studio, MONDAYS, space_id=hall)
    elsewhere = planned(studio, MONDAYS)

    with pytest.raises(Clash):
        moved(studio, elsewhere, datetime(2029, 1, 8, 18), space_id=hall)


def test_a_session_moved_to_where_a_participant_is_elsewhere_clashes(studio: Studio) -> None:
    ada = person(studio, "ada")
    planned(studio, MONDAYS, participants=(ada,))
    tuesdays = planned(studio, series("FREQ=WEEKLY;BYDAY=TU", "2026-01-06T18:00"), participants=(ada,))

    for day in (12, 1):
        start = datetime(2026, 1, 13, 18) if day == 12 else datetime(2029, 1, 2, 18)
        with pytest.raises(Clash):
            moved(studio, tuesdays, start, starts=start - timedelta(days=1, minutes=-30))


@pytest.mark.parametrize("start", [datetime(2026, 1, 12, 18), datetime(2029, 1, 8, 18)])
def test_a_session_is_not_restored_where_its_place_was_taken(studio: Studio, hall: UUID, start: datetime) -> None:
    mondays = planned(studio, MONDAYS, space_id=hall)
    target = taken_away(studio, mondays, start)
    instead = planned(studio, series(None, start.isoformat()), space_id=hall)

    with pytest.raises(Clash) as found:
        brought_back(studio, target)
    taken_away(studio, instead)
    brought_back(studio, target)

    assert [one.series_id for one in found.value.clashes] == [instead]


@pytest.mark.parametrize("start", ["2026-01-12T18:30", YEAR_THREE])
def test_a_plan_is_not_restored_where_its_place_was_taken(studio: Studio, hall: UUID, start: str) -> None:
    target = taken_away(studio, planned(studio, MONDAYS, space_id=hall))
    instead = planned(studio, series(None, start), space_id=hall)

    with pytest.raises(Clash):
        brought_back(studio, target)
    taken_away(studio, instead)
    brought_back(studio, target)


@pytest.mark.parametrize("start", [datetime(2026, 1, 12, 18), datetime(2029, 1, 8, 18)])
def test_a_plan_comes_back_without_what_was_taken_out_of_it_before(studio: Studio, hall: UUID, start: datetime) -> None:
    mondays = planned(studio, MONDAYS, space_id=hall)
    taken_away(studio, mondays, start)
    moved(studio, mondays, start + timedelta(weeks=1), starts=start + timedelta(weeks=1, hours=3))
    planned(studio, series(None, start.isoformat()), space_id=hall)
    target = taken_away(studio, mondays, now=NOW + timedelta(hours=1))
    planned(studio, series(None, (start + timedelta(weeks=1)).isoformat()), space_id=hall)

    brought_back(studio, target)

    again = series(None, (start + timedelta(weeks=1, hours=3)).isoformat())
    assert refused(studio, again, space_id=hall) == [(mondays, start + timedelta(weeks=1))]


def test_what_was_moved_is_not_restored_where_it_had_gone(studio: Studio, hall: UUID) -> None:
    mondays = planned(studio, MONDAYS, space_id=hall)
    moved(studio, mondays, datetime(2029, 1, 8, 18), starts=datetime(2029, 1, 10, 9))
    target = taken_away(studio, mondays)
    planned(studio, series("FREQ=WEEKLY;BYDAY=WE", "2026-01-07T09:00"), space_id=hall)

    with pytest.raises(Clash):
        brought_back(studio, target)
