"""When two plans first meet, or that they never do."""

from datetime import UTC, datetime, timedelta

import pytest

import recurrence
from recurrence import Duration, Period, Series, Verdict
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
