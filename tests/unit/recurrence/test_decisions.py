"""The decisions about what RFC 5545 leaves open, and the worked examples, one by one."""

from datetime import UTC, date, datetime, timedelta

import pytest

import recurrence
from recurrence import Duration, Fold, Gap, Period, RecurrenceError, Rule, Series
from tests.unit.recurrence.plans import BEGINNING, instants_of, locals_of, plan

NEW_YORK = "America/New_York"

WORKED = [  # rule, first start, the local starts
    ("FREQ=MONTHLY;COUNT=5", "2026-01-31", "2026-01-31 2026-03-31 2026-05-31 2026-07-31 2026-08-31"),
    (
        "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD;COUNT=4",
        "2014-01-31",
        "2014-01-31 2014-02-28 2014-03-31 2014-04-30",
    ),
    ("FREQ=YEARLY;COUNT=4", "2024-02-29", "2024-02-29 2028-02-29 2032-02-29 2036-02-29"),
    ("FREQ=YEARLY;COUNT=2", "1896-02-29", "1896-02-29 1904-02-29"),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        "1997-08-05",
        "1997-08-05 1997-08-10 1997-08-19 1997-08-24",
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        "1997-08-05",
        "1997-08-05 1997-08-17 1997-08-19 1997-08-31",
    ),
    (
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=4",
        "2026-01-30",
        "2026-01-30 2026-02-27 2026-03-31 2026-04-30",
    ),
    (
        "FREQ=WEEKLY;BYDAY=MO,TU,SU,SA,TH;BYSETPOS=3,2;COUNT=4",
        "2024-01-02",
        "2024-01-02 2024-01-04 2024-01-09 2024-01-11",
    ),
    (
        "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;COUNT=4",
        "2026-12-28",
        "2026-12-28 2032-12-27 2037-12-28 2043-12-28",
    ),
    (
        "FREQ=YEARLY;BYWEEKNO=53;BYDAY=TU,SA;INTERVAL=6;UNTIL=20170101T000000Z",
        "2010-01-02",
        "2010-01-02 2015-12-29 2016-01-02",
    ),
    ("FREQ=MONTHLY;BYDAY=5MO;COUNT=4", "2026-03-30", "2026-03-30 2026-06-29 2026-08-31 2026-11-30"),
]


@pytest.mark.parametrize("rule, start, expected", WORKED, ids=[f"{w[0]} {w[1]}" for w in WORKED])
def test_worked_example(rule: str, start: str, expected: str) -> None:
    assert locals_of(plan(rule, start)) == expected.split()


def test_weekly_class_keeps_its_wall_time_across_dst() -> None:
    series = plan("FREQ=WEEKLY;COUNT=3", "2026-03-02T18:00", NEW_YORK)

    assert locals_of(series) == ["2026-03-02 18:00", "2026-03-09 18:00", "2026-03-16 18:00"]
    assert instants_of(series) == ["2026-03-02 23:00", "2026-03-09 22:00", "2026-03-16 22:00"]


def test_a_start_in_the_gap_uses_the_offset_before_it_and_counts() -> None:
    series = plan("FREQ=DAILY;COUNT=3", "2026-03-07T02:30", NEW_YORK)

    assert instants_of(series) == ["2026-03-07 07:30", "2026-03-08 07:30", "2026-03-09 06:30"]
    shown = recurrence.wall_time(datetime(2026, 3, 8, 7, 30, tzinfo=UTC), NEW_YORK)
    assert shown == datetime(2026, 3, 8, 3, 30)


def test_with_gap_skip_a_start_in_the_gap_is_left_out_and_not_counted() -> None:
    series = plan("FREQ=DAILY;COUNT=3", "2026-03-07T02:30", NEW_YORK, gap=Gap.SKIP)

    assert locals_of(series) == ["2026-03-07 02:30", "2026-03-09 02:30", "2026-03-10 02:30"]


def test_with_gap_skip_a_far_window_counts_right_without_walking() -> None:
    series = plan("FREQ=DAILY;COUNT=1000", "2026-03-07T02:30", NEW_YORK, gap=Gap.SKIP)

    last = recurrence.next_after(series, datetime(2028, 11, 20, tzinfo=UTC), 100)[-1]

    assert last.recurrence_id == datetime(2026, 3, 7, 2, 30) + timedelta(999 + 3)


@pytest.mark.parametrize("fold, hour", [(Fold.FIRST, "05:30"), (Fold.SECOND, "06:30")])
def test_a_start_in_the_repeated_hour_is_the_one_the_series_wants(fold: Fold, hour: str) -> None:
    series = plan("FREQ=DAILY;COUNT=2", "2026-10-31T01:30", NEW_YORK, fold=fold)

    assert instants_of(series) == ["2026-10-31 05:30", f"2026-11-01 {hour}"]


def test_apia_has_no_30_december_2011() -> None:
    series = plan("FREQ=DAILY;COUNT=4", "2011-12-29T09:00", "Pacific/Apia")

    assert locals_of(series) == ["2011-12-29 09:00", "2011-12-31 09:00", "2012-01-01 09:00"]
    assert instants_of(series)[:2] == ["2011-12-29 19:00", "2011-12-30 19:00"]


def test_hourly_in_a_gap_is_one_session_and_two_counts() -> None:
    series = plan("FREQ=HOURLY;COUNT=4", "2026-03-08T01:00", NEW_YORK)

    assert locals_of(series) == ["2026-03-08 01:00", "2026-03-08 03:00", "2026-03-08 04:00"]


def test_starts_of_a_gap_are_sorted_in_among_those_behind_it() -> None:
    series = plan("FREQ=DAILY;BYHOUR=2,3;BYMINUTE=10,40;COUNT=4", "2026-03-08T02:10", NEW_YORK)

    assert locals_of(series) == ["2026-03-08 03:10", "2026-03-08 03:40"]


def test_starts_of_a_gap_come_in_the_order_of_their_instants() -> None:
    series = plan("FREQ=MINUTELY;INTERVAL=25;COUNT=4", "2026-03-08T02:10", NEW_YORK)

    assert [stamp[11:] for stamp in locals_of(series)] == ["03:00", "02:10", "03:25", "02:35"]
    assert [stamp[11:] for stamp in instants_of(series)] == ["07:00", "07:10", "07:25", "07:35"]


def test_the_second_of_two_equal_hours_is_refused_beside_the_first() -> None:
    with pytest.raises(RecurrenceError) as refused:
        plan("FREQ=DAILY", "2026-10-31T01:30", NEW_YORK, rdates=(datetime(2026, 11, 1, 6, 30, tzinfo=UTC),))

    assert refused.value.part == "RDATE"
    assert "20261101T063000Z (2026-11-01 01:30:00 in America/New_York)" in str(refused.value)


def test_the_second_of_two_equal_hours_may_stand_alone() -> None:
    second = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    series = plan("FREQ=DAILY;COUNT=1", "2026-10-31T01:30", NEW_YORK, rdates=(second,))

    assert instants_of(series) == ["2026-10-31 05:30", "2026-11-01 06:30"]
    found = recurrence.occurrence_at(series, datetime(2026, 11, 1, 1, 30))
    assert found is not None
    assert found.starts_at == second


def test_skip_forward_belongs_to_its_month_and_doubles_are_one() -> None:
    series = plan("RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=1,31;SKIP=FORWARD;COUNT=5", "2026-03-31")

    assert locals_of(series) == ["2026-03-31", "2026-04-01", "2026-05-01", "2026-05-31", "2026-06-01"]


def test_skip_forward_picks_from_the_month_that_lost_the_day() -> None:
    series = plan("RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=1,31;SKIP=FORWARD;BYSETPOS=-1;COUNT=4", "2026-03-31")

    assert locals_of(series) == ["2026-03-31", "2026-05-01", "2026-05-31", "2026-07-01"]


def test_skip_backward_before_the_first_of_a_month_is_the_last_of_the_month_before() -> None:
    series = plan("RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=-31;SKIP=BACKWARD;COUNT=3", "2026-03-01")

    assert locals_of(series) == ["2026-03-01", "2026-03-31", "2026-05-01"]


def test_a_yearly_leap_day_moves_to_1_march_with_skip_forward() -> None:
    series = plan("RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD;COUNT=3", "2024-02-29")

    assert locals_of(series) == ["2024-02-29", "2025-03-01", "2026-03-01"]


def test_exdate_does_not_top_up_count() -> None:
    series = plan("FREQ=WEEKLY;COUNT=4", "2026-01-05T09:00", exdates=(datetime(2026, 1, 12, 9),))

    assert locals_of(series) == ["2026-01-05 09:00", "2026-01-19 09:00", "2026-01-26 09:00"]


def test_rdate_is_not_counted() -> None:
    series = plan("FREQ=WEEKLY;COUNT=2", "2026-01-05T09:00", rdates=(datetime(2026, 1, 6, 9),))

    assert locals_of(series) == ["2026-01-05 09:00", "2026-01-06 09:00", "2026-01-12 09:00"]


@pytest.mark.parametrize(
    "until, last",
    [
        ("20260107T140000Z", "2026-01-07 09:00"),
        ("20260107T135959Z", "2026-01-06 09:00"),
        ("20260107T090000", "2026-01-07 09:00"),
        ("20260107T085959", "2026-01-06 09:00"),
        ("20260107", "2026-01-07 09:00"),
    ],
)
def test_until_is_inclusive_in_each_of_its_forms(until: str, last: str) -> None:
    assert locals_of(plan(f"FREQ=DAILY;UNTIL={until}", "2026-01-05T09:00", NEW_YORK))[-1] == last


def test_until_a_day_that_the_zone_skipped_ends_before_it() -> None:
    series = plan("FREQ=DAILY;UNTIL=20111230", "2011-12-28T09:00", "Pacific/Apia")

    assert locals_of(series) == ["2011-12-28 09:00", "2011-12-29 09:00"]


def test_until_in_utc_is_what_is_written() -> None:
    series = plan("FREQ=DAILY;UNTIL=20260107", "2026-01-05T09:00", NEW_YORK)

    assert "UNTIL=20260108T045959Z" in series.to_ical()


def test_until_the_last_day_there_is() -> None:
    series = plan("FREQ=YEARLY;UNTIL=99991231", "9998-12-30T09:00", NEW_YORK)

    assert locals_of(series) == ["9998-12-30 09:00", "9999-12-30 09:00"]


def test_a_start_that_the_rule_does_not_give_is_no_session() -> None:
    series = plan("FREQ=WEEKLY;BYDAY=MO,WE", "2026-01-06T09:00")

    assert locals_of(series, 2) == ["2026-01-07 09:00", "2026-01-12 09:00"]
    facts = recurrence.analyse(series)
    assert not facts.dtstart_in_rule
    assert facts.rule_first == datetime(2026, 1, 7, 9)


def test_without_a_rule_the_start_is_the_session() -> None:
    series = plan(None, "2026-01-06T09:00", rdates=(datetime(2026, 1, 4, 9), datetime(2026, 1, 8, 9)))

    assert locals_of(series) == ["2026-01-04 09:00", "2026-01-06 09:00", "2026-01-08 09:00"]


def test_setpos_picks_from_the_whole_first_month() -> None:
    series = plan("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=2;COUNT=2", "2026-01-06")

    assert locals_of(series) == ["2026-01-12", "2026-02-09"]


def test_yearly_by_month_day_means_every_month() -> None:
    series = plan("FREQ=YEARLY;BYMONTHDAY=15", "2026-01-15")

    assert locals_of(series, 3) == ["2026-01-15", "2026-02-15", "2026-03-15"]
    assert "every month" in recurrence.analyse(series).hints[0]


def test_a_week_number_without_days_means_all_seven() -> None:
    series = plan("FREQ=YEARLY;BYWEEKNO=20;COUNT=7", "2026-05-11")

    assert locals_of(series) == [f"2026-05-{day}" for day in range(11, 18)]
    assert "all seven days" in recurrence.analyse(series).hints[0]


def test_exdate_of_a_day_takes_every_session_of_it() -> None:
    series = plan("FREQ=DAILY;BYHOUR=9,17;COUNT=6", "2026-01-05T09:00", NEW_YORK, exdates=(date(2026, 1, 6),))

    assert locals_of(series) == [f"2026-01-0{d} {h}:00" for d in (5, 7) for h in ("09", "17")]


def test_exdate_as_instant_takes_the_session_at_that_instant() -> None:
    series = plan("FREQ=DAILY;COUNT=3", "2026-01-05T09:00", NEW_YORK, exdates=(datetime(2026, 1, 6, 14, tzinfo=UTC),))

    assert locals_of(series) == ["2026-01-05 09:00", "2026-01-07 09:00"]


def test_exdates_that_match_nothing_are_named() -> None:
    matching = (datetime(2026, 1, 6, 9), datetime(2026, 1, 7, 14, tzinfo=UTC), date(2026, 1, 8))
    idle = (datetime(2026, 1, 6, 10), datetime(2026, 1, 7, 15, tzinfo=UTC), date(2026, 1, 4))
    series = plan("FREQ=DAILY", "2026-01-05T09:00", NEW_YORK, exdates=matching + idle)

    assert set(recurrence.analyse(series).unmatched) == set(idle)


def test_exdate_wins_over_rdate_and_a_double_is_one_session() -> None:
    series = plan(
        "FREQ=DAILY;COUNT=2",
        "2026-01-05T09:00",
        rdates=(datetime(2026, 1, 5, 9), datetime(2026, 1, 8, 9), datetime(2026, 1, 9, 9)),
        exdates=(datetime(2026, 1, 8, 9),),
    )

    assert locals_of(series) == ["2026-01-05 09:00", "2026-01-06 09:00", "2026-01-09 09:00"]


def test_an_rdate_may_be_a_day_an_instant_or_a_period() -> None:
    series = plan(
        None,
        "2026-01-05T09:00",
        NEW_YORK,
        rdates=(
            date(2026, 1, 6),
            datetime(2026, 1, 7, 15, tzinfo=UTC),
            Period(start=datetime(2026, 1, 8, 9), duration=Duration(seconds=1800)),
            Period(start=datetime(2026, 1, 9, 9), end=datetime(2026, 1, 9, 12)),
            Period(start=datetime(2026, 1, 10, 9, tzinfo=UTC), end=datetime(2026, 1, 10, 12, tzinfo=UTC)),
            Period(start=datetime(2026, 1, 11, 9), duration=Duration(days=1, seconds=60)),
        ),
    )

    found = recurrence.next_after(series, BEGINNING, 10)
    assert [(s.recurrence_id, s.ends_at - s.starts_at) for s in found] == [
        (datetime(2026, 1, 5, 9), timedelta(hours=1)),
        (datetime(2026, 1, 6, 9), timedelta(hours=1)),
        (datetime(2026, 1, 7, 10), timedelta(hours=1)),
        (datetime(2026, 1, 8, 9), timedelta(minutes=30)),
        (datetime(2026, 1, 9, 9), timedelta(hours=3)),
        (datetime(2026, 1, 10, 4), timedelta(hours=3)),
        (datetime(2026, 1, 11, 9), timedelta(days=1, minutes=1)),
    ]


def test_a_period_says_its_own_end_where_the_rule_starts_too() -> None:
    longer = Period(start=datetime(2026, 1, 5, 9), duration=Duration(seconds=7200))
    series = plan("FREQ=DAILY;COUNT=2", "2026-01-05T09:00", rdates=(longer,))

    found = recurrence.next_after(series, BEGINNING, 5)
    assert [s.ends_at - s.starts_at for s in found] == [timedelta(hours=2), timedelta(hours=1)]


def test_an_rdate_in_the_gap_follows_the_series_policy() -> None:
    missing = (datetime(2026, 3, 8, 2, 30),)

    assert instants_of(plan(None, "2026-03-07T02:30", NEW_YORK, rdates=missing)) == [
        "2026-03-07 07:30",
        "2026-03-08 07:30",
    ]
    skipping = plan(None, "2026-03-07T02:30", NEW_YORK, rdates=missing, gap=Gap.SKIP)
    assert instants_of(skipping) == ["2026-03-07 07:30"]


def test_hours_are_exact_and_days_are_nominal() -> None:
    exact = plan(None, "2026-03-07T12:00", NEW_YORK, duration=Duration(seconds=86_400))
    nominal = plan(None, "2026-03-07T12:00", NEW_YORK, duration=Duration(days=1))

    assert recurrence.next_after(exact, BEGINNING, 1)[0].ends_at == datetime(2026, 3, 8, 17, tzinfo=UTC)
    assert recurrence.next_after(nominal, BEGINNING, 1)[0].ends_at == datetime(2026, 3, 8, 16, tzinfo=UTC)


def test_an_all_day_session_lasts_from_midnight_to_midnight() -> None:
    series = Series(
        dtstart=datetime(2026, 3, 8),
        time_zone=NEW_YORK,
        duration=Duration(days=1),
        rule=Rule.parse("FREQ=DAILY;COUNT=2;BYHOUR=9"),
        all_day=True,
    )

    found = recurrence.next_after(series, BEGINNING, 5)
    assert [(s.starts_at.hour, s.ends_at - s.starts_at) for s in found] == [
        (5, timedelta(hours=23)),
        (4, timedelta(hours=24)),
    ]


def test_a_day_that_never_was_still_has_a_length() -> None:
    series = plan(None, "2011-12-30T00:00", "Pacific/Apia", duration=Duration(days=1))

    found = recurrence.next_after(series, BEGINNING, 1)[0]
    assert found.starts_at == datetime(2011, 12, 30, 10, tzinfo=UTC)
    assert found.ends_at - found.starts_at == timedelta(days=1)


def test_a_floating_series_is_read_as_utc_until_it_gets_a_zone() -> None:
    series = plan("FREQ=DAILY;UNTIL=20260106T090000", "2026-01-05T09:00", None)

    assert instants_of(series) == ["2026-01-05 09:00", "2026-01-06 09:00"]
    assert instants_of(series.in_zone("Asia/Seoul")) == ["2026-01-05 00:00", "2026-01-06 00:00"]
    assert instants_of(plan("FREQ=DAILY;UNTIL=20260106", "2026-01-05T09:00", None))[-1] == "2026-01-06 09:00"


def test_a_cursor_spares_the_walk_from_the_start() -> None:
    series = plan("FREQ=MONTHLY;BYDAY=2TU;COUNT=40", "2020-01-14T09:00")
    cursor = recurrence.cursor_at(series, datetime(2023, 1, 1))

    assert cursor.counted == 36
    later = recurrence.cursor_at(series, datetime(2023, 3, 1), cursor)
    assert later.counted == 38
    window = (datetime(2023, 2, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
    whole = list(recurrence.expand(series, *window))
    assert list(recurrence.expand(series, *window, cursor)) == whole
    assert list(recurrence.expand(series, *window, later)) == whole
    assert len(whole) == 3


def test_occurrence_at_knows_its_own_starts_only() -> None:
    series = plan("FREQ=WEEKLY", "2026-01-05T09:00", NEW_YORK, exdates=(datetime(2026, 1, 12, 9),))

    assert recurrence.occurrence_at(series, datetime(2027, 1, 4, 9)) is not None
    assert recurrence.occurrence_at(series, datetime(2027, 1, 4, 10)) is None
    assert recurrence.occurrence_at(series, datetime(2026, 1, 12, 9)) is None


def test_a_rule_that_can_never_fire_expands_to_nothing() -> None:
    series = plan("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-01")

    assert locals_of(series) == []
    assert recurrence.analyse(series).never_fires


def test_the_figure_of_sessions_a_day_is_told() -> None:
    assert recurrence.analyse(plan("FREQ=MINUTELY", "2026-01-01")).per_day == 1440
    assert recurrence.analyse(plan("FREQ=MINUTELY;COUNT=10", "2026-01-01")).per_day == 10
    assert recurrence.analyse(plan("FREQ=WEEKLY;BYHOUR=9,17", "2026-01-01T09:00")).per_day == 2
    assert recurrence.analyse(plan("FREQ=DAILY;BYHOUR=9,17;BYMONTH=1", "2026-01-01T09:00")).per_day == 2


def test_count_holds_for_a_rule_that_fires_once_in_decades() -> None:
    series = plan("FREQ=MINUTELY;INTERVAL=23;COUNT=2;BYYEARDAY=1;BYHOUR=14;BYMINUTE=0", "2026-10-31T01:30")

    assert locals_of(series) == ["2050-01-01 14:00", "2075-01-01 14:00"]


@pytest.mark.parametrize(
    "rule, duration, overlaps",
    [
        ("FREQ=DAILY", "PT24H", False),
        ("FREQ=DAILY", "PT24H1S", True),
        ("FREQ=DAILY", "P1D", False),
        ("FREQ=MONTHLY;BYMONTHDAY=-1,1", "P1DT1S", True),
        ("FREQ=HOURLY", "PT1H", False),
    ],
)
def test_a_session_longer_than_the_way_to_the_next_overlaps(rule: str, duration: str, overlaps: bool) -> None:
    series = plan(rule, "2026-01-01T09:00", duration=Duration.parse(duration))

    assert (recurrence.analyse(series).overlap is not None) is overlaps


@pytest.mark.parametrize(("duration", "overlaps"), [("PT144H", False), ("PT144H1S", True)])
def test_a_day_that_a_clock_left_out_brings_a_weekly_session_to_the_next(duration: str, overlaps: bool) -> None:
    series = plan("FREQ=WEEKLY", "2011-12-01T09:00", "Pacific/Apia", duration=Duration.parse(duration))

    assert (recurrence.analyse(series).overlap is not None) is overlaps


def test_an_overlap_that_only_a_clock_change_makes_is_found() -> None:
    daily = plan("FREQ=DAILY", "2026-01-01T09:00", NEW_YORK, duration=Duration.parse("PT24H"))
    uneven = plan("FREQ=MINUTELY;INTERVAL=45", "2026-01-01T09:00", NEW_YORK, duration=Duration.parse("PT45M"))

    assert recurrence.analyse(daily).overlap is not None
    assert recurrence.analyse(uneven).overlap is not None


def test_skip_has_no_meaning_where_days_of_the_month_only_limit() -> None:
    daily = "FREQ=DAILY;BYMONTHDAY=31;COUNT=3"

    moved = plan(f"RSCALE=GREGORIAN;{daily};SKIP=FORWARD", "2026-01-31T09:00")

    assert locals_of(moved, 3) == locals_of(plan(daily, "2026-01-31T09:00"), 3)


def test_a_plan_whose_every_start_the_clock_skips_is_given_up() -> None:
    rule = "FREQ=SECONDLY;BYMONTH=3;BYDAY=SU;BYMONTHDAY=8,9,10,11,12,13,14;BYHOUR=2"
    series = plan(rule, "2026-03-01T09:00", "America/New_York", gap=Gap.SKIP)

    with pytest.raises(recurrence.BudgetError, match="clock skips"):
        recurrence.next_after(series, datetime(2026, 1, 1, tzinfo=UTC), 1)


def test_a_plan_by_the_second_whose_days_are_all_taken_out_is_given_up() -> None:
    days = tuple([date(2026, 1, 1) + timedelta(n) for n in range(3_000)])
    series = plan("FREQ=SECONDLY", "2026-01-01T00:00", exdates=days)

    with pytest.raises(recurrence.BudgetError, match="taken out"):
        recurrence.next_after(series, datetime(2026, 1, 1, tzinfo=UTC), 1)


def test_as_many_entries_as_there_may_be_survive_their_text() -> None:
    moments = [datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(hours=n) for n in range(1_500)]
    periods = tuple(Period(start=moment, end=moment + timedelta(minutes=30)) for moment in moments)
    zone = "America/Argentina/ComodRivadavia"
    series = plan("FREQ=DAILY", "2026-01-05T09:30", zone, rdates=periods, exdates=tuple(moments))

    text = series.to_ical()

    assert len(text.splitlines()) == 5
    assert Series.from_ical(text) == series
