"""Where a look for starts begins, and which hints need none."""

from datetime import UTC, datetime, timedelta

import pytest

from db.moved import FIRST, Place
from services.floor import MARGIN, SWEEP_EVERY, TRUSTED_S, Floor, Seen

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
TICK = timedelta(milliseconds=1)


def test_the_first_look_begins_at_the_beginning() -> None:
    assert Floor().for_look(NINE) == FIRST


def test_after_a_look_that_found_nothing_the_next_begins_shortly_before_it() -> None:
    floor = Floor()
    floor.for_look(NINE)

    floor.nothing_waits(NINE)

    assert floor.for_look(NINE + TICK) == Place(NINE - MARGIN)


def test_while_something_waits_the_floor_stays() -> None:
    floor = Floor()
    floor.for_look(NINE)
    floor.nothing_waits(NINE)

    assert floor.for_look(NINE + 2 * TICK) == floor.for_look(NINE + TICK) == Place(NINE - MARGIN)


def test_from_time_to_time_a_look_begins_at_the_beginning() -> None:
    floor = Floor()
    floor.for_look(NINE)
    floor.nothing_waits(NINE)

    assert floor.for_look(NINE + SWEEP_EVERY - TICK) != FIRST
    assert floor.for_look(NINE + SWEEP_EVERY) == FIRST
    assert floor.for_look(NINE + SWEEP_EVERY + TICK) != FIRST


def test_who_saw_that_nothing_waits_needs_no_look_for_a_hint_that_was_asked_for_before() -> None:
    seen = Seen()
    nobody_looked = seen.is_spent(NINE)

    seen.nothing_waits(NINE)

    assert not nobody_looked
    assert seen.is_spent(NINE)
    assert not seen.is_spent(NINE + TICK)
    assert not seen.is_spent(None)


def test_what_was_seen_is_trusted_for_a_second_for_the_clock_may_step_back(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen()
    seen.nothing_waits(NINE)
    told_s = seen.told_s

    monkeypatch.setattr("services.floor.time.monotonic", lambda: told_s + TRUSTED_S)

    assert not seen.is_spent(NINE - timedelta(hours=1))
