"""Where a look for starts begins."""

from datetime import UTC, datetime, timedelta

from services.floor import MARGIN, SWEEP_EVERY, Floor

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
TICK = timedelta(milliseconds=1)


def test_the_first_look_begins_at_the_beginning() -> None:
    assert Floor().for_look(NINE) is None


def test_after_a_look_that_found_nothing_the_next_begins_shortly_before_it() -> None:
    floor = Floor()
    floor.for_look(NINE)

    floor.nothing_waits(NINE)

    assert floor.for_look(NINE + TICK) == NINE - MARGIN


def test_while_something_waits_the_floor_stays() -> None:
    floor = Floor()
    floor.for_look(NINE)
    floor.nothing_waits(NINE)

    assert floor.for_look(NINE + 2 * TICK) == floor.for_look(NINE + TICK) == NINE - MARGIN


def test_from_time_to_time_a_look_begins_at_the_beginning() -> None:
    floor = Floor()
    floor.for_look(NINE)
    floor.nothing_waits(NINE)

    assert floor.for_look(NINE + SWEEP_EVERY - TICK) is not None
    assert floor.for_look(NINE + SWEEP_EVERY) is None
    assert floor.for_look(NINE + SWEEP_EVERY + TICK) is not None
