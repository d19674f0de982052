"""Who is expected at a session that has begun stays so, and who is not there is in nobody's way, however a plan is
edited.
"""

from datetime import date

import pytest
from sqlalchemy import text

from db import engine as database
from services import edit, pause, remove, restore
from services.edit import SessionChange
from services.errors import Clash
from services.pause import Days
from services.remove import Target
from tests.integration.conftest import Studio
from tests.integration.services.gym import FIRST, SECOND, Gym
from tests.integration.services.plans import at

FRIDAY = "2026-01-09T18:00"
TUESDAY_NOON = "2026-01-06T03:00"  # in Seoul


def brought_forward(studio: Studio) -> Gym:
    """A daily plan that Ada is in, whose session of Friday was on Tuesday morning and is over."""
    gym = Gym(studio, rule="FREQ=DAILY")
    gym.enrol("ada")
    gym.drop_in("di", FRIDAY)
    change = SessionChange(starts=at("2026-01-06T01:00"))
    gym.act(lambda tx: edit.edit(tx, gym.key(FRIDAY), change, gym.now))
    gym.now = at(TUESDAY_NOON)
    return gym


def test_participants_of_a_plan_change_from_what_is_ahead_on(studio: Studio) -> None:
    gym = brought_forward(studio)

    gym.edit(participants=[str(gym.who("bo")), str(gym.who("di"))])

    assert sorted(gym.at(FRIDAY)) == ["ada", "di"]
    assert sorted(gym.at("2026-01-10T18:00")) == ["bo", "di"]
    with studio.engine.connect() as connection:
        drop_ins = connection.scalars(text("SELECT user_id FROM enrolment WHERE drop_in")).all()
    assert drop_ins == [gym.who("di")]


def test_who_left_or_joined_meanwhile_does_so_at_another_hour_too(studio: Studio) -> None:
    gym = brought_forward(studio)
    gym.leave("ada")
    gym.enrol("bo")

    gym.edit(recurringTime="07:00")

    assert sorted(gym.at(FRIDAY)) == ["ada", "di"]
    assert gym.at("2026-01-10T07:00") == ["bo"]


def test_new_participants_clash_with_a_session_that_has_a_time_of_its_own(studio: Studio) -> None:
    gym = Gym(studio)
    other = gym.beside(rule=None, start="2026-01-13T22:00")
    other.enrol("bo")
    gym.act(lambda tx: edit.edit(tx, gym.key(SECOND), SessionChange(starts=at("2026-01-13T13:00")), gym.now))
    before = gym.dump()

    with pytest.raises(Clash):
        gym.edit(participants=[str(gym.who("bo"))])

    assert gym.dump() == before


def test_who_is_excused_and_somewhere_else_is_in_no_edits_way(studio: Studio) -> None:
    gym = Gym(studio)
    other = gym.beside()
    gym.enrol("ada")
    gym.stay_away("ada", SECOND)
    other.drop_in("ada", SECOND)

    gym.edit(title="Yoga")

    assert gym.at(SECOND) == ["ada-"]


def test_who_is_excused_and_somewhere_else_is_not_in_the_way_of_a_return(studio: Studio) -> None:
    gym = Gym(studio)
    other = gym.beside()
    gym.enrol("ada")
    gym.stay_away("ada", FIRST)
    gym.stay_away("ada", SECOND)
    day, target = date.fromisoformat(SECOND[:10]), Target(gym.id)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        pause.pause(tx, pause.hold(tx, studio.tenant_id, gym.id, gym.now), Days(day, day), gym.now)
    for wall in (FIRST, SECOND):
        other.drop_in("ada", wall)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        pause.resume(tx, pause.hold(tx, studio.tenant_id, gym.id, gym.now), Days(day, day), gym.now)
    gym.act(lambda tx: remove.remove(tx, studio.tenant_id, [target], "key", gym.now))
    gym.act(lambda tx: restore.restore(tx, studio.tenant_id, target, gym.now, studio.settings))

    assert (gym.at(FIRST), gym.at(SECOND)) == (["ada-"], ["ada-"])


@pytest.mark.parametrize("hour", ["16:00", "20:00"])
def test_who_was_taken_out_from_a_session_on_is_not_back_when_it_has_another_hour(studio: Studio, hour: str) -> None:
    gym = Gym(studio)
    gym.enrol("ada")
    gym.edit(SECOND, "following", participants=[])

    gym.edit(SECOND, "following", recurringTime=hour)

    assert gym.at(f"{SECOND[:10]}T{hour}") == []
    assert gym.at(FIRST) == ["ada"]
