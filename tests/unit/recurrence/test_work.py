"""Every question has an end: what brings nothing is counted as work too, and nothing is gone through again."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice

import pytest

import recurrence
from recurrence import BudgetError, Duration, Gap, Period, Rule
from recurrence.days import Days
from recurrence.timeline import DAY, END
from recurrence.times import Nested, before, day_times
from tests.unit.recurrence.plans import HOUR, plan
from tests.unit.recurrence.test_clash import BERLIN, first
from tests.work import lines_run

MOST_LINES = 600_000  # of one question; some 50 ms
NEW_YORK = "America/New_York"
FAR = datetime(9000, 1, 1, tzinfo=UTC)
SIXTY = ",".join(map(str, range(60)))
NEARLY_ALL = f"BYHOUR={','.join(map(str, range(24)))};BYMINUTE={SIXTY};BYSECOND={','.join(map(str, range(59)))}"
MONDAY = datetime(2026, 1, 5).toordinal() * DAY


class Read(tuple[int, ...]):
    """Times of day that count how often they are gone through."""

    times = 0

    def __iter__(self) -> Iterator[int]:
        Read.times += 1
        return super().__iter__()

    def __contains__(self, value: object) -> bool:
        Read.times += 1
        return super().__contains__(value)


@pytest.mark.parametrize("step", [8_759, 1_382_403], ids=["by days", "by steps"])
def test_the_times_that_are_allowed_are_not_gone_through_again_for_each_day(step: int) -> None:
    Read.times = 0
    allowed = Read(time for time in range(DAY) if time % 60 != 59)
    days = Days(MONDAY, step, Rule.parse("FREQ=SECONDLY;BYMONTH=1,2,3"), allowed, (0,))

    for low in range(MONDAY, MONDAY + 3_650 * DAY, 365 * DAY):
        list(islice(days.chunks(low, END), 100))

    assert Read.times < 10


def test_times_that_are_never_written_out_are_those_that_are() -> None:
    rule = Rule.parse(
        "FREQ=DAILY;BYHOUR=0,7,23;BYMINUTE=" + SIXTY + ";BYSECOND=0,1,30," + ",".join(map(str, range(31, 60)))
    )
    written = [h * 3600 + m * 60 + s for h in rule.byhour for m in rule.byminute for s in rule.bysecond]

    found = day_times(rule, 0)

    assert isinstance(found, Nested)
    assert (len(found), list(found), found[7:5_000]) == (len(written), written, tuple(written[7:5_000]))
    assert (found[70:70], found[71], found[-9:]) == ((), written[71], tuple(written[-9:]))
    assert [n for n in range(DAY) if n in found] == written
    assert [before(found, n) for n in range(0, DAY, 7)] == [before(written, n) for n in range(0, DAY, 7)]


@pytest.mark.parametrize("step", [2, 3, 8, 20])
def test_of_nearly_all_times_those_on_a_grid_are_taken(step: int) -> None:
    series = plan(f"FREQ=SECONDLY;INTERVAL={step};{NEARLY_ALL}", "2026-01-05T00:00:01")
    found = recurrence.next_after(series, datetime(2026, 1, 6, tzinfo=UTC) - timedelta(seconds=1), 4_000)
    grid = [second for second in range(1, DAY, step) if second % 60 != 59][:4_000]

    assert [session.recurrence_id - datetime(2026, 1, 6) for session in found] == [timedelta(seconds=n) for n in grid]


def test_a_day_of_seconds_takes_no_room() -> None:
    series = plan(f"FREQ=YEARLY;{NEARLY_ALL}", "2026-01-05T09:00")

    gc.collect()
    tracemalloc.start()
    try:
        recurrence.split(series, datetime(2027, 1, 5, 0, 0, 2))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 4_000_000


def test_of_a_day_that_is_hardly_looked_at_little_is_written_out() -> None:
    series = plan(f"FREQ=SECONDLY;INTERVAL=7;BYMONTH=1;{NEARLY_ALL}", "2026-01-05T09:00")
    minutes = plan(f"FREQ=MINUTELY;INTERVAL=7;BYMONTH=1;BYSECOND={SIXTY}", "2026-01-05T09:00")

    for one, longest in ((series, 8), (minutes, 60)):
        assert one.walk is not None
        chunk = next(iter(one.walk.chunks(one.first, END)))
        assert 0 < len(chunk) <= longest


@pytest.mark.parametrize(
    ("rule", "step", "minutes"),
    [
        ("FREQ=MINUTELY;INTERVAL=7;BYHOUR=9,10", timedelta(minutes=7), (0,)),
        ("FREQ=HOURLY;INTERVAL=5;BYHOUR=9,10,14;BYMINUTE=0,30", timedelta(hours=5), (0, 30)),
    ],
)
def test_a_grid_that_is_another_each_day_is_gone_through(rule: str, step: timedelta, minutes: tuple[int, ...]) -> None:
    series = plan(f"{rule};BYMONTH=1", "2026-01-05T09:00")
    points = [datetime(2026, 1, 5, 9) + n * step for n in range(2_000)]
    hours = (9, 10, 14) if step > timedelta(hours=1) else (9, 10)
    expected = [
        point + timedelta(minutes=n) for point in points if point.month == 1 and point.hour in hours for n in minutes
    ][:30]

    found = recurrence.next_after(series, datetime(2026, 1, 1, tzinfo=UTC), 30)

    assert [session.recurrence_id for session in found][: len(expected)] == expected


def test_periods_that_end_and_periods_that_last_stand_side_by_side() -> None:
    ending = [Period(start=datetime(2026, 1, day, 9), end=datetime(2026, 1, day, 10)) for day in (7, 6, 7)]
    periods = (ending[0], Period(start=datetime(2026, 1, 6, 9), duration=HOUR), *ending[1:])

    assert plan(None, "2026-01-05T09:00", rdates=periods).rdates == (periods[2], periods[1], periods[0])
    assert plan(None, "2026-01-05T09:00", rdates=periods[::-1]).rdates == (periods[2], periods[1], periods[0])


def test_a_month_of_many_starts_is_not_written_out_with_hundreds_of_others() -> None:
    series = plan("FREQ=DAILY;BYMONTH=1,2,3,4,5;BYHOUR=" + ",".join(map(str, range(16))), "2026-01-05T00:00")

    assert series.walk is not None
    assert max(map(len, islice(series.walk.chunks(series.first, END), 8))) <= 8 * 31 * 16


def test_steps_that_bring_nothing_are_counted_on_the_way_to_a_far_window() -> None:
    series = plan("FREQ=HOURLY;INTERVAL=366;BYMONTHDAY=1,8,9,10,11,12,14,15,17,23;COUNT=20000", "2024-02-29T01:30")

    def ask() -> None:
        with pytest.raises(BudgetError, match="COUNT: got a window more than 6000 steps away"):
            recurrence.next_after(series, FAR, 1)

    assert lines_run(ask) <= MOST_LINES / 2


def test_hours_that_are_skipped_are_counted_for_some_centuries_alone() -> None:
    series = plan("FREQ=YEARLY;COUNT=9000", "1850-01-31T02:30", "Europe/London", gap=Gap.SKIP)

    def ask() -> None:
        with pytest.raises(BudgetError, match="more than 2000 changes of the clock away"):
            recurrence.next_after(series, FAR, 1)

    ask()
    assert lines_run(ask) <= MOST_LINES / 4
    assert recurrence.cursor_at(series, datetime(2350, 1, 1)).counted == 500


def test_a_list_that_is_written_out_is_more_than_a_step() -> None:
    series = plan("FREQ=MONTHLY;COUNT=90000;SKIP=BACKWARD;RSCALE=GREGORIAN", "2026-01-31T09:00", gap=Gap.SKIP)

    def ask() -> None:
        with pytest.raises(BudgetError):
            recurrence.next_after(series, FAR, 1)

    assert lines_run(ask) <= MOST_LINES


COUNTED = plan("FREQ=HOURLY;INTERVAL=366;BYMONTHDAY=1,8,9,10,11,12,14,15,17,23;COUNT=2000", "2024-02-29T01:30")


def test_a_far_cut_counts_once() -> None:
    local = datetime(2070, 1, 1)
    reached = recurrence.cursor_at(COUNTED, local).counted
    counting = lines_run(lambda: recurrence.cursor_at(COUNTED, local))

    def ask() -> None:
        head, tail = recurrence.cut(COUNTED, local)
        assert head is not None
        assert head.rule is not None
        assert head.rule.count == reached
        assert tail is not None
        assert tail.rule is not None
        assert tail.rule.count == 2000 - reached

    assert lines_run(ask) <= 2 * counting


def test_a_plan_whose_starts_are_rare_is_cut_too() -> None:
    series = plan("FREQ=DAILY;INTERVAL=11;BYMONTH=2;BYMONTHDAY=29", "2024-02-29T09:00")
    third = recurrence.next_after(series, datetime(2024, 1, 1, tzinfo=UTC), 3)[2].recurrence_id

    head, tail = recurrence.split(series, third)

    assert len(list(recurrence.expand(head, datetime(2024, 1, 1, tzinfo=UTC)))) == 2
    assert recurrence.next_after(tail, datetime(2024, 1, 1, tzinfo=UTC), 1)[0].recurrence_id == third


def test_a_cut_of_a_plan_with_thousands_of_dates_looks_at_each_once() -> None:
    left_out = tuple([datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(days=2 * n) for n in range(3_000)])
    series = plan("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD", "2026-01-31T09:00", NEW_YORK, exdates=left_out)

    assert lines_run(lambda: recurrence.cut(series, datetime(2034, 3, 1))) <= MOST_LINES / 2


def test_of_thousands_of_exceptions_as_many_are_looked_up_as_the_budget_allows() -> None:
    left_out = tuple([datetime(2026, 1, 5, 10) + timedelta(days=n) for n in range(3_000)])
    series = plan("FREQ=DAILY;INTERVAL=2;BYMONTHDAY=1,2,3,4,5", "2026-01-05T09:00", NEW_YORK, exdates=left_out)

    def ask() -> None:
        assert 900 < len(recurrence.analyse(series).unmatched) < 3_000

    assert lines_run(ask) <= MOST_LINES


def test_a_rule_that_is_found_late_is_walked_to_once_with_exceptions_too() -> None:
    late = "FREQ=MINUTELY;INTERVAL=1441;BYHOUR=8"  # a minute later each day: first in October 2029
    alone = plan(late, "2026-01-05T09:00")
    series = plan(late, "2026-01-05T09:00", exdates=(datetime(2026, 1, 5),), rdates=(datetime(2035, 1, 1, 9),))

    facts = recurrence.analyse(series)

    assert facts.first is not None
    assert facts.rule_first == facts.first.recurrence_id == datetime(2029, 10, 17, 8, 0)
    assert lines_run(lambda: recurrence.analyse(series)) <= 1.5 * lines_run(lambda: recurrence.analyse(alone))


DAYS_OF_A_YEAR = ",".join(map(str, range(-366, 0)))
DAILY_FOR_YEARS = tuple([datetime(2026, 1, 31, 3, 30) + timedelta(days=n) for n in range(1_200)])
HEAVY = [  # what is asked of whom, each expensive in its own way
    (
        recurrence.analyse,
        plan(
            f"FREQ=WEEKLY;BYDAY=SA,SU,FR,MO,TU,WE;BYHOUR=18;BYMINUTE={SIXTY};COUNT=3000",
            "2026-01-31T02:30",
            "Europe/London",
            gap=Gap.SKIP,
            exdates=DAILY_FOR_YEARS,
        ),
    ),
    (
        recurrence.analyse,
        plan(
            f"FREQ=YEARLY;BYWEEKNO=-53,-48,-40,3,9,20,21,22,23,24,25;BYDAY=SA,TH,WE,MO,TU;{NEARLY_ALL}",
            "2026-01-31T02:30",
            "Europe/Dublin",
            exdates=DAILY_FOR_YEARS,
        ),
    ),
    (
        lambda series: recurrence.cut(series, datetime(2026, 3, 1)),
        plan(f"FREQ=SECONDLY;{NEARLY_ALL};COUNT=1000000000", "2026-01-05T09:00"),
    ),
    (
        lambda series: recurrence.next_after(series, FAR, 1),
        plan(
            f"FREQ=SECONDLY;INTERVAL=131071;BYYEARDAY={DAYS_OF_A_YEAR};BYMONTHDAY=-31;BYHOUR=14;BYMINUTE=54;BYSECOND=29",
            "2026-01-05T09:00",
            "Africa/Casablanca",
        ),
    ),
]


@pytest.mark.parametrize(("ask", "series"), HEAVY)
def test_what_is_heavy_is_answered_within_the_budget(
    ask: Callable[[recurrence.Series], object], series: recurrence.Series
) -> None:
    def answer() -> None:
        with suppress(BudgetError):
            ask(series)

    assert lines_run(answer) <= MOST_LINES * 3 / 4


PAIRS = [  # of rules that hardly ever meet, each expensive in its own way
    (
        plan("FREQ=SECONDLY;BYMONTHDAY=9,12,14;BYDAY=FR", "2026-01-01T00:00", duration=Duration(days=300)),
        plan("FREQ=WEEKLY;INTERVAL=20871;BYHOUR=3,5,6", "2026-01-31T02:30", exdates=(datetime(2026, 1, 31, 3, 30),)),
    ),
    (
        plan(
            "FREQ=DAILY;BYMONTHDAY=-23;BYDAY=MO,SA;BYSECOND=" + SIXTY, "2024-02-29T01:30", duration=Duration(seconds=1)
        ),
        plan(
            "FREQ=WEEKLY;INTERVAL=48;BYMONTH=10;BYDAY=SU,TH,MO;BYHOUR=3;COUNT=1000000000", "2026-01-05T09:00", NEW_YORK
        ),
    ),
    (
        plan("FREQ=DAILY;INTERVAL=3600;BYDAY=FR,SA;COUNT=20000", "2026-01-05T09:00", "Pacific/Apia"),
        plan("FREQ=SECONDLY;BYHOUR=4,5,6", "2026-01-05T09:00:01", NEW_YORK, duration=Duration(seconds=1)),
    ),
    (
        plan(f"FREQ=SECONDLY;INTERVAL=8759;BYMONTH=2;{NEARLY_ALL}", "2026-01-05T09:00", duration=Duration(seconds=1)),
        plan("FREQ=DAILY;BYMONTH=1,4,8;BYDAY=WE", "2026-01-31T02:30", NEW_YORK, duration=Duration(seconds=1)),
    ),
    (
        plan("FREQ=SECONDLY;INTERVAL=1314873;BYHOUR=3,9;BYMINUTE=0;BYSECOND=0", "2026-01-05T09:00"),
        plan("FREQ=SECONDLY;INTERVAL=1314871;BYHOUR=2,8;BYMINUTE=0;BYSECOND=0;COUNT=900", "2026-01-05T08:00"),
    ),
    (
        plan("FREQ=DAILY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11;BYHOUR=0,12;BYMINUTE=30", "2026-01-05T00:30", BERLIN),
        plan("FREQ=DAILY;BYMONTH=1,2,3,4,5,6,7,8,9,10,12;BYHOUR=1,13;BYMINUTE=30", "2026-01-05T01:30", BERLIN),
    ),
    (
        plan("FREQ=MINUTELY;INTERVAL=7;BYMONTH=3;BYDAY=SU;BYMONTHDAY=25,26,27,28,29,30,31", "2026-03-29T00:00", BERLIN),
        plan("FREQ=MINUTELY;INTERVAL=7;BYMONTH=3;BYDAY=SU;BYMONTHDAY=8,9,10,11,12,13,14", "2026-03-08T00:01", BERLIN),
    ),
    (
        plan("FREQ=MONTHLY;BYDAY=TH,SU,TU;BYSETPOS=140", "2024-02-29T01:30", rdates=DAILY_FOR_YEARS[::4]),
        plan("FREQ=SECONDLY;INTERVAL=4799;BYMONTHDAY=10,25,31;BYHOUR=0,2,3,4,5,6,7", "2024-02-29T01:30", NEW_YORK),
    ),
    (
        plan("FREQ=WEEKLY;COUNT=20000", "1999-12-31T23:59:59", "Europe/Dublin", duration=Duration(seconds=20)),
        plan("FREQ=SECONDLY;BYMINUTE=3,24", "2026-01-31T02:30", "Pacific/Apia", duration=Duration(seconds=20)),
    ),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_plans_that_hardly_meet_are_compared_within_the_budget(
    one: recurrence.Series, other: recurrence.Series
) -> None:
    for after in (datetime(2026, 1, 1, tzinfo=UTC), FAR):
        assert lines_run(partial(recurrence.first_clash, one, other, after)) <= MOST_LINES * 3 / 4


def test_counting_goes_on_from_where_a_leap_has_come() -> None:
    counted = plan("FREQ=HOURLY;INTERVAL=5;BYDAY=MO;COUNT=3000", "2026-01-05T09:00")
    rare = plan("FREQ=YEARLY", "2026-01-06T09:00", duration=Duration(seconds=60))

    assert first(counted, rare) == "never"
    assert lines_run(lambda: first(counted, rare)) <= MOST_LINES / 2


def test_a_plan_of_the_weeks_of_some_months_never_meets_one_of_other_months() -> None:
    term = plan("FREQ=WEEKLY;BYDAY=MO,WE;BYMONTH=1,2,3,4,5,6,9,10,11,12", "2026-01-05T09:00", BERLIN)
    summer = plan("FREQ=DAILY;BYMONTH=7,8", "2026-07-01T09:30", BERLIN)

    assert first(term, summer) == first(summer, term) == "never"
    assert lines_run(lambda: first(term, summer)) <= 2_000


def test_daily_plans_of_two_zones_are_looked_at_for_ten_years() -> None:
    a = plan("FREQ=DAILY", "2026-01-05T09:00", NEW_YORK)
    b = plan("FREQ=DAILY", "2026-01-05T15:00", "Europe/London", rdates=(datetime(2027, 1, 1, 12),))

    answer = recurrence.first_clash(a, b, datetime(2026, 1, 1, tzinfo=UTC))

    assert answer.until is not None
    assert answer.until.year == 2036


def test_pairs_that_follow_are_looked_for_anew_when_a_walk_has_taken_too_many_steps() -> None:
    long = Duration(days=3)
    a = plan("FREQ=MINUTELY;INTERVAL=1441;BYMONTH=1;BYHOUR=9", "2026-01-05T09:00", duration=long)
    b = plan(None, "2026-01-07T09:00", rdates=(Period(start=datetime(2026, 1, 8), duration=Duration(days=9000)),))

    found = list(islice(recurrence.clashes(a, b, datetime(2026, 1, 1, tzinfo=UTC)), 60))

    assert len({answer.pair for answer in found}) == 60


@pytest.mark.parametrize("start", ["0001-01-02T09:00", "9999-12-31T09:00"])
@pytest.mark.parametrize("wkst", ["MO", "TU", "TH", "SU"])
def test_a_week_at_the_ends_of_the_calendar_belongs_to_a_year_beside_it(start: str, wkst: str) -> None:
    series = plan(f"FREQ=YEARLY;BYWEEKNO=1,52,53;WKST={wkst}", start, duration=HOUR)

    assert len(recurrence.next_after(series, datetime(1, 1, 1, tzinfo=UTC), 3)) <= 3


def test_changes_of_the_clock_that_no_session_is_near_are_passed_over() -> None:
    rare = plan("FREQ=WEEKLY;INTERVAL=86401", "1972-06-30T01:30", NEW_YORK, duration=Duration(days=63))
    mondays = [plan(f"FREQ=MONTHLY;BYDAY={n}MO", "2026-01-05T00:30", BERLIN, duration=Duration(days=2)) for n in (1, 2)]

    for pair, verdict in (((rare, rare), "none_until"), (mondays, "never")):
        assert first(*pair) == verdict
        assert lines_run(partial(first, *pair)) <= 200_000
