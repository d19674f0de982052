"""Where head and tail of a split begin, end and say what."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

import recurrence
from recurrence import Duration, Gap, Period, RecurrenceError, Rule, Series
from tests.unit.recurrence.plans import HOUR, locals_of, plan


def test_the_count_is_shared_out() -> None:
    series = plan("FREQ=WEEKLY;INTERVAL=2;COUNT=6;BYDAY=MO,WE", "2026-01-05T09:00")

    head, tail = recurrence.split(series, datetime(2026, 1, 21, 9))

    assert locals_of(head) == ["2026-01-05 09:00", "2026-01-07 09:00", "2026-01-19 09:00"]
    assert tail.dtstart == datetime(2026, 1, 21, 9)
    assert tail.rule is not None
    assert tail.rule.count == 3
    assert locals_of(head) + locals_of(tail) == locals_of(series)


def test_the_tail_writes_out_what_the_rule_took_from_the_start() -> None:
    _, tail = recurrence.split(plan("FREQ=MONTHLY", "2026-01-31T09:00"), datetime(2026, 5, 31, 9))

    assert str(tail.rule) == "FREQ=MONTHLY;BYMONTHDAY=31"
    assert locals_of(tail, 2) == ["2026-05-31 09:00", "2026-07-31 09:00"]


@pytest.mark.parametrize(
    "zone, until",
    [("America/New_York", "20260112T135959Z"), (None, "20260112T085959"), ("UTC", "20260112T085959Z")],
)
def test_a_head_without_count_ends_just_before_the_cut(zone: str | None, until: str) -> None:
    head, tail = recurrence.split(plan("FREQ=WEEKLY", "2026-01-05T09:00", zone), datetime(2026, 1, 12, 9))

    assert str(head.rule) == f"FREQ=WEEKLY;UNTIL={until}"
    assert str(tail.rule) == "FREQ=WEEKLY;BYDAY=MO"


@pytest.mark.parametrize(
    "lines",
    [
        "DTSTART:20260301T090000Z\nRRULE:FREQ=DAILY;UNTIL=20260303T090000Z\nRDATE:20260310T090000Z",
        "DTSTART:20260301T090000\nRRULE:FREQ=DAILY;UNTIL=20260303\nRDATE:20260310T090000",
        "DTSTART;VALUE=DATE:20260301\nRRULE:FREQ=DAILY;UNTIL=20260303\nRDATE;VALUE=DATE:20260310",
        (
            "DTSTART;TZID=America/New_York:20260301T090000\nRRULE:FREQ=DAILY;UNTIL=20260303\n"
            "RDATE;TZID=America/New_York:20260310T090000"
        ),
    ],
)
def test_a_rule_that_ended_before_the_cut_stays_ended(lines: str) -> None:
    series = Series.from_ical(lines)
    whole = locals_of(series)

    head, tail = recurrence.split(series, datetime.fromisoformat(whole[-1]))

    assert head.rule == series.rule
    assert (locals_of(head), locals_of(tail)) == (whole[:3], whole[3:])
    assert recurrence.cut(replace(series, rdates=()), datetime(2026, 3, 20))[0] == replace(series, rdates=())


def test_an_all_day_head_ends_with_the_day_before() -> None:
    series = Series(
        dtstart=datetime(2026, 1, 5),
        time_zone="Asia/Seoul",
        duration=Duration(days=1),
        rule=Rule.parse("FREQ=DAILY;UNTIL=20260131"),
        all_day=True,
    )

    head, tail = recurrence.split(series, datetime(2026, 1, 8))

    assert head.rule is not None
    assert tail.rule is not None
    assert (head.rule.until, tail.rule.until) == (date(2026, 1, 7), date(2026, 1, 31))


def test_extra_and_left_out_dates_go_where_they_belong() -> None:
    series = plan(
        "FREQ=WEEKLY",
        "2026-01-05T09:00",
        rdates=(date(2026, 1, 7), datetime(2026, 1, 21, 9), Period(start=datetime(2026, 1, 22, 9), duration=HOUR)),
        exdates=(date(2026, 1, 12), datetime(2026, 2, 2, 9)),
    )

    head, tail = recurrence.split(series, datetime(2026, 1, 19, 9))

    assert (head.rdates, head.exdates) == ((date(2026, 1, 7),), (date(2026, 1, 12),))
    assert (len(tail.rdates), tail.exdates) == (2, (datetime(2026, 2, 2, 9),))


def test_a_cut_at_an_extra_date_begins_the_tail_with_it() -> None:
    series = plan("FREQ=WEEKLY;COUNT=2", "2026-01-05T09:00", rdates=(datetime(2026, 1, 20, 9), date(2026, 1, 21)))

    head, tail = recurrence.split(series, datetime(2026, 1, 20, 9))

    assert locals_of(head) == ["2026-01-05 09:00", "2026-01-12 09:00"]
    assert tail.rule is None
    assert locals_of(tail) == ["2026-01-20 09:00", "2026-01-21 09:00"]


def test_dates_without_a_rule_are_cut_too() -> None:
    days = (datetime(2026, 1, 3, 9), Period(start=datetime(2026, 1, 4, 9), duration=HOUR), datetime(2026, 1, 9, 9))
    series = plan(None, "2026-01-05T09:00", rdates=days)

    head, tail = recurrence.split(series, datetime(2026, 1, 5, 9))

    assert locals_of(head) == ["2026-01-03 09:00", "2026-01-04 09:00"]
    assert locals_of(tail) == ["2026-01-05 09:00", "2026-01-09 09:00"]
    _, last = recurrence.split(series, datetime(2026, 1, 4, 9))
    assert locals_of(last) == ["2026-01-04 09:00", "2026-01-05 09:00", "2026-01-09 09:00"]


def test_a_day_moved_by_skip_becomes_an_extra_date_of_the_tail() -> None:
    series = plan("RSCALE=GREGORIAN;FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=31;SKIP=FORWARD", "2026-02-28T09:00")

    head, tail = recurrence.split(series, datetime(2026, 5, 1, 9))

    assert locals_of(head) == ["2026-03-01 09:00"]
    assert locals_of(tail, 4) == locals_of(series, 5)[1:]


def test_all_starts_of_days_moved_by_skip_become_extra_dates() -> None:
    rule = "RSCALE=GREGORIAN;FREQ=MONTHLY;INTERVAL=3;SKIP=FORWARD;BYHOUR=0,1,2,3,21,22"
    series = plan(rule, "2026-12-31T23:59")  # from 31 March to 1 July, to 1 October, and to 31 December

    head, tail = recurrence.split(series, datetime(2027, 7, 1, 21, 59))

    assert len(tail.rdates) == 8
    assert locals_of(head) + locals_of(tail, 60) == locals_of(series, 70)[: len(locals_of(head)) + 60]


def test_an_uneven_rule_cut_in_a_gap_loses_and_doubles_nothing() -> None:
    series = plan("FREQ=MINUTELY;INTERVAL=20", "2026-03-08T01:00", "America/New_York")
    whole = locals_of(series, 12)

    for cut in whole[1:]:
        head, tail = recurrence.split(series, datetime.fromisoformat(cut))
        assert sorted(locals_of(head) + locals_of(tail, 12 - len(locals_of(head)))) == sorted(whole)


@pytest.mark.parametrize(
    "cut, words", [("2026-01-05T09:00", "not the first"), ("2026-01-06T09:00", "one of its sessions")]
)
def test_only_a_later_session_can_be_a_cut(cut: str, words: str) -> None:
    with pytest.raises(RecurrenceError, match=words) as refused:
        recurrence.split(plan("FREQ=WEEKLY", "2026-01-05T09:00"), datetime.fromisoformat(cut))

    assert refused.value.part == "RECURRENCE-ID"


def test_the_second_of_two_equal_hours_cannot_begin_a_tail_of_dates() -> None:
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    series = plan("FREQ=DAILY;COUNT=1", "2026-10-31T01:30", "America/New_York", rdates=(second,))

    with pytest.raises(RecurrenceError, match="goes on in the same way"):
        recurrence.split(series, datetime(2026, 11, 1, 1, 30))


def test_a_plan_of_dates_is_cut_behind_its_start() -> None:
    series = plan(None, "2026-01-03T09:00", rdates=(datetime(2026, 1, 5, 9),))

    head, tail = recurrence.split(series, datetime(2026, 1, 5, 9))

    assert (head.rule, locals_of(head), locals_of(tail)) == (None, ["2026-01-03 09:00"], ["2026-01-05 09:00"])


@pytest.mark.parametrize("rule", ["FREQ=MINUTELY;INTERVAL=25", "FREQ=MINUTELY;INTERVAL=25;COUNT=14"])
def test_what_the_gap_moves_past_the_cut_is_lost_and_doubled_nowhere(rule: str) -> None:
    series = plan(rule, "2026-03-08T01:00", "America/New_York")
    whole = sorted(locals_of(series, 12))

    for cut in whole[1:]:
        head, tail = recurrence.split(series, datetime.fromisoformat(cut))
        assert sorted(locals_of(head) + locals_of(tail, 12 - len(locals_of(head)))) == whole


def test_a_plan_that_no_tail_can_go_on_with_is_not_cut() -> None:
    series = plan("RSCALE=GREGORIAN;FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30;SKIP=FORWARD", "2026-02-10T09:00")
    assert locals_of(series, 2) == ["2026-03-01 09:00", "2027-03-01 09:00"]

    with pytest.raises(RecurrenceError, match="goes on in the same way"):
        recurrence.split(series, datetime(2027, 3, 1, 9))


@pytest.mark.parametrize(
    "at, before, after",
    [
        ("2026-01-01T00:00", [], ["01-05", "01-12", "01-14"]),
        ("2026-01-05T09:00", [], ["01-05", "01-12", "01-14"]),
        ("2026-01-07T12:00", ["01-05"], ["01-12", "01-14"]),
        ("2026-01-13T00:00", ["01-05", "01-12"], ["01-14"]),
        ("2026-02-01T00:00", ["01-05", "01-12", "01-14"], []),
    ],
)
def test_a_plan_is_cut_at_any_time_and_a_part_without_a_start_is_none(
    at: str, before: list[str], after: list[str]
) -> None:
    series = plan("FREQ=WEEKLY;COUNT=2", "2026-01-05T09:00", rdates=(datetime(2026, 1, 14, 9),))

    parts = recurrence.cut(series, datetime.fromisoformat(at))

    assert [part and [one[5:10] for one in locals_of(part)] for part in parts] == [before or None, after or None]


def test_extra_dates_before_the_start_are_a_head_of_their_own() -> None:
    series = plan("FREQ=WEEKLY;COUNT=2", "2026-01-05T09:00", rdates=(datetime(2026, 1, 3, 9),))

    head, tail = recurrence.cut(series, datetime(2026, 1, 4))

    assert head is not None
    assert tail is not None
    assert (locals_of(head), locals_of(tail)) == (["2026-01-03 09:00"], ["2026-01-05 09:00", "2026-01-12 09:00"])


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;UNTIL=20260202", "FREQ=MONTHLY;COUNT=4", "FREQ=DAILY;COUNT=4"])
def test_the_tail_ends_where_the_whole_ended(rule: str) -> None:
    series = plan(rule, "2026-01-05T09:00", "Europe/Berlin")
    whole = locals_of(series)

    head, tail = recurrence.split(series, datetime.fromisoformat(whole[2]))

    assert (locals_of(head), locals_of(tail)) == (whole[:2], whole[2:])


def test_a_tail_counts_no_start_that_the_clock_skips() -> None:
    series = plan("FREQ=DAILY;COUNT=4", "2026-03-06T02:30", "America/New_York", gap=Gap.SKIP)

    head, tail = recurrence.split(series, datetime(2026, 3, 7, 2, 30))

    assert locals_of(head) == ["2026-03-06 02:30"]
    assert locals_of(tail) == ["2026-03-07 02:30", "2026-03-09 02:30", "2026-03-10 02:30"]


@pytest.mark.parametrize(
    "at, head, tail",
    [
        ("2026-01-05T09:00", None, ["2026-01-05 09:00", "2026-01-06 09:00", "2026-01-07 09:00"]),
        ("2026-01-06T00:00", ["2026-01-05 09:00"], ["2026-01-06 09:00", "2026-01-07 09:00"]),
        ("2026-01-08T00:00", ["2026-01-05 09:00", "2026-01-06 09:00", "2026-01-07 09:00"], None),
    ],
)
def test_a_series_is_cut_at_any_time_and_what_has_no_start_is_none(
    at: str, head: list[str] | None, tail: list[str] | None
) -> None:
    series = plan("FREQ=DAILY;COUNT=3", "2026-01-05T09:00")

    parts = recurrence.cut(series, datetime.fromisoformat(at))

    assert [None if part is None else locals_of(part) for part in parts] == [head, tail]


def test_extra_dates_go_to_the_side_of_the_cut_on_which_they_lie() -> None:
    series = plan("FREQ=DAILY;COUNT=2", "2026-01-05T09:00", rdates=(datetime(2026, 1, 9, 9),))

    head, tail = recurrence.cut(series, datetime(2026, 1, 8))

    assert head is not None
    assert tail is not None
    assert (locals_of(head), locals_of(tail)) == (["2026-01-05 09:00", "2026-01-06 09:00"], ["2026-01-09 09:00"])


def test_a_day_left_out_stays_out_on_both_sides_of_a_cut_in_its_middle() -> None:
    series = plan("FREQ=DAILY;BYHOUR=9,18;COUNT=6", "2026-01-05T09:00", exdates=(date(2026, 1, 6),))

    head, tail = recurrence.cut(series, datetime(2026, 1, 6, 12))

    assert head is not None
    assert tail is not None
    assert locals_of(head) + locals_of(tail) == locals_of(series)


def test_an_instant_left_out_in_a_skipped_hour_goes_to_the_side_of_its_session() -> None:
    series = plan(
        "FREQ=DAILY;COUNT=4",
        "2026-03-06T02:30",
        "America/New_York",
        rdates=(datetime(2026, 3, 8, 3, 15),),
        exdates=(datetime(2026, 3, 8, 7, 30, tzinfo=UTC),),
    )

    head, tail = recurrence.split(series, datetime(2026, 3, 8, 3, 15))

    assert locals_of(head) + locals_of(tail) == locals_of(series)
