"""Where a look for starts begins."""

from datetime import UTC, datetime, timedelta

from db.moved import FIRST, Place
from services.floor import MARGIN, SWEEP_EVERY, Floor

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
