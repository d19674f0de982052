"""A plan clashes with what is there, be it beyond every horizon: less what was taken out, plus what was moved in."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

import recurrence
from db import engine as database
from db.sessions import SessionKey
from services import by_hand, edit, plan, references, remove, restore
from services.edit import SessionChange
from services.errors import Clash
from services.plan import PlanDraft
from services.remove import Target
from tests.integration.conftest import Studio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = recurrence.Duration(seconds=3600)
SEOUL = "Asia/Seoul"


def series(rule: str | None, start: str, zone: str = SEOUL, **more: Any) -> recurrence.Series:
    return recurrence.Series(
        dtstart=datetime.fromisoformat(start),
        time_zone=zone,
        duration=more.pop("duration", HOUR),
        rule=None if rule is None else recurrence.Rule.parse(rule),
        **more,
    )


def planned(studio: Studio, asked: recurrence.Series, now: datetime = NOW, **more: Any) -> UUID:
    """Plans it; answers its id."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=asked, title="x", **more)
        return plan.create(tx, studio.tenant_id, draft, now, studio.settings).series_id


def refused(studio: Studio, asked: recurrence.Series, now: datetime = NOW, **more: Any) -> list[tuple[UUID, datetime]]:
    """Plans it in vain; answers the series and recurrence id of what stands in the way."""
    with pytest.raises(Clash) as found:
        planned(studio, asked, now, **more)
    return [(taken.series_id, taken.recurrence_id) for taken in found.value.clashes]


def person(studio: Studio, name: str) -> UUID:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        values = {"name": name, "email": f"{name}@studio.example", "role": "participant"}
        return references.create(tx, studio.tenant_id, "users", values, now).id


MONDAYS = series("FREQ=WEEKLY;BYDAY=MO", "2026-01-05T18:00")
YEAR_THREE = "2029-01-08T18:30"  # a Monday


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
