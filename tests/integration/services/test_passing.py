"""Places that are free since a session has begun are given then, to the first who waits."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session as Tx

from db import engine as database
from db.models import AutoStart
from services import by_hand, edit, enrol, passing, pause, remove, restore, retry, waitlist
from services.edit import SessionChange
from services.pause import Days
from services.presence import Message, check_in
from services.remove import Target
from tests.integration.conftest import Studio
from tests.integration.services.classes import Class, person
from tests.integration.services.clocked import clocked, set_clock
from tests.integration.services.gym import FIRST, SECOND, Gym
from tests.integration.services.plans import at

LOOK_AT = text("SELECT look_at FROM waiting WHERE NOT drop_in")
AGO = text("UPDATE waiting SET look_at = look_at - make_interval(secs => :seconds) WHERE NOT drop_in")


def look_at(gym: Gym) -> list[datetime | None]:
    with gym.studio.engine.connect() as connection:
        return [row[0] for row in connection.execute(LOOK_AT)]


def full(studio: Studio, **draft: object) -> Gym:
    """The first session is full; Ada waits for the whole plan."""
    gym = Gym(studio, capacity=1, **draft)
    gym.drop_in("bo", FIRST)
    gym.enrol("ada")
    return gym


def promoted(gym: Gym) -> None:
    """What the task does, by the gym's clock."""
    gym.act(lambda tx: waitlist.promote(tx, gym.studio.tenant_id, gym.id, waitlist.CLEARED, gym.now))


def test_whoever_waits_for_a_plan_is_looked_at_when_its_next_session_begins(studio: Studio) -> None:
    gym = full(studio)
    assert look_at(gym) == [at("2026-01-05T09:00")]

    gym.now = at("2026-01-05T09:00")
    promoted(gym)

    assert gym.at(SECOND) == ["ada"]
    assert gym.at(FIRST) == ["bo"]
    assert [reason.partition(": ")[2] for _, _, reason in gym.log()] == [waitlist.CLEARED]


def test_who_does_not_fit_yet_is_looked_at_again_at_the_session_after(studio: Studio) -> None:
    gym = full(studio)
    gym.drop_in("cy", SECOND)
    gym.now = at("2026-01-05T09:00")

    promoted(gym)

    assert gym.at(SECOND) == ["cy", "ada?"]
    assert look_at(gym) == [at("2026-01-12T09:00")]


def test_a_session_that_is_put_off_puts_it_off(studio: Studio) -> None:
    gym = full(studio)

    gym.act(lambda tx: edit.edit(tx, gym.key(FIRST), SessionChange(starts=at("2026-01-06T09:00")), gym.now))

    assert look_at(gym) == [at("2026-01-06T09:00")]


def test_where_nothing_is_stored_yet_the_rule_says_when(studio: Studio) -> None:
    gym = Gym(studio, rule="FREQ=YEARLY", start="2026-12-07T18:00", capacity=1)
    gym.enrol("bo", until="2027-01-01T00:00")

    gym.enrol("ada")

    assert look_at(gym) == [at("2026-12-07T09:00")]


@pytest.fixture
def at_ten(studio: Studio) -> Iterator[Studio]:
    """The studio by a clock that stands, an hour after the first session began."""
    here = clocked(studio)
    set_clock(here.engine, at("2026-01-05T10:00"))
    yield here
    here.engine.dispose()


def test_nobody_is_promoted_in_a_plan_that_is_removed_nor_looked_at_again(at_ten: Studio) -> None:
    gym = full(at_ten)
    with database.transaction(at_ten.engine, at_ten.tenant_id) as (tx, _):
        remove.remove(tx, at_ten.tenant_id, [Target(gym.id)], "key", gym.now)

    assert passing.drain(at_ten.engine) == {"plans": 1}

    assert look_at(gym) == [None]
    gym.now = at("2026-01-05T10:00")
    with database.transaction(at_ten.engine, at_ten.tenant_id) as (tx, _):
        restore.restore(tx, at_ten.tenant_id, Target(gym.id), gym.now, at_ten.settings)
    assert gym.at(SECOND) == ["ada"]


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE segment SET time_zone = 'Mars/Olympus' WHERE series_id = '{}'",
        "ALTER TABLE enrolment ADD CHECK (series_id <> '{}') NOT VALID",
    ],
    ids=["its zone is gone", "its rows are refused"],
)
def test_a_plan_that_cannot_be_served_holds_up_no_other(at_ten: Studio, fault: str) -> None:
    broken, good = full(at_ten), full(at_ten)
    with at_ten.engine.begin() as connection:
        connection.execute(text(fault.format(broken.id)))

    assert passing.drain(at_ten.engine) == {"plans": 2, "promoted": 1}

    assert good.at(SECOND) == ["ada"]
    assert passing.drain(at_ten.engine) == {}


def waiting(studio: Studio, **draft: Any) -> tuple[Class, UUID]:
    """A daily class that begins in ten minutes and is full; somebody waits for the plan."""
    bo, ada = person(studio, "Bo"), person(studio, "Ada")
    held = Class(studio, began=-10, rule="FREQ=DAILY", capacity=1, **draft)

    def ask(tx: Tx, _: None, now: datetime) -> None:
        enrol.at_session(tx, held.key, bo, now)
        enrol.in_plan(tx, studio.tenant_id, held.key.series_id, ada, None, None, now)

    retry.write(studio.engine, studio.tenant_id, lambda tx, _: waitlist.hold(tx, held.key.series_id), ask)
    return held, bo


@pytest.mark.parametrize("start", [AutoStart.MANUAL, AutoStart.FIRST_CHECK_IN])
def test_a_start_by_hand_and_a_first_check_in_count_as_well(studio: Studio, start: AutoStart) -> None:
    held, bo = waiting(studio, auto_start=start)
    assert passing.drain(studio.engine) == {}

    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        if start is AutoStart.MANUAL:
            by_hand.start(tx, held.key, "key", now)
        else:
            check_in(tx, held.key, Message(bo, None), "gate")

    assert passing.drain(studio.engine) == {"plans": 1, "promoted": 1}


def test_the_drain_does_what_is_due_and_nothing_twice(studio: Studio) -> None:
    waiting(studio)
    with studio.engine.begin() as connection:
        connection.execute(AGO, {"seconds": timedelta(hours=1).total_seconds()})

    assert passing.drain(studio.engine) == {"plans": 1}
    assert passing.drain(studio.engine) == {}


@pytest.mark.parametrize("how", ["cancel", "remove", "pause"])
def test_who_would_have_been_at_two_places_is_looked_at_when_one_of_them_is_called_off(
    studio: Studio, how: str
) -> None:
    gym = Gym(studio, capacity=1)
    other = gym.beside()
    gym.enrol("bo")
    gym.enrol("ada")
    other.drop_in("ada", SECOND)
    gym.leave("bo")
    day, target = date.fromisoformat(SECOND[:10]), Target(gym.id, gym.key(SECOND).recurrence_id)

    def called_off(tx: Tx) -> None:
        match how:
            case "cancel":
                by_hand.cancel(tx, gym.key(SECOND), "key", gym.now)
            case "remove":
                remove.remove(tx, studio.tenant_id, [target], "key", gym.now)
            case _:
                pause.pause(tx, pause.hold(tx, studio.tenant_id, gym.id, gym.now), Days(day, day), gym.now)

    gym.act(called_off)
    assert look_at(gym) == [gym.now]
    promoted(gym)

    assert gym.at(FIRST) == ["ada"]
