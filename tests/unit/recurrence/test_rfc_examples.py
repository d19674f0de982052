"""Every example of RFC 5545 3.8.5.3, in the order of the RFC: nine o'clock in New York, unless told otherwise.

The 42 rules and all dates were compared with the RFC's text. One verified erratum of that section is applied: 3883,
about an UNTIL that is meant as 5 p.m. in New York. (Rejected there: 6212, that "until December 24" should include that
day's nine o'clock.) Then what RFC 7529 says about SKIP in the Gregorian calendar; its other calendars are refused.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

import recurrence
from recurrence import Duration, RecurrenceError, Rule, Series

FIRST = "19970902T090000"
LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)


def days(text: str) -> list[datetime]:
    """ "1997-09: 2 9 16; 1997-10: 1" as nine o'clocks."""
    found = []
    for month in text.split(";"):
        name, numbers = month.split(":")
        year, number = map(int, name.split("-"))
        found += [datetime(year, number, int(day), 9) for day in numbers.split()]
    return found


def daily(first: date, last: date, step: int = 1) -> list[datetime]:
    count = (last - first).days // step + 1
    return [datetime(first.year, first.month, first.day, 9) + timedelta(n * step) for n in range(count)]


JANUARIES = [wall for year in (1998, 1999, 2000) for wall in daily(date(year, 1, 1), date(year, 1, 31))]

EXAMPLES = [  # rule, DTSTART, the starts (all of them, or, with True, the first of an endless rule)
    ("FREQ=DAILY;COUNT=10", FIRST, days("1997-9: 2 3 4 5 6 7 8 9 10 11"), False),
    ("FREQ=DAILY;UNTIL=19971224T000000Z", FIRST, daily(date(1997, 9, 2), date(1997, 12, 23)), False),
    ("FREQ=DAILY;INTERVAL=2", FIRST, daily(date(1997, 9, 2), date(1997, 12, 3), 2), True),
    ("FREQ=DAILY;INTERVAL=10;COUNT=5", FIRST, days("1997-9: 2 12 22; 1997-10: 2 12"), False),
    ("FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA", "19980101T090000", JANUARIES, False),
    ("FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1", "19980101T090000", JANUARIES, False),
    (
        "FREQ=WEEKLY;COUNT=10",
        FIRST,
        days("1997-9: 2 9 16 23 30; 1997-10: 7 14 21 28; 1997-11: 4"),
        False,
    ),
    ("FREQ=WEEKLY;UNTIL=19971224T000000Z", FIRST, daily(date(1997, 9, 2), date(1997, 12, 23), 7), False),
    ("FREQ=WEEKLY;INTERVAL=2;WKST=SU", FIRST, daily(date(1997, 9, 2), date(1998, 2, 17), 14), True),
    (
        "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
        FIRST,
        days("1997-9: 2 4 9 11 16 18 23 25 30; 1997-10: 2"),
        False,
    ),
    (
        "FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH",
        FIRST,
        days("1997-9: 2 4 9 11 16 18 23 25 30; 1997-10: 2"),
        False,
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        "19970901T090000",
        days(
            "1997-9: 1 3 5 15 17 19 29; 1997-10: 1 3 13 15 17 27 29 31; 1997-11: 10 12 14 24 26 28; 1997-12: 8 10 12 22"
        ),
        False,
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        FIRST,
        days("1997-9: 2 4 16 18 30; 1997-10: 2 14 16"),
        False,
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        "19970905T090000",
        days("1997-9: 5; 1997-10: 3; 1997-11: 7; 1997-12: 5; 1998-1: 2; 1998-2: 6; 1998-3: 6; 1998-4: 3")
        + days("1998-5: 1; 1998-6: 5"),
        False,
    ),
    (
        "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
        "19970905T090000",
        days("1997-9: 5; 1997-10: 3; 1997-11: 7; 1997-12: 5"),
        False,
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "19970907T090000",
        days("1997-9: 7 28; 1997-11: 2 30; 1998-1: 4 25; 1998-3: 1 29; 1998-5: 3 31"),
        False,
    ),
    (
        "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
        "19970922T090000",
        days("1997-9: 22; 1997-10: 20; 1997-11: 17; 1997-12: 22; 1998-1: 19; 1998-2: 16"),
        False,
    ),
    (
        "FREQ=MONTHLY;BYMONTHDAY=-3",
        "19970928T090000",
        days("1997-9: 28; 1997-10: 29; 1997-11: 28; 1997-12: 29; 1998-1: 29; 1998-2: 26"),
        True,
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        FIRST,
        days("1997-9: 2 15; 1997-10: 2 15; 1997-11: 2 15; 1997-12: 2 15; 1998-1: 2 15"),
        False,
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        "19970930T090000",
        days("1997-9: 30; 1997-10: 1 31; 1997-11: 1 30; 1997-12: 1 31; 1998-1: 1 31; 1998-2: 1"),
        False,
    ),
    (
        "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
        "19970910T090000",
        days("1997-9: 10 11 12 13 14 15; 1999-3: 10 11 12 13"),
        False,
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        FIRST,
        days("1997-9: 2 9 16 23 30; 1997-11: 4 11 18 25; 1998-1: 6 13 20 27; 1998-3: 3 10 17 24 31"),
        True,
    ),
    (
        "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        "19970610T090000",
        days("1997-6: 10; 1997-7: 10; 1998-6: 10; 1998-7: 10; 1999-6: 10; 1999-7: 10; 2000-6: 10; 2000-7: 10")
        + days("2001-6: 10; 2001-7: 10"),
        False,
    ),
    (
        "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        "19970310T090000",
        days("1997-3: 10; 1999-1: 10; 1999-2: 10; 1999-3: 10; 2001-1: 10; 2001-2: 10; 2001-3: 10")
        + days("2003-1: 10; 2003-2: 10; 2003-3: 10"),
        False,
    ),
    (
        "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
        "19970101T090000",
        days("1997-1: 1; 1997-4: 10; 1997-7: 19; 2000-1: 1; 2000-4: 9; 2000-7: 18; 2003-1: 1; 2003-4: 10; 2003-7: 19")
        + days("2006-1: 1"),
        False,
    ),
    ("FREQ=YEARLY;BYDAY=20MO", "19970519T090000", days("1997-5: 19; 1998-5: 18; 1999-5: 17"), True),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "19970512T090000", days("1997-5: 12; 1998-5: 11; 1999-5: 17"), True),
    (
        "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "19970313T090000",
        days("1997-3: 13 20 27; 1998-3: 5 12 19 26; 1999-3: 4 11 18 25"),
        True,
    ),
    (
        "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
        "19970605T090000",
        days("1997-6: 5 12 19 26; 1997-7: 3 10 17 24 31; 1997-8: 7 14 21 28; 1998-6: 4 11 18 25; 1998-7: 2 9 16 23 30")
        + days("1998-8: 6 13 20 27; 1999-6: 3 10 17 24; 1999-7: 1 8 15 22 29; 1999-8: 5 12 19 26"),
        True,
    ),
    (
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        FIRST,
        days("1998-2: 13; 1998-3: 13; 1998-11: 13; 1999-8: 13; 2000-10: 13"),
        True,
    ),
    (
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "19970913T090000",
        days("1997-9: 13; 1997-10: 11; 1997-11: 8; 1997-12: 13; 1998-1: 10; 1998-2: 7; 1998-3: 7; 1998-4: 11")
        + days("1998-5: 9; 1998-6: 13"),
        True,
    ),
    (
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "19961105T090000",
        days("1996-11: 5; 2000-11: 7; 2004-11: 2"),
        True,
    ),
    (
        "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
        "19970904T090000",
        days("1997-9: 4; 1997-10: 7; 1997-11: 6"),
        False,
    ),
    (
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "19970929T090000",
        days("1997-9: 29; 1997-10: 30; 1997-11: 27; 1997-12: 30; 1998-1: 29; 1998-2: 26; 1998-3: 30"),
        True,
    ),
    (
        "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z",  # erratum 3883; the RFC prints 170000Z
        FIRST,
        [datetime(1997, 9, 2, hour) for hour in (9, 12, 15)],
        False,
    ),
    (
        "FREQ=MINUTELY;INTERVAL=15;COUNT=6",
        FIRST,
        [datetime(1997, 9, 2, 9) + timedelta(minutes=15 * n) for n in range(6)],
        False,
    ),
    (
        "FREQ=MINUTELY;INTERVAL=90;COUNT=4",
        FIRST,
        [datetime(1997, 9, 2, 9) + timedelta(minutes=90 * n) for n in range(4)],
        False,
    ),
    (
        "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40",
        FIRST,
        [datetime(1997, 9, day, hour, minute) for day in (2, 3) for hour in range(9, 17) for minute in (0, 20, 40)],
        True,
    ),
    (
        "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16",
        FIRST,
        [datetime(1997, 9, day, hour, minute) for day in (2, 3) for hour in range(9, 17) for minute in (0, 20, 40)],
        True,
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
        "19970805T090000",
        days("1997-8: 5 10 19 24"),
        False,
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
        "19970805T090000",
        days("1997-8: 5 17 19 31"),
        False,
    ),
    (
        "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
        "20070115T090000",
        days("2007-1: 15 30; 2007-2: 15; 2007-3: 15 30"),
        False,
    ),
]


@pytest.mark.parametrize("rule, dtstart, expected, endless", EXAMPLES, ids=[example[0] for example in EXAMPLES])
def test_example_of_the_rfc(rule: str, dtstart: str, expected: list[datetime], endless: bool) -> None:
    series = Series.from_ical(f"DTSTART;TZID=America/New_York:{dtstart}\nDURATION:PT1H\nRRULE:{rule}")

    found = recurrence.next_after(series, LONG_AGO, len(expected) + (not endless))

    assert [session.recurrence_id for session in found] == expected


@pytest.mark.parametrize("rule, dtstart, expected, endless", EXAMPLES, ids=[example[0] for example in EXAMPLES])
def test_nine_o_clock_stays_nine_o_clock(rule: str, dtstart: str, expected: list[datetime], endless: bool) -> None:
    series = Series.from_ical(f"DTSTART;TZID=America/New_York:{dtstart}\nDURATION:PT1H\nRRULE:{rule}")

    for session in recurrence.next_after(series, LONG_AGO, len(expected)):
        assert recurrence.wall_time(session.starts_at, "America/New_York") == session.recurrence_id
        assert session.ends_at - session.starts_at == timedelta(hours=1)


def test_an_excluded_friday_is_left_out_of_every_friday_the_13th() -> None:
    series = Series.from_ical(
        "DTSTART;TZID=America/New_York:19970902T090000\n"
        "EXDATE;TZID=America/New_York:19970902T090000\n"
        "RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"
    )

    found = recurrence.next_after(series, LONG_AGO, 5)

    assert [session.recurrence_id for session in found] == days(
        "1998-2: 13; 1998-3: 13; 1998-11: 13; 1999-8: 13; 2000-10: 13"
    )


SKIPPED = [  # rule, DTSTART, its first days
    ("RSCALE=GREGORIAN;FREQ=YEARLY", "20120229", "2012-02-29 2016-02-29 2020-02-29"),
    (
        "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=FORWARD",  # 4.3.4
        "20120229",
        "2012-02-29 2013-03-01 2014-03-01 2015-03-01 2016-02-29 2017-03-01",
    ),
    (
        "RSCALE=GREGORIAN;FREQ=YEARLY;SKIP=BACKWARD",
        "20120229",
        "2012-02-29 2013-02-28 2014-02-28 2015-02-28 2016-02-29",
    ),
    ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD", "20140131", "2014-01-31 2014-02-28 2014-03-31 2014-04-30"),
    ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD", "20140131", "2014-01-31 2014-03-01 2014-03-31 2014-05-01"),
    ("RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=OMIT", "20140131", "2014-01-31 2014-03-31 2014-05-31 2014-07-31"),
    (
        "RSCALE=GREGORIAN;FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;SKIP=FORWARD",
        "20150228",
        "2015-02-28 2015-03-01 2016-02-28 2016-02-29 2017-02-28",
    ),
    (
        "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=30,31;SKIP=BACKWARD;BYSETPOS=-1",  # two days that became one
        "20260630",
        "2026-06-30 2026-07-31 2026-08-31 2026-09-30",
    ),
]


@pytest.mark.parametrize("rule, dtstart, expected", SKIPPED)
def test_a_day_that_a_month_has_not_is_moved_within_its_period(rule: str, dtstart: str, expected: str) -> None:
    series = Series.from_ical(f"DTSTART;VALUE=DATE:{dtstart}\nRRULE:{rule}")

    found = recurrence.next_after(series, LONG_AGO, len(expected.split()))

    assert [f"{session.recurrence_id:%Y-%m-%d}" for session in found] == expected.split()


@pytest.mark.parametrize(
    "rule",
    [
        "RSCALE=CHINESE;FREQ=YEARLY",  # 4.3.1
        "RSCALE=ETHIOPIC;FREQ=MONTHLY;BYMONTH=13",  # 4.3.2
        "RSCALE=HEBREW;FREQ=YEARLY;BYMONTH=5L;BYMONTHDAY=8;SKIP=FORWARD",  # 4.3.3
    ],
)
def test_other_calendars_are_refused_by_name(rule: str) -> None:
    with pytest.raises(RecurrenceError, match=r"RSCALE: got (CHINESE|ETHIOPIC|HEBREW)"):
        Rule.parse(rule)


def test_the_rules_of_the_table_keep_their_text() -> None:
    for rule, *_ in EXAMPLES:
        assert Rule.parse(str(Rule.parse(rule))) == Rule.parse(rule)
        assert Duration.parse("PT1H") == Duration(seconds=3600)
