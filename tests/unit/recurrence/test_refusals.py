"""What is refused, which part is named, and what the sentence says."""

import pickle
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

import recurrence
from recurrence import (
    ByDay,
    Duration,
    Frequency,
    Moment,
    Period,
    RecurrenceError,
    Rule,
    Series,
    Weekday,
    ZoneError,
    tzif,
    zone,
)
from tests.unit.recurrence.plans import BEGINNING, HOUR, plan

RULES = [  # text, part, words of the sentence
    ("FREQ=DAILY;INTERVAL=0", "INTERVAL", "got 0, expected a whole number from 1 to 1000000000"),
    ("FREQ=DAILY;INTERVAL=9999999999", "INTERVAL", "a whole number from 1 to 1000000000"),
    ("FREQ=DAILY;INTERVAL=100000000000", "INTERVAL", "a whole number from 1 to 1000000000"),
    ("FREQ=DAILY;COUNT=10000000000", "COUNT", "got 10000000000, expected a whole number from 1 to 1000000000"),
    ("FREQ=DAILY;INTERVAL=x", "INTERVAL", "got x, expected a whole number from 1 to 1000000000"),
    ("FREQ=DAILY;BYHOUR=a", "BYHOUR", "got a, expected a whole number, 0 to 23"),
    ("FREQ=DAILY;BYHOUR=9,10000000000", "BYHOUR", "got 10000000000, expected a whole number, 0 to 23"),
    ("freq=monthly;bymonthday=1.5", "BYMONTHDAY", "got 1.5, expected a whole number, 1 to 31 or -31 to -1"),
    ("FREQ=DAILY;INTERVAL=+2", "INTERVAL", "got +2, expected a whole number without a sign"),
    ("FREQ=DAILY;COUNT=0", "COUNT", "got 0"),
    ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "COUNT", "got COUNT and UNTIL together"),
    ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL", "got tomorrow"),
    ("FREQ=DAILY;UNTIL=20260101T000000/PT1H", "UNTIL", "a date or time like"),
    ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS", "got it alone"),
    ("FREQ=DAILY;BYMONTH=1;BYSETPOS=0", "BYSETPOS", "got 0, expected 1 to 366 or -366 to -1"),
    ("FREQ=DAILY;BYMONTH=13", "BYMONTH", "got 13, expected 1 to 12"),
    ("FREQ=DAILY;BYHOUR=24", "BYHOUR", "0 to 23"),
    ("FREQ=DAILY;BYDAY=2MO", "BYDAY", "ordinals with MONTHLY or YEARLY only"),
    ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=2MO", "BYDAY", "without an ordinal beside BYWEEKNO"),
    ("FREQ=MONTHLY;BYDAY=54MO", "BYDAY", "ordinal of 1 to 53"),
    ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY", "days like MO, 2TU or -1FR"),
    ("FREQ=MONTHLY;BYDAY=mon", "BYDAY", "got mon, expected days like"),
    ("FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO", "with YEARLY only"),
    ("FREQ=DAILY;BYYEARDAY=1", "BYYEARDAY", "got FREQ=DAILY"),
    ("FREQ=WEEKLY;BYYEARDAY=1", "BYYEARDAY", "got FREQ=WEEKLY"),
    ("FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY", "got FREQ=MONTHLY"),
    ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY", "got FREQ=WEEKLY"),
    ("FREQ=DAILY;BYEASTER=0", "BYEASTER", "no such part"),
    ("freq=daily;byeaster=first", "BYEASTER", "got first, expected no such part"),
    ("FREQ=DAILY;FREQ=DAILY", "FREQ", "got it twice"),
    ("FREQ=DAILY;freq=daily", "FREQ", "got it twice"),
    ("RSCALE=GREGORIAN;RSCALE=GREGORIAN;FREQ=DAILY", "RSCALE", "got it twice"),
    ("RSCALE=HEBREW;FREQ=DAILY", "RSCALE", "one of GREGORIAN"),
    ("FREQ=MONTHLY;SKIP=FORWARD", "SKIP", "RSCALE=GREGORIAN beside it"),
    ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=SIDEWAYS", "SKIP", "one of BACKWARD, FORWARD, OMIT"),
    ("FREQ=Fortnightly", "FREQ", "got Fortnightly, expected one of DAILY"),
    ("INTERVAL=2", "FREQ", "got none"),
    ("", "RRULE", "got nothing"),
    ("FREQ", "FREQ", "NAME=VALUE"),
    ("FREQ=DAILY;WKST=XX", "WKST", "one of FR, MO"),
    ("FREQ=DAILY;" + "X" * 20_000, "RRULE", "at most 16384 characters"),
]


@pytest.mark.parametrize("text, part, words", RULES, ids=[rule[0][:50] for rule in RULES])
def test_a_wrong_rule_names_its_part(text: str, part: str, words: str) -> None:
    with pytest.raises(RecurrenceError) as refused:
        Rule.parse(text)

    assert refused.value.part == part
    assert words in str(refused.value)


def test_a_rule_is_valid_from_birth_without_text_too() -> None:
    with pytest.raises(RecurrenceError, match="BYDAY"):
        Rule(freq=Frequency.DAILY, byday=(ByDay(2, Weekday.MO),))


def test_a_rule_has_no_part_beside_those_of_the_rfc() -> None:
    with pytest.raises(TypeError, match="a rule has no part byeaster"):
        Rule(freq=Frequency.DAILY, byeaster=(1,))  # type: ignore[call-arg]


def test_a_rule_may_be_written_in_any_case_and_with_its_name() -> None:
    assert Rule.parse(" rrule:freq=weekly;byday=we,mo,mo;interval=1;wkst=mo ") == Rule.parse("FREQ=WEEKLY;BYDAY=MO,WE")
    assert str(Rule.parse("FREQ=WEEKLY;BYDAY=WE,MO")) == "FREQ=WEEKLY;BYDAY=MO,WE"
    moved = "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=31;SKIP=FORWARD"
    assert str(Rule.parse(moved.lower())) == moved
    assert str(Rule.parse("Freq=daily;until=20270101t000000z")) == "FREQ=DAILY;UNTIL=20270101T000000Z"
    assert str(Rule.parse("Rrule:Freq=monthly;byday=-1fr")) == "FREQ=MONTHLY;BYDAY=-1FR"


@pytest.mark.parametrize("text", ["P1M", "P1Y", "P1Y2M3D", "P2W1M"])
def test_months_and_years_are_no_duration(text: str) -> None:
    with pytest.raises(RecurrenceError, match="years and months vary in length"):
        Duration.parse(text)


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "1H", "PT1.5H", "-PT1H", "P1W1D", "PT1H\n", "P" + "1" * 50 + "D"]
)
def test_what_is_no_length_is_no_duration(text: str) -> None:
    with pytest.raises(RecurrenceError, match="DURATION"):
        Duration.parse(text)


def test_a_duration_is_neither_negative_nor_longer_than_a_century() -> None:
    with pytest.raises(RecurrenceError, match="neither below zero"):
        Duration(seconds=-1)
    with pytest.raises(RecurrenceError, match="at most a hundred years"):
        Duration(days=40_000)


@pytest.mark.parametrize(
    "text, canonical",
    [
        ("PT90M", "PT1H30M"),
        ("P7D", "P1W"),
        ("P1DT2H", "P1DT2H"),
        ("PT0S", "PT0S"),
        ("+PT5S", "PT5S"),
        ("PT24H", "PT24H"),
    ],
)
def test_a_duration_has_one_text(text: str, canonical: str) -> None:
    assert str(Duration.parse(text)) == canonical
    assert Duration.parse(canonical) == Duration.parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "2026", "20260230", "20260105T250000", "20260105T18000", "20260105T180000X", "2026-01-05 18:00", "2026-13-01",
     "2026-01-05T18:00:00.5", "2026-W01-1T0900", "２０２６０１０５", "20260105/PT1H", "20260105T100000/20260106",
     "20260105T100000/20260105T090000", "20260105T100000/20260105T110000Z", "20260105T100000/PT0S",
     "0001-01-01T00:00:00+14:00", "x" * 100],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(RecurrenceError):
        recurrence.parse_moment(text)


@pytest.mark.parametrize(
    "text, moment",
    [
        ("20260105T180000", datetime(2026, 1, 5, 18)),
        ("20260105T180000Z", datetime(2026, 1, 5, 18, tzinfo=UTC)),
        ("20260105", date(2026, 1, 5)),
        ("2026-01-05T18:00", datetime(2026, 1, 5, 18)),
        ("2026-01-05T18:00:00.000Z", datetime(2026, 1, 5, 18, tzinfo=UTC)),
        ("2026-01-05T18:00+09:00", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("2026-01-05", date(2026, 1, 5)),
        ("20260105T180000/PT1H", Period(start=datetime(2026, 1, 5, 18), duration=HOUR)),
        ("20260105T180000/20260105T190000", Period(start=datetime(2026, 1, 5, 18), end=datetime(2026, 1, 5, 19))),
    ],
)
def test_both_forms_of_a_moment_are_read(text: str, moment: Moment) -> None:
    assert recurrence.parse_moment(text) == moment
    assert recurrence.parse_moment(recurrence.format_moment(moment)) == moment


def test_a_period_has_exactly_one_end() -> None:
    with pytest.raises(RecurrenceError, match="either an end or a duration"):
        Period(start=datetime(2026, 1, 5))


def test_a_series_is_valid_from_birth() -> None:
    start = datetime(2026, 1, 5, 9)
    cases: list[tuple[dict[str, object], str]] = [
        ({"dtstart": start.replace(tzinfo=UTC)}, "DTSTART"),
        ({"dtstart": start.replace(microsecond=1)}, "DTSTART"),
        ({"time_zone": "Mars/Olympus"}, "TZID"),
        ({"all_day": True}, "DTSTART"),
        ({"all_day": True, "dtstart": datetime(2026, 1, 5)}, "DURATION"),
        (
            {
                "all_day": True,
                "dtstart": datetime(2026, 1, 5),
                "duration": Duration(days=1),
                "rule": Rule.parse("FREQ=HOURLY"),
            },
            "FREQ",
        ),
        (  # the times of day that an all-day series passes over are nothing to pick from
            {
                "all_day": True,
                "dtstart": datetime(2026, 1, 5),
                "duration": Duration(days=1),
                "rule": Rule.parse("FREQ=DAILY;BYHOUR=9,10;BYSETPOS=2"),
            },
            "BYSETPOS",
        ),
        ({"rdates": tuple(start + timedelta(n) for n in range(5_000))}, "RDATE"),
        ({"exdates": (Period(start=start, duration=HOUR),)}, "EXDATE"),
        ({"exdates": (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=9))),)}, "EXDATE"),
        (
            {
                "all_day": True,
                "dtstart": datetime(2026, 1, 5),
                "duration": Duration(days=1),
                "rdates": (start,),
            },
            "RDATE",
        ),
    ]
    for fields, part in cases:
        valid: dict[str, object] = {"dtstart": start, "time_zone": "Asia/Seoul", "duration": HOUR}
        with pytest.raises(RecurrenceError) as refused:
            Series(**(valid | fields))  # type: ignore[arg-type]
        assert refused.value.part == part


LINES = [  # lines, part
    ("", "DTSTART"),
    ("RRULE:FREQ=DAILY", "DTSTART"),
    ("DTSTART:20260105T090000\nDTSTART:20260105T090000", "DTSTART"),
    ("DTSTART;VALUE=DATE:20260105T090000", "DTSTART"),
    ("DTSTART;VALUE=DATE-TIME:20260105", "DTSTART"),
    ("DTSTART;VALUE=TEXT:20260105", "DTSTART"),
    ("DTSTART;VALUE=PERIOD:20260105T090000", "DTSTART"),
    ("DTSTART;TZID=Europe/London;TZID=Europe/Berlin:20260105T090000", "DTSTART"),
    ("DTSTART:20260105T090000\nRDATE;VALUE=DATE:20260106,20260105T090000", "RDATE"),
    ("DTSTART:20260105T090000\nEXDATE;VALUE=DATE-TIME:20260105", "EXDATE"),
    ("DTSTART:20260105T090000\nRDATE;VALUE=PERIOD:20260105T090000", "RDATE"),
    ("DTSTART:20260105T090000\nEXDATE;TZID=Europe/London;TZID=Europe/London:20260105T090000", "EXDATE"),
    ("DTSTART:20260105T090000/PT1H", "DTSTART"),
    ("DTSTART;TZID=Mars/Olympus:20260105T090000", "TZID"),
    ("DTSTART:20260105T090000\nDTEND:20260105T100000\nDURATION:PT1H", "DTEND"),
    ("DTSTART:20260105T090000\nDTEND:20260105T090000", "DTEND"),
    ("DTSTART:20260105T090000\nDTEND:20260105", "DTEND"),
    ("DTSTART:20260105\nDTEND:20260105", "DTEND"),
    ("DTSTART:20260105T090000\nDURATION:PT0S", "DURATION"),
    ("DTSTART:20260105T090000\nDURATION:P0DT0H", "DURATION"),
    ("DTSTART:20260105\nDURATION:P0D", "DURATION"),
    ("DTSTART:20260105\nSUMMARY:Pilates", "SUMMARY"),
    ("DTSTART:20260105\nnonsense", "NONSENSE"),
    ("DTSTART:20260105\nEXDATE:maybe", "EXDATE"),
    ("DTSTART:20260105T090000\nEXDATE:20260106T090000,20260230T090000", "EXDATE"),
    ("DTSTART:20260105" + "\n" * 1_000_000, "text"),
]


@pytest.mark.parametrize("text, part", LINES, ids=[line[0][:60] for line in LINES])
def test_wrong_lines_are_refused_by_name(text: str, part: str) -> None:
    with pytest.raises(RecurrenceError) as refused:
        Series.from_ical(text)

    assert refused.value.part == part


def test_folded_lines_other_zones_and_every_kind_of_end_are_read() -> None:
    zoned = Series.from_ical(
        "DTSTART;TZID=Europe/Berlin:20260105T090000\r\nDTEND;TZID=Europe/London:20260105T090000\r\n"
        "RRULE:FREQ=DAI\r\n LY\r\n"
        "EXDATE;TZID=Europe/London:20260106T080000\r\nRDATE;VALUE=PERIOD;TZID=Europe/London:20260107T100000/20260107T110000\r\n"
        'RDATE;TZID="Europe/Berlin";VALUE=DATE:20260201\r\nRDATE;TZID=Europe/London;VALUE=DATE:20260202'
    )

    assert zoned.duration == HOUR
    assert str(zoned.rule) == "FREQ=DAILY"
    assert zoned.exdates == (datetime(2026, 1, 6, 8, tzinfo=UTC),)
    assert Series.from_ical("DTSTART;TZID=Asia/Seoul:20260105T000000Z").dtstart == datetime(2026, 1, 5, 9)
    assert Series.from_ical("DTSTART;TZID=UTC:20260105T000000").time_zone == "UTC"
    assert Series.from_ical("DTSTART:20260105T000000").time_zone is None
    assert Series.from_ical("DTSTART:20260105T000000").duration == Duration()
    assert Series.from_ical("DTSTART:20260105").duration == Duration(days=1)
    days = Series.from_ical("DTSTART;VALUE=DATE:20260105\nDTEND;VALUE=DATE:20260108\nX-WR-TIMEZONE:Asia/Seoul")
    assert (days.duration, days.time_zone) == (Duration(days=3), "Asia/Seoul")


def test_a_series_without_length_has_no_line_that_says_so() -> None:
    series = Series.from_ical("DTSTART;TZID=Asia/Seoul:20260105T090000\nRRULE:FREQ=DAILY")

    assert series.to_ical() == "DTSTART;TZID=Asia/Seoul:20260105T090000\nRRULE:FREQ=DAILY"
    assert Series.from_ical(series.to_ical()) == series


def test_an_all_day_until_becomes_a_date() -> None:
    for until in ("20260107T000000", "20260106T150000Z", "20260107"):
        series = Series.from_ical(f"DTSTART:20260105\nX-WR-TIMEZONE:Asia/Seoul\nRRULE:FREQ=DAILY;UNTIL={until}")
        assert series.rule is not None
        assert series.rule.until == date(2026, 1, 7)


def test_one_meaning_is_one_value() -> None:
    instant, wall = datetime(2026, 1, 6, 9, tzinfo=UTC), datetime(2026, 1, 6, 9)

    assert plan("FREQ=DAILY", "2026-01-05T09:00", exdates=(instant, wall)).exdates == (wall,)
    days = Series(
        dtstart=datetime(2026, 1, 5),
        time_zone=None,
        duration=Duration(days=1),
        exdates=(datetime(2026, 1, 6), date(2026, 1, 6)),
        all_day=True,
    )
    assert days.exdates == (date(2026, 1, 6),)


def test_windows_are_asked_with_aware_instants() -> None:
    with pytest.raises(RecurrenceError, match="aware"):
        recurrence.expand(plan("FREQ=DAILY", "2026-01-05T09:00"), datetime(2026, 1, 1))


def test_an_error_survives_pickling_and_shows_no_hostile_text() -> None:
    with pytest.raises(ZoneError) as refused:
        recurrence.check_zone("../../etc/passwd\x00\ud800" + "x" * 100)

    assert str(refused.value) == (
        "TZID: got ../../etc/passwd\\x00\\ud800" + "x" * 33 + "…, expected an IANA name known to tzdata, or UTC"
    )
    again = pickle.loads(pickle.dumps(refused.value))
    assert (again.part, str(again)) == ("TZID", str(refused.value))


def test_instants_outside_the_calendar_are_refused() -> None:
    with pytest.raises(RecurrenceError, match="years 1 to 9999"):
        recurrence.localize(datetime(1, 1, 1), "Asia/Seoul")
    with pytest.raises(RecurrenceError, match="years 1 to 9999"):
        recurrence.wall_time(datetime(9999, 12, 31, 23, tzinfo=UTC), "Asia/Seoul")


@pytest.mark.parametrize("data", [b"", b"TZif" * 3, b"TZif2" + b"\x00" * 39 + b"XXXX" + b"\x00" * 60])
def test_a_damaged_zone_file_is_refused(data: bytes) -> None:
    with pytest.raises(ZoneError, match="TZif"):
        tzif.read("Some/Zone", data)


@pytest.mark.parametrize("footer", ["EST5EDT,J60,J300", "EST5EDT,M3.2.0/x,M11.1.0", "EST5EDT,M3.2.0,M11.1"])
def test_a_zone_whose_clocks_change_in_an_unknown_way_is_refused(footer: str) -> None:
    with pytest.raises(ZoneError, match="weekdays of months"):
        tzif.read_footer("Some/Zone", footer)


def test_sessions_end_with_the_calendar() -> None:
    series = plan("FREQ=DAILY", "9999-12-28T23:30", "America/New_York", duration=Duration(days=1))

    found = recurrence.next_after(series, BEGINNING, 10)

    assert [session.recurrence_id.day for session in found] == [28]


def test_entries_in_more_zones_than_anybody_needs_are_refused() -> None:
    zones = sorted(zone.names())[:9]
    lines = [f"EXDATE;TZID={name}:20260106T080000" for name in zones]

    assert len(Series.from_ical("\n".join(["DTSTART:20260105T090000Z", *lines[:-1]])).exdates) > 1
    with pytest.raises(RecurrenceError, match="TZID: got 9 zones"):
        Series.from_ical("\n".join(["DTSTART:20260105T090000Z", *lines]))


def test_a_zone_without_a_name_is_refused() -> None:
    with pytest.raises(ZoneError, match="TZID: got nothing"):
        Series.from_ical("DTSTART;TZID=:20260105T090000")


def test_dates_at_the_ends_of_the_calendar_are_no_sessions_where_no_clock_shows_them() -> None:
    for name, edge in (("America/New_York", "00010101T000000Z"), ("Asia/Seoul", "99991231T235959Z")):
        series = Series.from_ical(f"DTSTART;TZID={name}:20260105T090000\nRDATE:{edge}")

        assert [session.recurrence_id.year for session in recurrence.expand(series, datetime(1, 1, 1, tzinfo=UTC))] == [
            2026
        ]


def test_a_period_that_would_end_after_the_calendar_is_no_session() -> None:
    series = Series.from_ical("DTSTART:20260105T090000Z\nRDATE;VALUE=PERIOD:99991230T000000Z/P5D")

    assert len(recurrence.next_after(series, BEGINNING, 5)) == 1


def test_a_local_until_at_the_ends_of_the_calendar_is_the_last_or_first_instant() -> None:
    last = plan("FREQ=DAILY;UNTIL=99991231T235959", "2026-01-05T09:00", "America/New_York").rule
    first = plan("FREQ=DAILY;UNTIL=00010101T000000", "2026-01-05T09:00", "Asia/Seoul").rule

    assert last is not None
    assert first is not None
    assert (last.until, first.until) == (
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
    )


def test_an_extra_date_in_the_second_hour_may_stand_alone() -> None:
    extra = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)

    for rule in ("FREQ=DAILY;COUNT=2", "FREQ=HOURLY;BYDAY=SU,SA;BYMINUTE=30;COUNT=2"):
        found = plan(rule, "2026-10-24T09:30", "America/New_York", rdates=(extra,))

        assert recurrence.next_after(found, BEGINNING, 9)[-1].starts_at == extra
