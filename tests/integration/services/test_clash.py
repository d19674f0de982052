"""A plan clashes with what is there, be it beyond every horizon: less what was taken out, plus what was moved in."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from db import engine as database
from db.sessions import SessionKey
from services import by_hand, edit, remove
from services.edit import SessionChange
from services.remove import Target
from tests.integration.conftest import Studio
from tests.integration.services.clashing import MONDAYS, NOW, YEAR_THREE, person, planned, refused, series


def test_a_session_in_year_three_clashes_today(studio: Studio, hall: UUID) -> None:
    mondays = planned(studio, MONDAYS, space_id=hall)

    found = refused(studio, series(None, YEAR_THREE), space_id=hall)

    assert found == [(mondays, datetime(2029, 1, 8, 18))]


def test_an_endless_plan_clashes_with_a_session_in_year_three(studio: Studio, hall: UUID) -> None:
    once = planned(studio, series(None, YEAR_THREE), space_id=hall)

    found = refused(studio, MONDAYS, space_id=hall)

    assert found == [(once, datetime.fromisoformat(YEAR_THREE))]


def test_two_endless_plans_that_first_meet_in_years_clash(studio: Studio, hall: UUID) -> None:
    sevens = planned(studio, series("FREQ=WEEKLY;INTERVAL=7", "2026-01-05T18:00"), space_id=hall)

    found = refused(studio, series("FREQ=WEEKLY;INTERVAL=52", "2026-01-12T18:00"), space_id=hall)

    assert found[0] == (sevens, datetime(2028, 1, 10, 18))


def test_what_is_cancelled_or_removed_there_is_no_clash(studio: Studio, hall: UUID) -> None:
    mondays = planned(studio, MONDAYS, space_id=hall)
    gone = [datetime(2029, 1, 8, 18), datetime(2029, 1, 15, 18), datetime(2029, 1, 22, 18)]
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.cancel(tx, SessionKey(studio.tenant_id, mondays, gone[0]), "key", NOW)
        remove.remove(tx, studio.tenant_id, [Target(mondays, gone[1])], "key", NOW)
        remove.delete_for_good(tx, studio.tenant_id, Target(mondays, gone[2]), NOW)

    for start in gone:
        planned(studio, series(None, start.isoformat()), space_id=hall)

    assert refused(studio, series(None, "2029-01-29T18:00"), space_id=hall) == [(mondays, datetime(2029, 1, 29, 18))]


def test_what_was_moved_there_clashes_where_it_went_and_no_more_where_it_was(studio: Studio, hall: UUID) -> None:
    mondays = planned(studio, MONDAYS, space_id=hall)
    moved = datetime(2029, 1, 8, 18)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        change = SessionChange(starts=datetime(2029, 1, 10, 9))
        edit.edit(tx, SessionKey(studio.tenant_id, mondays, moved), change, NOW)

    planned(studio, series(None, moved.isoformat()), space_id=hall)
    found = refused(studio, series("FREQ=WEEKLY;BYDAY=WE", "2026-01-07T09:30"), space_id=hall)

    assert found == [(mondays, moved)]


def test_a_removed_plan_takes_nothing(studio: Studio, hall: UUID) -> None:
    mondays = planned(studio, MONDAYS, space_id=hall)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        remove.remove(tx, studio.tenant_id, [Target(mondays)], "key", NOW)

    planned(studio, MONDAYS, space_id=hall)


def test_back_to_back_and_another_place_are_no_clash_for_ever(studio: Studio, hall: UUID) -> None:
    planned(studio, MONDAYS, space_id=hall)

    planned(studio, series("FREQ=WEEKLY;BYDAY=MO", "2026-01-05T19:00"), space_id=hall)
    planned(studio, series("FREQ=WEEKLY;BYDAY=MO", "2026-01-05T17:00"), space_id=hall)
    planned(studio, series("FREQ=WEEKLY;BYDAY=TU", "2026-01-06T18:00"), space_id=hall)
    planned(studio, MONDAYS)
    planned(studio, MONDAYS, space_id=hall, exclusive=frozenset())


def test_zones_that_change_their_clocks_meet_only_where_they_do(studio: Studio, hall: UUID) -> None:
    """New York's 14:00 is London's 19:00, but in March, when only New York has changed its clocks."""
    mondays = series("FREQ=WEEKLY;BYDAY=MO", "2027-01-04T14:00", "America/New_York")
    planned(studio, mondays, space_id=hall)

    found = refused(studio, series("FREQ=WEEKLY;BYDAY=MO", "2027-01-04T18:00", "Europe/London"), space_id=hall)

    assert found[0][1] == datetime(2027, 3, 15, 14)


def test_the_list_is_soonest_first_and_at_most_a_hundred_long(studio: Studio, hall: UUID) -> None:
    mondays = planned(studio, MONDAYS, space_id=hall)
    tuesdays = planned(studio, series("FREQ=WEEKLY;BYDAY=TU", "2026-01-06T18:00"), space_id=hall)

    found = refused(studio, series("FREQ=DAILY", "2026-01-05T18:00"), space_id=hall)

    weeks = [(mondays, datetime(2026, 1, 5, 18)), (tuesdays, datetime(2026, 1, 6, 18))]
    assert found == [(id_, day + timedelta(weeks=n)) for n in range(50) for id_, day in weeks]


@pytest.mark.parametrize("start", ["2026-01-05T18:30", YEAR_THREE])
@pytest.mark.parametrize("here, there", [("participants", "participants"), ("participants", "instructor_id")])
def test_a_person_is_at_one_place_at_a_time(studio: Studio, start: str, here: str, there: str) -> None:
    ada = person(studio, "ada")

    def role(name: str) -> dict[str, Any]:
        return {name: (ada,) if name == "participants" else ada}

    mondays = planned(studio, MONDAYS, **role(here))

    first = refused(studio, series(None, start), **role(there))
    planned(studio, series(None, start), exclusive=frozenset({"space"}), **role(there))
    planned(studio, series(None, start), participants=(person(studio, "bo"),))

    assert first == [(mondays, datetime.fromisoformat(start).replace(minute=0))]


def test_who_teaches_cannot_take_part_elsewhere(studio: Studio) -> None:
    ada = person(studio, "ada")
    mondays = planned(studio, MONDAYS, instructor_id=ada)

    for start in ("2026-01-12T18:30", YEAR_THREE):
        found = refused(studio, series(None, start), participants=(ada,))
        assert found == [(mondays, datetime.fromisoformat(start).replace(minute=0))]
