"""The numbers by which a database leaves plain series out, as exactly as the engine does."""

from datetime import datetime, timedelta

import pytest

import recurrence
from recurrence import Duration, Series, Slot, daytime
from recurrence.timeline import DAY
from tests.unit.recurrence.plans import plan

BERLIN = "Europe/Berlin"


def test_a_plain_series_has_its_time_of_day_and_its_length() -> None:
    weekly = plan("FREQ=WEEKLY", "2026-01-05T18:30", BERLIN)

    assert recurrence.slot(weekly) == Slot(begins=66_600, length=3_600, calm_from=10_800, calm_for=82_800)


@pytest.mark.parametrize(
    "series",
    [
        plan("FREQ=DAILY;BYHOUR=9,18", "2026-01-05T09:00"),
        plan("FREQ=HOURLY", "2026-01-05T09:00"),
        plan("FREQ=WEEKLY", "2026-01-05T09:00", duration=Duration(days=1)),
        plan("FREQ=WEEKLY", "2026-01-05T09:00", rdates=(datetime(2026, 1, 6, 12),)),
        plan("FREQ=WEEKLY", "2026-01-05T02:30", BERLIN),
    ],
)
def test_any_other_series_has_none(series: Series) -> None:
    assert recurrence.slot(series) is None


def test_slots_tell_apart_what_the_times_of_day_do() -> None:
    """At every quarter of an hour of one day, as `db.clashes` compares them."""
    mine = plan("FREQ=WEEKLY", "2026-01-05T18:30", BERLIN)
    slot = recurrence.slot(mine)
    assert slot is not None

    for quarter in range(96):
        start = datetime(2026, 1, 5) + timedelta(minutes=15 * quarter)
        for length in (900, 3_600, 50_000):
            other = plan("FREQ=DAILY", start.isoformat(), BERLIN, duration=Duration(seconds=length))
            time = other.first % DAY
            calm = (time - slot.calm_from) % DAY + length <= slot.calm_for
            apart = calm and slot.length <= (time - slot.begins) % DAY <= DAY - length

            assert apart == daytime.apart(mine, other), (start, length)
