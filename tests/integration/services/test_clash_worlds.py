"""Random small worlds: what is refused, and what is named first, is what brute force finds, for three years ahead."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

import recurrence
from db import engine as database
from db.sessions import SessionKey
from recurrence import Occurrence
from services import by_hand, edit, remove
from services.edit import SessionChange
from services.errors import Clash
from services.remove import Target
from tests.integration.conftest import Studio
from tests.integration.services.clashing import NOW, planned, series

END = NOW + timedelta(days=3 * 366)
ZONES = ("Europe/London", "Europe/London", "America/New_York", "Asia/Seoul")
RULES = (
    None,
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;INTERVAL=2",
    "FREQ=WEEKLY;INTERVAL=5",
    "FREQ=DAILY;INTERVAL=11",
    "FREQ=MONTHLY;BYDAY=1MO",
    "FREQ=WEEKLY;COUNT=12",
    "FREQ=YEARLY",
)


@dataclass
class Planned:
    """A plan of the world: its rule, and where sessions are that are not where it has them (None: nowhere)."""

    rule: recurrence.Series
    elsewhere: dict[datetime, Occurrence | None] = field(default_factory=dict)

    def sessions(self) -> list[Occurrence]:
        """What it takes until the end."""
        given = [one for one in recurrence.expand(self.rule, NOW, END) if one.recurrence_id not in self.elsewhere]
        return [*given, *(one for one in self.elsewhere.values() if one is not None)]


World = dict[UUID, Planned]


def drawn(draw: random.Random) -> recurrence.Series:
    """A series, in few hours of few days, so that many meet."""
    start = datetime(2026, 1, 5) + timedelta(days=draw.choice([0, 0, 1, 7, 14, 80, 700]), hours=draw.randint(8, 21))
    length = recurrence.Duration(seconds=draw.choice([1800, 3600, 7200]))
    return series(draw.choice(RULES), start.isoformat(), draw.choice(ZONES), duration=length)


def first_in_the_way(world: World, wanted: list[Occurrence]) -> datetime | None:
    """When the soonest session begins that overlaps one of these."""
    taken = [other for plan in world.values() for other in plan.sessions()]
    meet = (
        other.starts_at
        for other in taken
        for mine in wanted
        if other.starts_at < mine.ends_at and mine.starts_at < other.ends_at
    )
    return min(meet, default=None)


def compared(world: World, wanted: list[Occurrence], act: Any) -> Any:
    """What `act` answers; None where it is refused. Either way as brute force has it."""
    expected = first_in_the_way(world, wanted)
    try:
        done = act()
    except Clash as clash:
        first = clash.clashes[0].starts_at
        assert first == expected or (expected is None and first >= END - timedelta(days=1))
        return None
    assert expected is None
    return done


def moved(studio: Studio, world: World, key: SessionKey, now_at: Occurrence, draw: random.Random) -> None:
    """Moves a session by some hours, if nothing is in the way there."""
    plan, by = world[key.series_id], timedelta(hours=draw.randint(1, 12))
    there = Occurrence((key.recurrence_id, now_at.starts_at + by, now_at.ends_at + by))
    others = {**world, key.series_id: Planned(plan.rule, plan.elsewhere | {key.recurrence_id: None})}

    def act() -> bool:
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            edit.edit(tx, key, SessionChange(starts=there.starts_at), NOW)
        return True

    if compared(others, [there], act):
        plan.elsewhere[key.recurrence_id] = there


def taken_out(studio: Studio, world: World, key: SessionKey, draw: random.Random) -> None:
    """Cancels, removes or deletes a session."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        target = Target(key.series_id, key.recurrence_id)
        match draw.randint(0, 2):
            case 0:
                by_hand.cancel(tx, key, "key", NOW)
            case 1:
                remove.remove(tx, studio.tenant_id, [target], "key", NOW)
            case _:
                remove.delete_for_good(tx, studio.tenant_id, target, NOW)
    world[key.series_id].elsewhere[key.recurrence_id] = None


@pytest.mark.parametrize("seed", range(12))
def test_what_is_refused_is_what_brute_force_finds(studio: Studio, hall: UUID, seed: int) -> None:
    draw = random.Random(seed)
    world: World = {}

    for _ in range(14):
        asked = drawn(draw)
        sessions = list(recurrence.expand(asked, NOW, END))
        series_id = compared(world, sessions, lambda: planned(studio, asked, space_id=hall))  # noqa: B023
        if series_id is not None:
            world[series_id] = Planned(asked)
        repeating = [id_ for id_, plan in world.items() if plan.rule.rule is not None]
        if not repeating:
            continue
        chosen = draw.choice(repeating)
        one = draw.choice(list(recurrence.expand(world[chosen].rule, NOW, END))[:60])
        if one.recurrence_id not in world[chosen].elsewhere:
            key = SessionKey(studio.tenant_id, chosen, one.recurrence_id)
            if draw.random() < 0.5:
                taken_out(studio, world, key, draw)
            else:
                moved(studio, world, key, one, draw)
