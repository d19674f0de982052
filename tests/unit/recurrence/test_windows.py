"""What lies in a window, however far it is, and where the clock changes in it."""

from datetime import UTC, date, datetime, timedelta

import pytest

import recurrence
from recurrence import Duration, Gap
from tests.unit.recurrence.plans import BEGINNING, HOUR, locals_of, plan

NEW_YORK = "America/New_York"
SAO_PAULO = "America/Sao_Paulo"  # its clock has not changed since 17 February 2019


@pytest.mark.parametrize("rdates", [(), (date(2026, 3, 8),)])
def test_columns_are_the_same_sessions_as_lists(rdates: tuple[date, ...]) -> None:
    series = plan("FREQ=HOURLY;INTERVAL=7", "2026-03-07T02:30", NEW_YORK, rdates=rdates)
    window = datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)

    columns = recurrence.columns(series, *window)

    assert list(zip(*columns, strict=True)) == list(recurrence.expand(series, *window))
    assert len(columns.recurrence_ids) == (11 if rdates else 10)


@pytest.mark.parametrize(("zone", "start"), [("Pacific/Apia", "2011-12-27T09:00"), (NEW_YORK, "2026-03-05T02:30")])
@pytest.mark.parametrize("length", ["P1D", "P2DT1H", "P7D"])
def test_whole_days_end_at_the_same_time_whether_dates_are_added_or_not(zone: str, start: str, length: str) -> None:
    alone = plan("FREQ=DAILY;INTERVAL=3;COUNT=6", start, zone, duration=Duration.parse(length))
    added = plan(
        "FREQ=DAILY;INTERVAL=3;COUNT=6", start, zone, duration=Duration.parse(length), rdates=(date(2030, 1, 1),)
    )
    beginning = datetime(2000, 1, 1, tzinfo=UTC)

    assert list(recurrence.expand(added, beginning))[:-1] == list(recurrence.expand(alone, beginning))


def test_columns_of_a_window_with_one_session_have_one_entry_each() -> None:
    series = plan("FREQ=MONTHLY;BYMONTHDAY=20", "2026-01-20T09:00", NEW_YORK)
    window = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)

    columns = recurrence.columns(series, *window)

    assert columns.recurrence_ids == [datetime(2026, 2, 20, 9)]
    assert list(zip(*columns, strict=True)) == list(recurrence.expand(series, *window))


def test_a_window_within_months_has_what_lies_in_it() -> None:
    series = plan("FREQ=MONTHLY;BYMONTHDAY=1,20", "2026-01-01T09:00", "UTC")

    found = list(recurrence.expand(series, datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 2, 15, tzinfo=UTC)))

    assert [session.recurrence_id for session in found] == [datetime(2026, 1, 20, 9), datetime(2026, 2, 1, 9)]


def test_a_window_at_the_end_of_the_calendar_has_sessions_that_end_in_it() -> None:
    series = plan("FREQ=DAILY", "2026-01-05T23:30")
    end = datetime.max.replace(tzinfo=UTC)

    found = list(recurrence.expand(series, datetime(9999, 12, 29, tzinfo=UTC), end))

    assert [session.recurrence_id.day for session in found] == [29, 30]


def test_a_count_that_no_window_can_reach_is_not_counted() -> None:
    series = plan("FREQ=MONTHLY;COUNT=1000000", "2026-01-05T09:00")

    found = list(recurrence.expand(series, datetime(2400, 1, 1, tzinfo=UTC), datetime(2400, 3, 1, tzinfo=UTC)))

    assert [session.recurrence_id for session in found] == [datetime(2400, 1, 5, 9), datetime(2400, 2, 5, 9)]


def test_a_count_of_a_steady_rule_may_reach_beyond_the_calendar() -> None:
    series = plan("FREQ=DAILY;COUNT=1000000000", "2026-01-05T09:00")

    found = list(recurrence.expand(series, datetime(9999, 12, 29, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)))

    assert [session.recurrence_id.day for session in found] == [29, 30, 31]


def test_behind_the_last_session_that_count_allows_there_is_none() -> None:
    for zone in ("UTC", NEW_YORK):
        series = plan("FREQ=MONTHLY;COUNT=3", "2026-01-05T09:00", zone)

        assert len(list(recurrence.expand(series, BEGINNING, datetime(2026, 2, 20, tzinfo=UTC)))) == 2
        assert list(recurrence.expand(series, datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))) == []


def test_a_counted_rule_may_end_within_the_window() -> None:
    series = plan("FREQ=MONTHLY;COUNT=3;BYMONTH=1", "2026-01-05T09:00")

    assert locals_of(series) == ["2026-01-05 09:00", "2027-01-05 09:00", "2028-01-05 09:00"]


@pytest.mark.parametrize("zone", [SAO_PAULO, NEW_YORK])
def test_a_count_is_told_where_gaps_are_skipped_too(zone: str) -> None:
    series = plan("FREQ=MONTHLY;COUNT=5;BYMONTHDAY=8", "2026-02-08T02:30", zone, gap=Gap.SKIP)

    reached = recurrence.cursor_at(series, datetime(2026, 5, 1))

    assert reached.counted == (3 if zone == SAO_PAULO else 2)


def test_a_zone_that_changed_its_clock_for_the_last_time_goes_on() -> None:
    series = plan("FREQ=DAILY", "2019-02-15T09:00", SAO_PAULO)

    found = recurrence.next_after(series, BEGINNING, 4_000)

    assert [f"{session.starts_at:%H}" for session in found[:4]] == ["11", "11", "12", "12"]
    assert found[-1].recurrence_id == datetime(2030, 1, 27, 9)


def test_a_rule_without_end_goes_on_until_the_calendar_ends() -> None:
    series = plan("FREQ=WEEKLY;INTERVAL=8", "2019-02-15T09:00", SAO_PAULO)

    *_, last = recurrence.expand(series, datetime(2019, 2, 1, tzinfo=UTC))

    assert datetime(9999, 11, 5) < last.recurrence_id


def test_a_start_in_the_gap_is_no_other_session_of_the_same_instant() -> None:
    series = plan("FREQ=DAILY", "2026-03-01T03:30", NEW_YORK)

    assert recurrence.occurrence_at(series, datetime(2026, 3, 8, 3, 30)) is not None
    assert recurrence.occurrence_at(series, datetime(2026, 3, 8, 2, 30)) is None


def test_a_window_around_a_change_of_the_clock_holds_what_starts_in_it() -> None:
    series = plan("FREQ=DAILY;BYMONTH=3", "2026-03-01T09:00", NEW_YORK, duration=HOUR)

    for low, high, days in ((7, 10, [7, 8, 9]), (8, 9, [8]), (1, 8, [1, 2, 3, 4, 5, 6, 7])):
        window = datetime(2026, 3, low, 5, tzinfo=UTC), datetime(2026, 3, high, 4, tzinfo=UTC)
        assert [session.recurrence_id.day for session in recurrence.expand(series, *window)] == days
    nothing = recurrence.expand(series, datetime(2026, 3, 8, 2, tzinfo=UTC), datetime(2026, 3, 8, 8, tzinfo=UTC))
    assert list(nothing) == []


@pytest.mark.parametrize(
    "rule", ["BYDAY=5MO", "BYDAY=MO,FR;BYSETPOS=-1", "BYMONTHDAY=31", "INTERVAL=7;BYMONTHDAY=29,30"]
)
def test_a_far_count_of_months_is_that_of_walking_there(rule: str) -> None:
    series = recurrence.Series.from_ical(
        f"DTSTART;TZID=Europe/Paris:20250131T093000\nRRULE:FREQ=MONTHLY;{rule};COUNT=700"
    )
    walked = list(recurrence.expand(series, datetime(2025, 1, 1, tzinfo=UTC)))

    for n in (0, 350, 699):
        found = list(recurrence.expand(series, walked[n].starts_at))

        assert found == walked[n:], n


def test_a_window_begins_and_ends_between_two_seconds() -> None:
    series = plan("FREQ=SECONDLY", "2026-03-07T02:30")
    first = datetime(2026, 3, 8, 12, 0, 0, 1, tzinfo=UTC)

    found = list(recurrence.expand(series, first, first.replace(second=2)))

    assert [one.starts_at.second for one in found] == [1, 2]


def test_a_long_window_of_several_starts_a_round_comes_in_portions() -> None:
    series = plan("FREQ=WEEKLY;BYDAY=MO,WE", "2026-01-05T09:00")

    found = list(recurrence.expand(series, BEGINNING, datetime(2066, 1, 1, tzinfo=UTC)))

    assert len(found) == len({one.starts_at for one in found}) == 4_174
    assert {one.recurrence_id.weekday() for one in found} == {0, 2}


def test_a_window_between_the_starts_of_a_round_is_empty() -> None:
    series = plan("FREQ=WEEKLY;BYDAY=MO,WE", "2026-01-05T09:00", "UTC")
    thursday = datetime(2026, 1, 15, tzinfo=UTC)

    assert list(recurrence.expand(series, thursday, thursday + timedelta(days=2))) == []


def test_a_window_may_begin_after_the_last_start_of_a_round() -> None:
    series = plan("FREQ=WEEKLY;BYDAY=MO,WE", "2026-01-05T09:00")
    friday = datetime(2026, 1, 9, tzinfo=UTC)

    found = list(recurrence.expand(series, friday, friday.replace(day=22)))

    assert [one.recurrence_id.day for one in found] == [12, 14, 19, 21]


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=MONTHLY;BYDAY=MO,WE"])
@pytest.mark.parametrize(
    "out", [(5,), (12,), (18,), (5, 7), (7, 9, 16), (5, 7, 9, 12, 14, 16), (6, 13), tuple(range(5, 19))]
)
def test_what_is_left_out_is_all_that_a_window_lacks(rule: str, out: tuple[int, ...]) -> None:
    window = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 17, tzinfo=UTC)
    dates = tuple([datetime(2026, 1, day, 9) for day in out])
    whole = list(recurrence.expand(plan(rule, "2026-01-05T09:00", NEW_YORK), *window))

    for exdates in (dates, tuple([recurrence.localize(local, NEW_YORK) for local in dates])):
        series = plan(rule, "2026-01-05T09:00", NEW_YORK, exdates=exdates)  # type: ignore[arg-type]

        left = [session for session in whole if session.recurrence_id not in dates]
        assert list(recurrence.expand(series, *window)) == left
        assert list(zip(*recurrence.columns(series, *window), strict=True)) == left


def test_before_there_were_time_zones_a_clock_showed_the_mean_time_of_its_place() -> None:
    series = plan("FREQ=DAILY", "1850-01-01T12:00", NEW_YORK)

    found = list(recurrence.expand(series, datetime(1850, 1, 2, tzinfo=UTC), datetime(1850, 1, 4, tzinfo=UTC)))

    assert [session.starts_at.isoformat(" ") for session in found] == [
        "1850-01-02 16:56:02+00:00",
        "1850-01-03 16:56:02+00:00",
    ]


def test_an_interval_longer_than_the_calendar_leaves_the_first_start() -> None:
    for rule in ("FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO,TU", "FREQ=DAILY;BYDAY=MO,SU;BYHOUR=9,10"):
        found = recurrence.next_after(plan(f"{rule};INTERVAL=1000000000", "2026-01-05T09:00"), BEGINNING, 9)

        assert found[0].recurrence_id == datetime(2026, 1, 5, 9)
        assert {session.recurrence_id.year for session in found} == {2026}


def test_no_more_is_counted_than_count() -> None:
    rule = "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYMONTHDAY=31;COUNT=900"
    series = plan(rule, "2026-01-31T09:00")

    assert recurrence.next_after(series, datetime(9000, 1, 1, tzinfo=UTC), 1) == []
    assert recurrence.cursor_at(series, datetime(9000, 1, 1)).counted == 900
