"""A place that somebody has is nobody else's, whatever else happens to the plan or the person."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from db import engine as database
from db.models import AutoStart, Mark
from services import attend, edit, edit_once, edit_plan, erase, pause, remove_rest
from services.edit import SessionChange
from services.errors import Clash, Conflict
from services.pause import Days
from services.plan_change import PlanChange
from services.reach import Named
from tests.integration.conftest import Studio
from tests.integration.services.gym import FIRST, SECOND, Gym
from tests.integration.services.plans import at

FAR = "2027-03-01T18:00"  # a Monday beyond what is stored
WITHDRAWN = text("SELECT user_id, recurrence_id FROM withdrawal ORDER BY recurrence_id, user_id")


def paused(gym: Gym, first: str, last: str, verb: object = pause.pause) -> None:
    """Days are taken out of the plan, or given back."""
    days, studio = Days(date.fromisoformat(first), date.fromisoformat(last)), gym.studio
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        verb(tx, pause.hold(tx, studio.tenant_id, gym.id, gym.now), days, gym.now)  # type: ignore[operator]


def marked(gym: Gym, name: str, wall: str, mark: Mark) -> None:
    user_id = gym.who(name)
    gym.act(lambda tx: attend.mark(tx, gym.key(wall), user_id, mark, "key", gym.now))


def test_a_person_may_wait_for_one_session_and_for_the_plan_from_that_session_on(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.enrol("bo")

    gym.drop_in("ada", SECOND)
    gym.enrol("ada", begin=SECOND)

    assert gym.all() == ["bo", "ada?"]
    gym.stay_away("bo", SECOND)
    assert sorted(gym.at(SECOND)) == ["ada", "bo-"]
    gym.leave("bo")
    assert gym.at(FAR) == ["ada"]


@pytest.mark.parametrize("day", ["2026-01-12", "2027-03-01"], ids=["stored", "not stored"])
def test_a_day_that_is_paused_keeps_its_people(studio: Studio, day: str) -> None:
    gym = Gym(studio, capacity=1)
    gym.enrol("bo", until=f"{day}T23:00")
    paused(gym, day, day)

    gym.enrol("ada", begin=f"{day}T00:00")
    gym.enrol("cy", begin=f"{day}T23:30")
    paused(gym, day, day, pause.resume)

    assert gym.at(f"{day}T18:00") == ["bo", "ada?"]


def test_a_session_that_takes_place_again_after_a_pause_serves_those_who_wait_for_it(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.enrol("bo")
    gym.drop_in("ada", SECOND)
    paused(gym, SECOND[:10], SECOND[:10])
    gym.leave("bo")
    assert gym.at(SECOND) == ["ada?"]

    paused(gym, SECOND[:10], SECOND[:10], pause.resume)

    assert gym.at(SECOND) == ["ada"]


@pytest.mark.parametrize("first", [SECOND, FAR], ids=["stored", "not stored"])
def test_the_rest_of_a_plan_comes_back_with_its_people_or_not_at_all(studio: Studio, first: str) -> None:
    gym = Gym(studio, capacity=1)
    gym.enrol("bo", begin=first)
    wall = gym.key(first).recurrence_id
    named = Named(tenant_id=studio.tenant_id, series_id=gym.id, recurrence_id=wall, following=True)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        remove_rest.take(tx, remove_rest.hold(tx, named, gym.now), "key", gym.now)
    gym.enrol("ada")

    def restored() -> None:
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            remove_rest.restore(tx, remove_rest.hold(tx, named, gym.now), gym.now, studio.settings)

    if first == SECOND:
        assert gym.at(FIRST) == ["ada?"], "what is stored keeps its people"
        restored()
    else:
        with pytest.raises(Conflict, match=f"2 people would have the 1 places at the session of {FAR}"):
            restored()
        gym.leave("ada")
        restored()
    assert "bo" in gym.at(first)


def test_whoever_was_erased_is_not_expected_at_a_session_that_was_put_off(studio: Studio) -> None:
    gym = Gym(studio)
    gym.enrol("ada")
    gym.act(lambda tx: edit.edit(tx, gym.key(FIRST), SessionChange(starts=at("2026-01-09T09:00")), gym.now))
    gym.now = at("2026-01-06T09:00")

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        erase.erase(tx, studio.tenant_id, gym.who("ada"), gym.now)

    assert gym.at(FIRST) == []


@pytest.mark.parametrize("start", [AutoStart.SCHEDULED, AutoStart.FIRST_CHECK_IN])
@pytest.mark.parametrize("mark", [Mark.PRESENT, Mark.EXPECTED])
def test_an_excuse_whose_place_somebody_else_has_is_not_taken_back_by_a_mark(
    studio: Studio, start: AutoStart, mark: Mark
) -> None:
    gym = Gym(studio, capacity=1, auto_start=start)
    gym.enrol("bo")
    gym.stay_away("bo", FIRST)
    gym.drop_in("ada", FIRST)
    gym.now = at("2026-01-05T08:50")  # ten minutes before the start

    with pytest.raises(Conflict, match="the place was given to somebody else"):
        marked(gym, "bo", FIRST, mark)

    assert sorted(gym.at(FIRST)) == ["ada", "bo-"]
    gym.stay_away("ada", FIRST)
    marked(gym, "bo", FIRST, mark)
    assert gym.at(FIRST) == ["bo"]


def test_an_excuse_that_is_taken_back_by_a_mark_clashes_like_a_place(studio: Studio) -> None:
    gym = Gym(studio)
    other = gym.beside()
    gym.enrol("ada")
    gym.stay_away("ada", FIRST)
    other.drop_in("ada", FIRST)

    with pytest.raises(Clash):
        marked(gym, "ada", FIRST, Mark.EXPECTED)


def test_an_edit_that_takes_somebody_out_within_twelve_hours_is_a_late_cancel(studio: Studio) -> None:
    gym = Gym(studio)
    people = {name: str(gym.who(name)) for name in ("ada", "bo", "cy")}
    for name in people:
        gym.enrol(name)
    gym.stay_away("cy", FIRST)
    gym.now = at("2026-01-05T00:00")  # nine hours before the first

    gym.edit(participants=[people["bo"]])

    assert given_up(gym) == [("ada", FIRST)]
    gym.edit(participants=[people["ada"], people["bo"]])
    assert given_up(gym) == []


def test_a_one_time_session_that_is_edited_keeps_late_cancels_too(studio: Studio) -> None:
    gym = Gym(studio, rule=None)
    gym.drop_in("ada", FIRST)
    gym.enrol("bo")
    gym.now = at("2026-01-05T00:00")
    named = Named(tenant_id=studio.tenant_id, series_id=gym.id, recurrence_id=None, following=False)
    change = PlanChange(values={}, participants=())

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        edit_once.edit_once(tx, edit_plan.hold(tx, named, change, gym.now), change, gym.now, studio.settings)

    assert given_up(gym) == [("bo", FIRST)]


def given_up(gym: Gym) -> list[tuple[str, str]]:
    """Who cancelled late, and what."""
    names = {id_: name for name, id_ in gym.names.items()}
    with gym.studio.engine.connect() as connection:
        return [(names[UUID(str(row[0]))], f"{row[1]:%Y-%m-%dT%H:%M}") for row in connection.execute(WITHDRAWN)]


def test_twelve_hours_to_the_second_are_late_for_an_excuse_as_for_a_place_given_up(studio: Studio) -> None:
    gym = Gym(studio)
    for name in ("ada", "bo"):
        gym.enrol(name)
    gym.now = at("2026-01-04T21:00") - timedelta(milliseconds=1)

    gym.leave("ada")
    gym.now -= timedelta(milliseconds=1)
    marked(gym, "bo", FIRST, Mark.EXCUSED)

    assert given_up(gym) == [("ada", FIRST)]


def test_a_stretch_that_is_given_up_for_a_shorter_one_serves_those_who_came_first(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.enrol("bo")
    gym.enrol("ada", begin=SECOND)

    gym.enrol("bo", until="2026-01-06T00:00")

    assert (gym.at(FIRST), gym.at(SECOND)) == (["bo"], ["ada"])
