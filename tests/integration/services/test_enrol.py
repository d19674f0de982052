"""Who has a place, who waits for one, and how a place that frees finds its person."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session as Tx

from db import engine as database
from db.models import Mark
from db.sessions import SessionKey
from services import attend, by_hand, edit, enrol, remove, retry, roster, waitlist
from services.edit import SessionChange
from services.errors import Clash, Conflict, InvalidField
from services.remove import Target
from services.roster import Standing
from tests.integration.conftest import Studio
from tests.integration.services.clashing import person
from tests.integration.services.gym import FIRST, SECOND, Gym
from tests.integration.services.plans import at


def test_whoever_asks_first_has_the_place_and_the_others_wait_in_order(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)

    for name in ("bo", "ada", "cy"):
        gym.enrol(name)

    assert gym.all() == ["bo", "ada?", "cy?"]
    assert gym.at("2027-03-01T18:00") == ["bo", "ada?", "cy?"]


def test_asking_twice_changes_nothing(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    for name in ("bo", "ada", "cy"):
        gym.enrol(name)
    before = gym.dump()

    for name in ("bo", "ada", "cy"):
        gym.enrol(name)

    assert gym.dump() == before
    assert gym.all() == ["bo", "ada?", "cy?"]


def test_asking_again_some_time_later_changes_nothing(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    for name in ("bo", "ada"):
        gym.enrol(name)
    before = gym.dump()

    gym.now += timedelta(seconds=90)
    for name in ("bo", "ada"):
        gym.enrol(name)

    assert gym.dump() == before


def test_a_place_that_frees_goes_to_the_first_who_waits_and_the_log_says_so(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    for name in ("bo", "ada", "cy"):
        gym.enrol(name)

    gym.leave("bo")

    assert gym.all() == ["ada", "cy?"]
    assert gym.log() == [("promote", str(gym.id), f"{gym.who('ada')} has a place: somebody gave up a place")]


def test_leaving_twice_promotes_once(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    for name in ("bo", "ada", "cy"):
        gym.enrol(name)

    gym.leave("bo")
    gym.leave("bo")

    assert gym.all() == ["ada", "cy?"]


def test_a_place_in_a_plan_wants_room_at_each_session_of_its_stretch(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.drop_in("bo", "2026-09-07T18:00")

    gym.enrol("ada")
    gym.enrol("cy", until="2026-09-01")

    assert gym.all() == ["cy", "ada?"]
    gym.stay_away("bo", "2026-09-07T18:00")
    assert gym.all() == ["cy", "ada?"]
    gym.leave("cy")
    assert gym.all() == ["ada"]


def test_people_may_follow_one_another_far_beyond_what_is_stored(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)

    gym.enrol("bo", "2027-01-01", "2027-06-01")
    gym.enrol("ada", "2027-06-01", "2027-12-01")
    gym.enrol("cy", "2027-05-31", "2027-06-02")

    assert gym.all() == ["bo", "ada", "cy?"]


def test_an_excuse_gives_the_place_at_one_session_to_who_waits_for_it(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.enrol("bo")
    gym.drop_in("ada", SECOND)
    assert gym.at(SECOND) == ["bo", "ada?"]

    gym.stay_away("bo", SECOND)

    assert sorted(gym.at(SECOND)) == ["ada", "bo-"]
    assert gym.at(FIRST) == ["bo"]


def test_who_waits_for_the_plan_and_for_a_session_stands_in_its_line_once(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.drop_in("bo", SECOND)
    gym.enrol("ada")
    gym.drop_in("ada", SECOND)
    gym.drop_in("cy", SECOND)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        found = roster.of_session(tx, gym.key(SECOND), gym.now)

    assert [(one.user_id, one.waits and one.waits.position) for one in found] == [
        (gym.who("bo"), None),
        (gym.who("ada"), 1),
        (gym.who("cy"), 2),
    ]


def test_whoever_is_excused_and_comes_after_all_waits_like_the_others(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.enrol("bo")
    gym.drop_in("ada", SECOND)
    gym.stay_away("bo", SECOND)

    gym.drop_in("bo", SECOND)
    assert sorted(gym.at(SECOND)) == ["ada", "bo-"]
    gym.stay_away("ada", SECOND)

    assert gym.at(SECOND) == ["bo"]


def test_nobody_is_promoted_into_a_session_that_has_begun(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.enrol("bo")
    gym.drop_in("ada", FIRST)

    gym.now = at("2026-01-05T09:00:01")
    gym.leave("bo")

    assert gym.at(FIRST) == ["bo"]
    with pytest.raises(Conflict, match="has begun"):
        gym.drop_in("cy", FIRST)


def test_whoever_was_excused_may_say_so_again_when_the_session_has_begun(studio: Studio) -> None:
    gym = Gym(studio)
    gym.enrol("bo")
    gym.stay_away("bo", FIRST)

    gym.now = at("2026-01-05T09:00:01")
    gym.stay_away("bo", FIRST)

    assert gym.at(FIRST) == ["bo-"]


def test_nobody_is_promoted_in_a_plan_of_which_nothing_lies_ahead(studio: Studio) -> None:
    gym = Gym(studio, rule="FREQ=WEEKLY;BYDAY=MO;COUNT=1", capacity=1)
    gym.enrol("bo")
    gym.enrol("ada")

    gym.now = at("2026-01-05T09:00:01")
    gym.leave("bo")

    assert gym.all() == ["ada?"]
    assert gym.log() == []


def test_late_joiners_are_not_expected_at_what_came_before(studio: Studio) -> None:
    gym = Gym(studio)
    gym.now = at("2026-01-06T00:00")

    gym.enrol("ada", "2026-01-01")

    assert gym.at(FIRST) == []
    assert gym.at(SECOND) == ["ada"]


def test_a_clash_is_refused_for_ever(studio: Studio) -> None:
    gym = Gym(studio)
    other = gym.beside(rule="FREQ=YEARLY;COUNT=5", start="2025-01-08T18:30", capacity=5)
    gym.enrol("ada")

    with pytest.raises(Clash) as found:
        other.enrol("ada")

    assert [(one.series_id, one.recurrence_id) for one in found.value.clashes] == [(gym.id, datetime(2029, 1, 8, 18))]


def test_a_person_is_free_before_and_after_an_enrolment(studio: Studio) -> None:
    gym = Gym(studio)
    other = gym.beside()
    gym.enrol("ada", until="2027-01-01")

    other.enrol("ada", "2027-01-01")
    with pytest.raises(Clash):
        other.enrol("ada", "2026-12-01")

    assert other.all() == ["ada"]


def test_who_was_enrolled_for_a_while_is_free_afterwards_for_ever(studio: Studio) -> None:
    gym = Gym(studio)
    gym.enrol("ada", until="2026-03-01")

    after = Gym(studio, start="2026-04-06T18:00", participants=(gym.who("ada"),))

    assert after.plan().participants == (gym.who("ada"),)


def test_who_drops_in_once_does_not_hold_up_an_edit_of_all(studio: Studio) -> None:
    gym = Gym(studio)
    other = gym.beside(start="2026-01-05T20:00")
    other.enrol("ada", "2026-03-01")
    gym.drop_in("ada", SECOND)

    gym.edit(SECOND, "following", recurringTime="20:00")

    assert gym.at("2026-01-12T20:00") == ["ada"]
    with pytest.raises(Clash):
        gym.drop_in("ada", "2026-03-02T20:00")


def test_a_drop_in_clashes_and_an_excuse_frees_the_person(studio: Studio) -> None:
    gym = Gym(studio)
    other = gym.beside()
    gym.enrol("ada")
    with pytest.raises(Clash):
        other.drop_in("ada", SECOND)

    gym.stay_away("ada", SECOND)
    other.drop_in("ada", SECOND)

    assert other.at(SECOND) == ["ada"]
    with pytest.raises(Clash):
        gym.drop_in("ada", SECOND)


def test_participants_that_are_not_exclusive_may_be_anywhere(studio: Studio) -> None:
    gym = Gym(studio)
    other = gym.beside(exclusive=frozenset({"space"}))
    gym.enrol("ada")

    other.enrol("ada")

    assert other.all() == ["ada"]


def test_whoever_would_be_at_two_places_is_passed_over_and_waits_on(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    other = gym.beside()
    for name in ("bo", "ada", "cy"):
        gym.enrol(name)
    other.drop_in("ada", SECOND)

    gym.leave("bo")

    assert gym.all() == ["cy", "ada?"]
    assert [kind for kind, _, _ in gym.log()] == ["promote", "pass_over"]
    assert f"{gym.who('ada')} waits on: taken by {other.id_of(SECOND)}" in [reason for _, _, reason in gym.log()]


def test_a_place_given_up_within_twelve_hours_is_a_late_cancel(studio: Studio) -> None:
    gym = Gym(studio)
    for name in ("ada", "bo", "cy"):
        gym.drop_in(name, FIRST)

    gym.now = at("2026-01-04T20:59")
    gym.stay_away("ada", FIRST)
    gym.now = at("2026-01-04T21:00")
    gym.stay_away("bo", FIRST)
    gym.stay_away("cy", FIRST)
    gym.drop_in("cy", FIRST)

    with studio.engine.connect() as connection:
        assert connection.scalars(text("SELECT user_id FROM withdrawal")).all() == [gym.who("bo")]


def test_more_places_promote_and_fewer_than_are_taken_are_refused(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    for name in ("ada", "bo", "cy"):
        gym.enrol(name)

    gym.edit(capacity=2)

    assert [one for one in gym.all() if one.endswith("?")] == ["cy?"]
    with pytest.raises(InvalidField, match="got 1 places, expected 2 or more"):
        gym.edit(capacity=1)


def test_one_session_has_places_of_its_own(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.enrol("ada")
    gym.drop_in("bo", SECOND)

    gym.act(lambda tx: edit.edit(tx, gym.key(SECOND), SessionChange(capacity=2), gym.now))

    assert sorted(gym.at(SECOND)) == ["ada", "bo"]
    with pytest.raises(InvalidField):
        gym.act(lambda tx: edit.edit(tx, gym.key(SECOND), SessionChange(capacity=1), gym.now))


def test_participants_beyond_the_capacity_are_refused_by_name(studio: Studio) -> None:
    people = tuple(person(studio, name) for name in ("ada", "bo"))

    with pytest.raises(InvalidField, match="got 2 people, expected at most 1") as found:
        Gym(studio, capacity=1, participants=people)

    assert found.value.field == "participants"


def test_drop_ins_follow_their_session_to_another_hour(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.drop_in("ada", SECOND)
    gym.drop_in("bo", SECOND)

    gym.edit(SECOND, "following", recurringTime="19:00")

    assert gym.at("2026-01-12T19:00") == ["ada", "bo?"]


def test_a_deleted_session_takes_its_drop_ins_along(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.drop_in("ada", SECOND)
    gym.enrol("bo")
    assert gym.all() == ["bo?"]

    target = Target(gym.id, gym.key(SECOND).recurrence_id)
    gym.act(lambda tx: remove.delete_for_good(tx, studio.tenant_id, target, gym.now))

    assert gym.all() == ["bo"]


def test_a_session_that_was_put_off_past_the_day_of_leaving_is_left_too(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.enrol("ada")
    change = SessionChange(starts=datetime(2026, 1, 8, 18))
    gym.act(lambda tx: edit.edit(tx, gym.key(FIRST), change, gym.now))

    gym.now = at("2026-01-07T00:00")
    gym.leave("ada")

    assert gym.at(FIRST) == []


def test_whoever_joins_is_not_expected_at_a_session_that_was_brought_forward_and_is_over(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    change = SessionChange(starts=datetime(2026, 1, 6, 18))
    gym.act(lambda tx: edit.edit(tx, gym.key(SECOND), change, gym.now))

    gym.now = at("2026-01-07T00:00")
    gym.enrol("ada")

    assert gym.at(SECOND) == []
    assert gym.at("2026-01-19T18:00") == ["ada"]


def test_a_one_time_session_is_its_plan(studio: Studio) -> None:
    gym = Gym(studio, rule=None, capacity=1)
    ada, bo = gym.who("ada"), gym.who("bo")

    gym.act(lambda tx: enrol.at_session(tx, gym.key(FIRST), ada, gym.now, one_time=True))
    gym.act(lambda tx: enrol.at_session(tx, gym.key(FIRST), bo, gym.now, one_time=True))
    assert gym.at(FIRST) == ["ada", "bo?"]

    gym.act(lambda tx: enrol.leave_session(tx, gym.key(FIRST), ada, "key", gym.now, one_time=True))
    assert gym.at(FIRST) == ["bo"]


def test_nobody_drops_in_where_nothing_takes_place(studio: Studio) -> None:
    gym = Gym(studio)
    gym.act(lambda tx: by_hand.cancel(tx, gym.key(SECOND), "key", gym.now))

    with pytest.raises(Conflict, match="CANCELLED"):
        gym.drop_in("ada", SECOND)


def test_an_excuse_by_mark_frees_the_place_when_the_line_is_served(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.enrol("ada")
    gym.drop_in("bo", SECOND)
    ada = gym.who("ada")

    def journey(tx: Tx) -> None:
        attend.mark(tx, gym.key(SECOND), ada, Mark.EXCUSED, "key", gym.now)
        waitlist.promote(tx, studio.tenant_id, gym.id, waitlist.EXCUSED, gym.now)

    gym.act(journey)

    assert sorted(gym.at(SECOND)) == ["ada-", "bo"]


def test_two_hundred_who_race_for_ten_places_get_ten_and_wait_in_order(studio: Studio) -> None:
    gym = Gym(studio, capacity=10, rule="FREQ=WEEKLY;BYDAY=MO;COUNT=8")
    people = [person(studio, f"p{n}") for n in range(200)]
    key: SessionKey = gym.key(SECOND)

    def ask(n: int) -> datetime:
        def hold(tx: Tx, _: datetime) -> None:
            waitlist.hold(tx, gym.id, [people[n]])

        def journey(tx: Tx, _: None, now: datetime) -> datetime:
            when = gym.now + (now - began)
            if n % 2:
                enrol.in_plan(tx, studio.tenant_id, gym.id, people[n], None, None, when)
            else:
                enrol.at_session(tx, key, people[n], when)
            return when

        return retry.write(studio.engine, studio.tenant_id, hold, journey)

    with database.transaction(studio.engine) as (_, began):
        pass
    with ThreadPoolExecutor(12) as pool:
        asked = list(pool.map(ask, range(200)))

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        found = roster.of_session(tx, key, gym.now)
    order = [people[n] for _, n in sorted((when, n) for n, when in enumerate(asked))]
    placed = [one.user_id for one in found if one.standing is Standing.ENROLLED]
    waits = [(one.user_id, one.waits.position) for one in found if one.waits is not None]
    assert sorted(placed) == sorted(order[:10])
    assert waits == [(user_id, n) for n, user_id in enumerate(order[10:], 1)]
