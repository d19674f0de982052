"""Which days and times a rule means, on each of the ways that lead from a rule to its starts."""

from datetime import UTC, datetime, timedelta

import pytest

import recurrence
from recurrence import Series
from recurrence.steady import Steady
from tests.unit.recurrence.plans import BEGINNING, locals_of, plan

QUARTERS = "BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=0,15,30,45"  # 96 starts a day
NEW_YORK = "America/New_York"

DAYS = [  # rule, DTSTART, the local starts
    ("FREQ=DAILY;BYDAY=MO,WE;COUNT=3", "2026-01-05", "2026-01-05 2026-01-07 2026-01-12"),
    ("FREQ=DAILY;INTERVAL=3;BYDAY=MO;COUNT=2", "2026-01-05", "2026-01-05 2026-01-26"),
    ("FREQ=DAILY;INTERVAL=2;BYMONTH=2;COUNT=2", "2026-01-31", "2026-02-02 2026-02-04"),
    ("FREQ=DAILY;INTERVAL=20;BYMONTH=2;COUNT=3", "2026-01-05", "2026-02-14 2027-02-09 2028-02-04"),
    ("FREQ=HOURLY;INTERVAL=720;BYMONTH=3;BYHOUR=0;COUNT=2", "2026-01-05", "2026-03-06 2027-03-01"),
    ("FREQ=HOURLY;INTERVAL=36;BYMONTH=1;COUNT=3", "2026-01-05", "2026-01-05|2026-01-06 12:00|2026-01-08"),
    ("FREQ=HOURLY;BYMINUTE=0,30;BYHOUR=9;BYDAY=MO;COUNT=2", "2026-01-05", "2026-01-05 09:00|2026-01-05 09:30"),
    ("FREQ=DAILY;BYHOUR=9,17;BYSETPOS=-1;COUNT=2", "2026-01-05", "2026-01-05 17:00|2026-01-06 17:00"),
    ("FREQ=WEEKLY;BYMONTH=2;BYDAY=MO,SU;COUNT=3", "2026-01-26", "2026-02-01 2026-02-02 2026-02-08"),
    ("FREQ=WEEKLY;INTERVAL=2;BYMONTH=2;COUNT=3", "2026-01-26", "2026-02-09 2026-02-23 2027-02-08"),
    ("FREQ=MONTHLY;INTERVAL=2;BYMONTH=1,2,3;COUNT=3", "2026-01-05", "2026-01-05 2026-03-05 2027-01-05"),
    ("FREQ=MONTHLY;BYDAY=MO;BYHOUR=9,17;BYSETPOS=1,-1;COUNT=2", "2026-01-05", "2026-01-05 09:00|2026-01-26 17:00"),
    ("FREQ=YEARLY;BYYEARDAY=60;BYMONTH=2;COUNT=2", "2026-01-01", "2028-02-29 2032-02-29"),
    ("FREQ=YEARLY;BYYEARDAY=1;BYHOUR=9,17;COUNT=3", "2026-01-01", "2026-01-01 09:00|2026-01-01 17:00|2027-01-01 09:00"),
]  # fmt: skip


@pytest.mark.parametrize("rule, start, expected", DAYS, ids=[row[0] for row in DAYS])
def test_days_and_times_are_those_that_the_rule_names(rule: str, start: str, expected: str) -> None:
    assert locals_of(plan(rule, start)) == (expected.split("|") if ":" in expected else expected.split())


MANY_A_DAY = [  # rule, the first days on which every quarter of an hour is a start
    ("FREQ=WEEKLY", "2026-01-05 2026-01-12 2026-01-19"),
    ("FREQ=WEEKLY;BYMONTH=2", "2026-02-02 2026-02-09 2026-02-16"),
    ("FREQ=MONTHLY", "2026-01-05 2026-02-05 2026-03-05"),
    ("FREQ=DAILY;BYDAY=MO", "2026-01-05 2026-01-12 2026-01-19"),
    ("FREQ=YEARLY;BYYEARDAY=5,6", "2026-01-05 2026-01-06 2027-01-05"),
]


@pytest.mark.parametrize("rule, days", MANY_A_DAY)
def test_a_day_may_have_more_starts_than_are_listed_at_once(rule: str, days: str) -> None:
    series = plan(f"{rule};{QUARTERS}", "2026-01-05")

    expected = [datetime.fromisoformat(day) + timedelta(minutes=15 * n) for day in days.split() for n in range(96)]
    assert [found.recurrence_id for found in recurrence.next_after(series, BEGINNING, 288)] == expected
    assert recurrence.analyse(series).per_day == 96


def test_a_rule_by_the_second_leaves_out_none() -> None:
    hour = plan("FREQ=HOURLY;BYMINUTE=0;BYSECOND=" + ",".join(map(str, range(60))), "2026-01-05")
    minutes = ",".join(map(str, range(60)))
    dense = plan(f"FREQ=HOURLY;BYMINUTE={minutes};BYSECOND={minutes}", "2026-01-05")
    month = plan("FREQ=SECONDLY;BYMONTH=1", "2026-01-31T23:00")
    day = plan("FREQ=DAILY;BYMONTH=1;BYHOUR=23;BYMINUTE=" + minutes + ";BYSECOND=" + minutes, "2026-01-31")

    assert locals_of(hour, 61)[59:] == ["2026-01-05", "2026-01-05 01:00"]
    assert seconds_of(dense, 4_000) == [datetime(2026, 1, 5) + timedelta(seconds=n) for n in range(4_000)]
    for series in (month, day):
        begin = datetime(2026, 1, 31, 23)
        later = datetime(2027, 1, 1, 0 if series is month else 23)
        expected = [begin + timedelta(seconds=n) for n in range(3_600)] + [later]
        assert seconds_of(series, 3_601) == expected


def seconds_of(series: Series, limit: int) -> list[datetime]:
    """The first local starts."""
    return [found.recurrence_id for found in recurrence.next_after(series, BEGINNING, limit)]


NEVER = [  # each on another way
    "FREQ=DAILY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;INTERVAL=2;BYMONTH=1;BYHOUR=9;BYSETPOS=2",
    "FREQ=DAILY;BYMONTH=1;BYHOUR=9;BYSETPOS=2",
    "FREQ=WEEKLY;BYMONTH=1;BYSETPOS=2",
    "FREQ=WEEKLY;BYMONTH=1,2,3,4,5,6;BYDAY=MO,TU;BYSETPOS=3,-4",
    "FREQ=DAILY;INTERVAL=14;BYMONTH=1;BYDAY=TU",
    "FREQ=HOURLY;INTERVAL=2;BYHOUR=1;BYMONTH=1",
    "FREQ=HOURLY;INTERVAL=168;BYHOUR=0;BYDAY=TU",
    "FREQ=YEARLY;BYYEARDAY=1;BYMONTH=2",
    "FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2",
]


@pytest.mark.parametrize("rule", NEVER)
def test_a_rule_that_contradicts_itself_has_no_session(rule: str) -> None:
    series = plan(rule, "2026-01-05")

    assert locals_of(series) == []
    assert recurrence.analyse(series).never_fires


def test_a_rule_that_fires_nowhere_within_the_budget_is_given_up() -> None:
    series = plan("FREQ=DAILY;INTERVAL=16;BYMONTHDAY=30;BYMONTH=2", "2026-01-05")

    with pytest.raises(recurrence.BudgetError, match="fires nowhere within 8000 steps"):
        recurrence.next_after(series, BEGINNING, 1)
    assert recurrence.analyse(series).never_fires


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=2;BYMONTH=1,2",
        "FREQ=DAILY;INTERVAL=16;BYMONTH=1,2",
        "FREQ=WEEKLY;BYMONTH=1,2",
        f"FREQ=WEEKLY;BYMONTH=1,2;{QUARTERS}",
    ],
)
def test_a_window_has_its_own_sessions_alone(rule: str) -> None:
    series = plan(rule, "2026-01-05", "Europe/Berlin")
    whole = list(recurrence.expand(series, BEGINNING, datetime(2027, 1, 1, tzinfo=UTC)))

    low, high = datetime(2026, 1, 12, tzinfo=UTC), datetime(2026, 2, 9, tzinfo=UTC)
    assert list(recurrence.expand(series, low, high)) == [found for found in whole if low <= found.starts_at < high]
    assert whole[-1].recurrence_id < datetime(2026, 3, 1)


def test_a_stretch_of_a_steady_rule_is_a_sequence() -> None:
    stretch = Steady(0, 10, (1, 4)).between(0, 25)

    assert list(stretch) == [1, 4, 11, 14, 21, 24]
    assert (stretch[0], stretch[-1], list(stretch[2:4])) == (1, 24, [11, 14])
    for place in (6, -7):
        with pytest.raises(IndexError):
            stretch[place]
