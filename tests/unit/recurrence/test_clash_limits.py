"""Where two plans are proven to meet or never to, and where the answer is left open, in the rarer cases."""

from datetime import UTC, datetime

from recurrence import Duration, Period
from tests.unit.recurrence.plans import HOUR, plan
from tests.unit.recurrence.test_clash import BERLIN, first

MINUTE = Duration(seconds=60)
ALL_HOURS = "BYHOUR=" + ",".join(map(str, range(24)))


def test_a_clash_that_only_a_distant_change_of_the_clock_makes_is_found() -> None:
    rule = "FREQ=YEARLY;INTERVAL=20"  # 28 March 2049 is the first of them on which clocks change
    a = plan(rule, "2029-03-28T01:00", BERLIN, duration=Duration(seconds=5_400))
    b = plan(rule, "2029-03-28T03:00", BERLIN)

    assert first(a, b) == first(b, a) == "clash 2049-03-28"


def test_a_zone_that_no_longer_changes_its_clock_proves_as_much() -> None:
    zone = "America/Sao_Paulo"  # until 2019
    long_ago = datetime(1980, 1, 1, tzinfo=UTC)
    a = plan("FREQ=YEARLY;INTERVAL=20", "2019-02-16T23:00", zone)
    b = plan("FREQ=YEARLY;INTERVAL=20", "2020-02-16T23:00", zone)

    assert first(a, b, long_ago) == "never"


def test_distances_too_many_to_compare_are_left_open() -> None:
    ten_hours = Duration(seconds=36_000)
    a = plan("FREQ=MINUTELY;INTERVAL=9999991", "2026-01-05T09:00", duration=ten_hours)
    b = plan("FREQ=MINUTELY;INTERVAL=9999973", "2026-03-02T09:00", duration=ten_hours)

    assert first(a, b) == "none_until"


def test_walls_too_many_to_compare_are_left_open() -> None:
    rule = "FREQ=DAILY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11"
    a = plan(f"{rule};BYHOUR=0,12;BYMINUTE=30", "2026-01-05T00:30", BERLIN)
    b = plan(f"{rule};BYHOUR=1,13;BYMINUTE=30", "2026-01-05T01:30", BERLIN)

    assert first(a, b) == "none_until"


def test_a_plan_that_falls_silent_for_a_century_is_left_open() -> None:
    # Every fifteen days and some hours, at the full hour alone: in 2026, in 2042, and not again for a hundred years.
    seldom = plan("FREQ=SECONDLY;INTERVAL=1314873;BYHOUR=9,18;BYMINUTE=0;BYSECOND=0", "2026-01-05T09:00")
    daily = plan("FREQ=DAILY", "2026-01-05T20:00")

    assert first(seldom, daily) == "none_until"


def test_sessions_too_many_to_look_at_are_left_open() -> None:
    a = plan("FREQ=MINUTELY;BYMONTH=1,2", "2026-01-05T09:00:00", duration=Duration(seconds=20))
    b = plan("FREQ=MINUTELY;BYMONTH=1,2", "2026-01-05T09:00:30", duration=Duration(seconds=20))

    assert first(a, b) == first(b, a) == "none_until"


def test_more_times_a_day_than_a_pattern_holds_are_looked_at() -> None:
    quarters = f"{ALL_HOURS};BYMINUTE=0,15,30,45"
    a = plan(f"FREQ=MONTHLY;BYDAY=1MO;{quarters};BYSETPOS=1", "2026-01-05T00:00", BERLIN, duration=MINUTE)
    b = plan(f"FREQ=MONTHLY;BYDAY=2MO;{quarters};BYSETPOS=1", "2026-01-05T00:00", BERLIN, duration=MINUTE)
    c = plan("FREQ=WEEKLY", "2026-01-05T00:00", BERLIN, duration=MINUTE)

    assert first(a, c) == "clash 2026-01-04"  # in UTC
    assert first(a, b) == first(b, a) == "never"


def test_hours_that_run_through_the_night_are_kept_apart_by_more_than_a_change_of_the_clock() -> None:
    ten = Duration(seconds=600)
    a = plan("FREQ=HOURLY;INTERVAL=36", "2026-01-05T09:00", BERLIN, duration=ten)
    b = plan("FREQ=HOURLY;INTERVAL=36", "2026-01-06T03:00", BERLIN, duration=ten)

    assert first(a, b) == first(b, a) == "never"


def test_a_long_extra_session_is_met_after_shorter_ones() -> None:
    long = Period(start=datetime(2026, 3, 1, 12), duration=Duration(days=30))
    a = plan("FREQ=WEEKLY", "2026-01-05T09:00", rdates=(long,), duration=HOUR)
    b = plan(None, "2026-03-30T15:00")

    assert first(a, b) == first(b, a) == "clash 2026-03-30"


def test_a_plan_that_never_takes_place_meets_nothing_in_any_zone() -> None:
    silent = plan("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYMONTH=1", "2026-01-05T09:00", "America/New_York")
    daily = plan("FREQ=DAILY;INTERVAL=7;BYHOUR=3;BYMONTH=2;BYMONTHDAY=29", "2026-01-05T09:00", BERLIN)

    assert first(silent, daily) == first(daily, silent) == "never"


def test_a_plan_that_bysetpos_leaves_no_time_of_day_meets_nothing() -> None:
    silent = plan("FREQ=DAILY;BYMONTH=1,2,3;BYHOUR=9;BYSETPOS=2", "2026-01-05T09:00")
    weekly = plan("FREQ=WEEKLY;BYDAY=MO,TU", "2026-01-05T09:00")

    assert first(silent, weekly) == first(weekly, silent) == "never"


def test_a_plan_that_must_be_counted_is_leapt_over_too() -> None:
    counted = plan("FREQ=HOURLY;INTERVAL=5;BYDAY=MO;COUNT=2000", "2026-01-05T09:00")
    once = plan(None, "2029-01-01T09:00")

    assert first(counted, once, datetime(2026, 1, 1, tzinfo=UTC)) == "never"
