"""Where a look for starts begins, and which hints need none."""

from datetime import UTC, datetime, timedelta

import pytest

from db.moved import FIRST, Place
from services.floor import MARGIN, SWEEP_EVERY, TRUSTED_S, Floor, Seen, is_time

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


@pytest.mark.parametrize(
    ("ago_s", "is_over"), [(None, True), (0.0, False), (4.9, False), (5.0, True), (-0.1, True), (-3600.0, True)]
)
def test_it_is_time_again_after_a_while_and_when_the_clock_was_set_back(ago_s: float | None, is_over: bool) -> None:
    last = None if ago_s is None else NINE - timedelta(seconds=ago_s)

    assert is_time(last, NINE, timedelta(seconds=5)) is is_over


def test_when_the_clock_was_set_back_the_next_look_begins_at_the_beginning() -> None:
    floor = Floor()
    floor.for_look(NINE)
    floor.nothing_waits(NINE)

    assert floor.for_look(NINE - timedelta(hours=1)) == FIRST
