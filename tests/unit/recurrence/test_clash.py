"""When two plans first meet, or that they never do."""

from datetime import UTC, datetime, timedelta
from time import process_time

import pytest

import recurrence
from recurrence import Duration, Period, RecurrenceError, Series, Verdict
from tests.unit.recurrence.plans import plan

AFTER = datetime(2026, 1, 1, tzinfo=UTC)
BERLIN = "Europe/Berlin"


def first(a: Series, b: Series, after: datetime = AFTER) -> str:
    """The verdict, and the later start of the pair."""
    answer = recurrence.first_clash(a, b, after)
    if answer.pair is None:
        return str(answer.verdict.value)
    return f"{answer.verdict.value} {max(s.starts_at for s in answer.pair):%Y-%m-%d}"


EXAMPLES = [
    (
        plan("FREQ=WEEKLY;INTERVAL=2", "2026-01-05T09:00"),
        plan("FREQ=WEEKLY;INTERVAL=3", "2026-01-12T09:00"),
        "clash 2026-02-02",
    ),
    (plan("FREQ=WEEKLY;INTERVAL=2", "2026-01-05T09:00"), plan("FREQ=WEEKLY;INTERVAL=2", "2026-01-12T09:00"), "never"),
    (plan("FREQ=YEARLY", "2028-02-29T09:00"), plan("FREQ=WEEKLY;BYDAY=SU", "2026-01-04T09:00"), "clash 2032-02-29"),
    (plan("FREQ=DAILY", "2026-01-05T10:00", BERLIN), plan("FREQ=DAILY", "2026-01-05T11:00", BERLIN), "never"),
    (plan("FREQ=MONTHLY", "2026-01-01T10:00"), plan("FREQ=MONTHLY", "2026-01-15T10:00"), "never"),
    (
        plan("FREQ=WEEKLY;INTERVAL=97", "2026-01-05T10:00"),
        plan("FREQ=WEEKLY;INTERVAL=89", "2026-01-12T10:00"),
        "clash 2171-01-07",
    ),
    (plan("FREQ=WEEKLY;COUNT=10", "2026-01-05T10:00"), plan("FREQ=WEEKLY;INTERVAL=2", "2026-03-30T10:00"), "never"),
    (plan("FREQ=WEEKLY;COUNT=10", "2026-01-05T10:00"), plan("FREQ=WEEKLY", "2026-03-09T10:00"), "clash 2026-03-09"),
    (
        plan("FREQ=YEARLY;INTERVAL=50", "2026-01-05T10:00"),
        plan("FREQ=YEARLY;INTERVAL=50;BYMONTH=1;BYMONTHDAY=1,5", "2051-01-05T10:00"),
        "never",
    ),
    (
        plan("FREQ=YEARLY;INTERVAL=40", "2026-01-05T10:00"),
        plan("FREQ=YEARLY;INTERVAL=50", "2036-01-05T10:00"),
        "clash 2186-01-05",
    ),
    (
        plan("FREQ=MONTHLY", "2026-01-31T10:00", "America/New_York"),
        plan("FREQ=MONTHLY", "2026-01-15T15:00", "UTC"),
        "none_until",
    ),
    (
        plan("FREQ=YEARLY;INTERVAL=7", "2026-01-05T10:00"),
        plan("FREQ=YEARLY;INTERVAL=7", "2027-01-05T10:00"),
        "none_until",
    ),
    (plan(None, "2026-01-05T10:00"), plan(None, "2026-01-05T10:30"), "clash 2026-01-05"),
    (plan(None, "2026-01-05T10:00"), plan(None, "2026-01-05T10:00", duration=Duration()), "never"),
    (plan("FREQ=DAILY", "2026-01-05T10:00", duration=Duration()), plan("FREQ=DAILY", "2026-01-05T10:00"), "never"),
]


@pytest.mark.parametrize("a, b, answer", EXAMPLES)
def test_the_answer_is_exact_whoever_asks(a: Series, b: Series, answer: str) -> None:
    assert first(a, b) == answer
    assert first(b, a) == answer


def test_new_york_and_london_meet_only_when_one_has_changed_its_clocks() -> None:
    a = plan("FREQ=WEEKLY", "2026-01-05T09:00", "America/New_York")
    b = plan("FREQ=WEEKLY", "2026-01-05T13:00", "Europe/London")

    found = []
    after = AFTER
    for _ in range(4):
        found.append(first(a, b, after))
        answer = recurrence.first_clash(a, b, after)
        assert answer.pair is not None
        after = answer.pair[0].ends_at

    assert found == [f"clash 2026-{day}" for day in ("03-09", "03-16", "03-23", "10-26")]


def test_what_is_over_does_not_count_and_what_is_running_does() -> None:
    a, b = plan(None, "2026-01-05T10:00"), plan(None, "2026-01-05T10:30")

    assert first(a, b, datetime(2026, 1, 5, 10, 45, tzinfo=UTC)) == "clash 2026-01-05"
    assert first(a, b, datetime(2026, 1, 5, 11, 0, tzinfo=UTC)) == "never"


def test_excluded_and_extra_dates_are_taken_into_account() -> None:
    a = plan("FREQ=WEEKLY", "2026-01-05T10:00", exdates=(datetime(2026, 1, 5, 10),))
    b = plan("FREQ=WEEKLY", "2026-01-05T10:00")
    tuesday = plan("FREQ=WEEKLY", "2026-01-06T10:00", rdates=(datetime(2027, 1, 4, 10),))
    longer = Period(start=datetime(2026, 1, 11, 12), end=datetime(2026, 1, 12, 12))

    assert first(a, b) == "clash 2026-01-12"
    assert first(tuesday, b) == "clash 2027-01-04"
    assert first(plan("FREQ=WEEKLY", "2026-01-06T10:00", rdates=(longer,)), b) == "clash 2026-01-12"


def test_a_clock_change_alone_can_make_two_plans_meet() -> None:
    a = plan("FREQ=DAILY", "2026-01-05T01:00", BERLIN, duration=Duration(seconds=5_400))
    b = plan("FREQ=DAILY", "2026-01-05T03:00", BERLIN)

    assert first(a, b) == "clash 2026-03-29"


def test_a_rare_clash_at_a_clock_change_beyond_ten_years_is_found_or_excluded() -> None:
    before, behind = plan("FREQ=DAILY", "2026-01-05T00:30", BERLIN), plan("FREQ=DAILY", "2026-01-05T01:30", BERLIN)

    assert first(before, behind) == "never"


def test_none_until_says_until_when() -> None:
    a = plan("FREQ=MONTHLY", "2026-01-31T10:00", "America/New_York")
    b = plan("FREQ=MONTHLY", "2026-01-15T15:00", "UTC")

    answer = recurrence.first_clash(a, b, AFTER)

    assert answer.verdict is Verdict.NONE_UNTIL
    assert answer.until is not None
    assert answer.until - AFTER > timedelta(days=3_650)


def test_a_first_and_a_second_monday_never_meet_and_need_no_search() -> None:
    first, second = (plan(f"FREQ=MONTHLY;BYDAY={n}MO", "2026-01-05T09:00") for n in (1, 2))
    quarters = [plan("FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO", f"2026-0{month}-01T09:00") for month in (1, 2)]

    assert recurrence.first_clash(first, second, AFTER).verdict is Verdict.NEVER
    assert recurrence.first_clash(quarters[0], quarters[1], AFTER).verdict is Verdict.NEVER


def test_a_fifth_and_a_last_monday_meet() -> None:
    fifth, last = (plan(f"FREQ=MONTHLY;BYDAY={n}MO", "2026-01-05T09:00") for n in (5, -1))

    assert recurrence.first_clash(fifth, last, AFTER).verdict is Verdict.CLASH


def test_what_cannot_be_counted_is_never_called_never() -> None:
    mornings = "FREQ=HOURLY;BYHOUR=9;BYMONTH=1,2,3,4,5,6,7,8,9,10,11;COUNT=20000"
    counted = plan(mornings, "1990-01-01T09:00")  # the walk to 2026 is longer than may be counted

    for other in (plan("FREQ=WEEKLY", "2026-01-05T09:00"), plan("FREQ=WEEKLY;COUNT=10", "2026-01-05T09:00")):
        answer = recurrence.first_clash(counted, other, AFTER)

        assert answer.verdict is Verdict.NONE_UNTIL
        assert answer.until == AFTER


def test_a_clash_at_the_seam_of_the_cycle_is_found() -> None:
    new_year = plan("FREQ=YEARLY;INTERVAL=400", "1635-12-30T00:00", duration=Duration(days=5))
    third = plan("FREQ=YEARLY;INTERVAL=400", "1636-01-03T00:00")

    assert first(new_year, third) == "clash 2036-01-03"


def test_rules_that_never_fit_the_calendar_are_not_excluded_by_one_cycle_of_clock_changes() -> None:
    rule = "FREQ=DAILY;INTERVAL=9973"  # meets a change of clocks on 30 March 5000
    before = plan(rule, "2023-12-25T01:00", BERLIN, duration=Duration(seconds=5_400))
    behind = plan(rule, "2023-12-25T03:00", BERLIN)

    assert first(before, behind) == "none_until"
    assert first(before, behind, datetime(4995, 1, 1, tzinfo=UTC)) == "clash 5000-03-30"


def test_sessions_of_a_hundred_years_need_no_long_search() -> None:
    many = ",".join(map(str, range(32)))
    a, b = (
        plan(f"FREQ=HOURLY;BYMINUTE={many}", f"2026-01-05T{hour}:00", duration=Duration(days=36_000))
        for hour in ("00", "01")
    )

    began = process_time()
    answer = recurrence.first_clash(a, b, AFTER)

    assert answer.verdict is Verdict.CLASH
    assert process_time() - began < 0.5


def test_a_period_is_met_while_a_long_session_is_running() -> None:
    added = Period(start=datetime(2026, 3, 1, 12), end=datetime(2026, 3, 1, 13))
    nothing = plan("FREQ=DAILY", "2026-01-05T09:00", duration=Duration(), rdates=(added,))
    season = plan("FREQ=YEARLY;INTERVAL=2", "2026-01-05T00:00", duration=Duration(days=100))

    assert first(nothing, season) == "clash 2026-03-01"


def test_two_zones_whose_weeks_alternate_never_meet() -> None:
    a = plan("FREQ=WEEKLY;INTERVAL=2", "2026-01-05T09:00", "America/New_York")
    b = plan("FREQ=WEEKLY;INTERVAL=2", "2026-01-12T14:00", "Europe/London")

    assert first(a, b) == first(b, a) == "never"


def test_sessions_shorter_than_a_change_of_the_clock_pass_each_other_in_two_zones() -> None:
    half_hour = Duration(seconds=1_800)
    a = plan("FREQ=DAILY", "2026-01-05T09:00", "America/New_York", duration=half_hour)
    b = plan("FREQ=DAILY", "2026-01-05T13:30", "Europe/London", duration=half_hour)

    assert first(a, b) == first(b, a) == "never"


NEVER_IN_BERLIN = [
    ("FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=WEEKLY;BYDAY=TU,TH"),
    ("FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=-1TU"),
    ("FREQ=MONTHLY;BYDAY=1MO,2MO", "FREQ=MONTHLY;BYDAY=-1MO"),
    ("FREQ=MONTHLY;BYDAY=1MO,2TU", "FREQ=MONTHLY;BYDAY=3MO,-1TU"),
    ("FREQ=MONTHLY;BYMONTHDAY=1,-10", "FREQ=MONTHLY;BYMONTHDAY=3,-3"),
    ("FREQ=YEARLY;BYMONTH=3;BYDAY=MO", "FREQ=YEARLY;BYMONTH=4;BYDAY=MO"),
    ("FREQ=DAILY;BYMONTH=3;INTERVAL=2", "FREQ=DAILY;BYMONTH=4;BYHOUR=11"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "FREQ=WEEKLY;BYDAY=TU;BYMONTH=5"),
    ("FREQ=DAILY;BYHOUR=9,13;BYMINUTE=0", "FREQ=WEEKLY;BYHOUR=11,15;BYMINUTE=0"),
]


@pytest.mark.parametrize("one, other", NEVER_IN_BERLIN)
def test_days_that_are_never_shared_are_proven(one: str, other: str) -> None:
    a, b = plan(one, "2026-01-05T09:00", BERLIN), plan(other, "2026-01-05T09:00", BERLIN)

    assert first(a, b) == first(b, a) == "never"


def test_moved_days_are_not_excluded_by_their_dates() -> None:
    a = plan("RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=30;SKIP=FORWARD", "2026-01-30T09:00", BERLIN)
    b = plan("FREQ=MONTHLY;BYMONTHDAY=1", "2026-01-01T09:00", BERLIN)

    assert first(a, b) == "clash 2026-03-01"


def test_an_instant_without_offset_is_refused() -> None:
    a = plan("FREQ=DAILY", "2026-01-05T09:00")

    with pytest.raises(RecurrenceError, match="after"):
        recurrence.first_clash(a, a, datetime(2026, 1, 1))


def test_nothing_is_proven_for_sessions_of_years() -> None:
    year = Duration(days=400)
    a = plan("FREQ=YEARLY;INTERVAL=20", "2018-01-01T00:00", duration=year)
    b = plan("FREQ=YEARLY;INTERVAL=20", "2020-01-01T00:00", duration=year)

    assert first(a, b) == "none_until"


def test_a_thousand_starts_a_period_on_both_sides_are_kept_apart() -> None:
    minutes = ",".join(map(str, range(0, 60, 2)))
    minute = Duration(seconds=30)
    a = plan(f"FREQ=DAILY;BYHOUR=9,10;BYMINUTE={minutes}", "2026-01-05T09:00", BERLIN, duration=minute)
    b = plan(f"FREQ=DAILY;BYHOUR=9,10;BYMINUTE={minutes}", "2026-01-05T09:00:30", BERLIN, duration=minute)

    assert first(a, b) == "never"
