"""The calendar of a person has the sessions of that person, whenever they joined, left or dropped in."""

from datetime import timedelta

import icalendar
import pytest
import recurring_ical_events

import recurrence
from db import engine as database
from services import edit, feed, query
from services.edit import SessionChange
from services.filters import Filters, Page
from tests.integration.conftest import Studio
from tests.integration.services.gym import SECOND, Gym
from tests.integration.services.plans import at

FIFTH = "2026-02-02T18:00"


def both(gym: Gym, name: str) -> tuple[list[str], list[str]]:
    """The local starts of a person's sessions, as a calendar tells them and as the API does."""
    studio, begin = gym.studio, at("2026-01-01T00:00")
    filters = Filters(from_=begin, to=begin + timedelta(days=120), user_id=gym.who(name))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        text = feed.text(tx, studio.tenant_id, filters, gym.now)
        found = query.window(tx, studio.tenant_id, filters, Page(limit=1000), gym.now).items
    events = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(begin, filters.to)
    told = sorted(f"{one.start:%m-%d %H:%M}" for one in events)
    return told, [f"{recurrence.wall_time(one.starts_at, one.time_zone):%m-%d %H:%M}" for one in found]


@pytest.fixture
def gym(studio: Studio) -> Gym:
    """Mondays; Bo leaves in February, Ada joins then and goes for good in March, Cy drops in twice."""
    gym = Gym(studio)
    gym.enrol("bo", until="2026-01-31T00:00")
    gym.enrol("ada", begin="2026-02-01T00:00", until="2026-03-15T00:00")
    gym.enrol("di")
    for wall in (SECOND, FIFTH):
        gym.drop_in("cy", wall)
    return gym


@pytest.mark.parametrize("name, many", [("bo", 4), ("ada", 6), ("cy", 2), ("di", 17)])
def test_it_has_what_the_person_is_expected_at(gym: Gym, name: str, many: int) -> None:
    told, asked = both(gym, name)

    assert told == asked
    assert len(told) == many


@pytest.mark.parametrize("name", ["bo", "ada", "cy", "di"])
def test_it_goes_along_with_edits(gym: Gym, name: str) -> None:
    gym.act(lambda tx: edit.edit(tx, gym.key(FIFTH), SessionChange(starts=at("2026-02-03T09:00")), gym.now))
    gym.edit("2026-02-16T18:00", "following", recurringTime="19:00")

    told, asked = both(gym, name)

    assert told == asked


def test_who_left_and_came_back_has_two_stretches(studio: Studio) -> None:
    gym = Gym(studio)
    gym.enrol("ada", until="2026-01-13T00:00")
    gym.now = at("2026-01-20T00:00")
    gym.enrol("ada", begin="2026-02-01T00:00")

    told, asked = both(gym, "ada")

    assert told == asked
    assert told[:3] == ["01-05 18:00", "01-12 18:00", "02-02 18:00"]
