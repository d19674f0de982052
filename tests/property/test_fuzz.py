"""No text, however hostile, does more than give an answer or a RecurrenceError, and soon."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

import recurrence
from recurrence import RecurrenceError, Series
from tests.property import strategies
from tests.work import lines_run

MOST_LINES = 600_000  # of the engine, for one question
CHARS = "0123456789=;,:-+TZPDHMSWFREQBYCOUNTILSETPO \n\r\t\x00\ud800é/\"'"
WINDOW = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))


def mutated(text: str, seed: int) -> str:
    """The text with a few characters changed, doubled, dropped or moved."""
    rng = random.Random(seed)
    chars = list(text)
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(chars) + 1)
        what = rng.randrange(4)
        if what == 0 or not chars:
            chars.insert(place, rng.choice(CHARS))
        elif what == 1:
            chars[place % len(chars)] = rng.choice(CHARS)
        elif what == 2:
            del chars[place % len(chars)]
        else:
            chars[place:place] = chars[max(0, place - rng.randint(1, 12)) : place]
    return "".join(chars)


@given(strategies.rules(), st.sampled_from(strategies.ZONES), st.integers(0, 2**32))
def test_mutated_text_is_answered_or_refused(rule: str, zone: str, seed: int) -> None:
    text = f"DTSTART;TZID={zone}:20260105T090000\nDURATION:PT1H\nRRULE:{rule}\nEXDATE;TZID={zone}:20260106T090000"
    for n in range(10):
        try:
            series = Series.from_ical(mutated(text, seed + n))
            assert Series.from_ical(series.to_ical()) == series
            list(islice(recurrence.expand(series, *WINDOW), 500))
            recurrence.analyse(series)
        except RecurrenceError as error:
            assert str(error).startswith(f"{error.part}: got ")  # noqa: PT017


@given(st.text(max_size=60))
def test_any_text_is_answered_or_refused(text: str) -> None:
    for read in (recurrence.Rule.parse, recurrence.parse_moment, recurrence.Duration.parse, Series.from_ical):
        try:
            read(text)
        except RecurrenceError as error:
            assert "\x00" not in str(error)  # noqa: PT017


def numbers(first: int, beyond: int) -> str:
    """A list that is as full as can be."""
    return ",".join(map(str, range(first, beyond)))


HOSTILE = [
    "FREQ=SECONDLY;INTERVAL=86399;BYHOUR=9;BYMINUTE=0;BYSECOND=0;BYMONTHDAY=1",
    "FREQ=SECONDLY;INTERVAL=86401;BYHOUR=9;BYMINUTE=0;BYSECOND=0",
    "FREQ=MINUTELY;INTERVAL=1441;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3",
    "FREQ=HOURLY;INTERVAL=24;BYHOUR=8",
    "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
    "FREQ=DAILY;INTERVAL=146097;BYMONTH=2",
    "FREQ=MONTHLY;INTERVAL=48;BYMONTHDAY=31;BYMONTH=1,2",
    "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=WEEKLY;BYMONTH=1;BYDAY=MO;BYSETPOS=9",
    "FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=3",
    "FREQ=YEARLY;INTERVAL=100;BYMONTH=2,4;BYMONTHDAY=31",
    "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
    "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1",
    "FREQ=YEARLY;BYDAY=53MO;BYMONTH=3",
    "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=31",
    "FREQ=SECONDLY;COUNT=1000000000",
    "FREQ=DAILY;BYMONTHDAY=13;COUNT=1000000000",
    "FREQ=YEARLY;BYSETPOS=366;BYDAY=MO",
    "FREQ=SECONDLY;INTERVAL=1000000000",
    "FREQ=WEEKLY;INTERVAL=1000000000",
    "FREQ=WEEKLY;INTERVAL=1000000000;BYDAY=MO,TU",
    "FREQ=DAILY;INTERVAL=999999999;BYDAY=MO,TU;BYHOUR=8,9",
    f"RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;BYMONTHDAY={numbers(-31, 0)},{numbers(1, 32)};COUNT=90000",
    f"FREQ=MONTHLY;BYDAY=5MO;BYMINUTE={numbers(0, 60)};BYSECOND={numbers(0, 60)};COUNT=99999999",
]


@pytest.mark.parametrize("rule", HOSTILE)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_hostile_rules_end_within_the_budget(rule: str, zone: str) -> None:
    series = Series.from_ical(f"DTSTART;TZID={zone}:20260105T090000\nDURATION:PT1H\nRRULE:{rule}")
    far = datetime(9000, 1, 1, tzinfo=UTC)
    questions: list[Callable[[], object]] = [
        lambda: recurrence.next_after(series, datetime(2026, 1, 1, tzinfo=UTC), 3),
        lambda: list(recurrence.expand(series, far, far + timedelta(minutes=5))),
        lambda: recurrence.analyse(series),
        lambda: recurrence.cut(series, datetime(2150, 1, 1)),
        lambda: recurrence.cut(series, datetime(9000, 1, 1)),
    ]

    for question in questions:

        def ask(question: Callable[[], object] = question) -> None:
            with suppress(RecurrenceError):
                question()

        assert lines_run(ask) <= MOST_LINES


def test_a_whole_year_of_seconds_is_read_lazily() -> None:
    hours, minutes = (",".join(map(str, range(n))) for n in (24, 60))
    rule = f"FREQ=YEARLY;BYMONTHDAY=1,2,3;BYHOUR={hours};BYMINUTE={minutes};BYSECOND={minutes}"
    series = Series.from_ical(f"DTSTART:20260101T090000Z\nRRULE:{rule}")

    found = list(islice(recurrence.expand(series, *WINDOW), 5))

    assert found[-1].starts_at - found[0].starts_at == timedelta(seconds=4)


PLAN = "DTSTART;TZID=America/New_York:20260105T090000\nDURATION:PT1H\n"
SECOND_HOUR = datetime(2026, 11, 1, 6)  # in New York, where it is 01:00 again
LIMITED = "RRULE:FREQ=SECONDLY;BYMONTH=11;BYSECOND=0;COUNT=3000"


def joined(first: datetime, step: timedelta, form: str, number: int = 3_000) -> str:
    """So many entries, a step apart; as many as there may be."""
    return ",".join(f"{first + n * step:{form}}" for n in range(number))


CROWDED = {
    "all in the second hour": "RRULE:FREQ=DAILY\nRDATE:" + joined(SECOND_HOUR, timedelta(seconds=1), "%Y%m%dT%H%M%SZ"),
    "in the second hour, when the count is reached": f"{LIMITED}\nRDATE:"
    + joined(SECOND_HOUR.replace(year=2027, day=7), timedelta(seconds=1), "%Y%m%dT%H%M%SZ"),
    "as many added as left out": "RRULE:FREQ=DAILY\n"
    f"RDATE:{joined(datetime(2026, 1, 5, 10), timedelta(1), '%Y%m%dT%H%M%S', 1_500)}\n"
    f"EXDATE:{joined(datetime(2026, 1, 5, 11), timedelta(1), '%Y%m%dT%H%M%S', 1_500)}",
    "left out beyond a count": "RRULE:FREQ=DAILY;INTERVAL=2;BYMONTHDAY=1,2,3,4,5,6,7,8,9;COUNT=900\n"
    f"EXDATE:{joined(datetime(2036, 1, 5, 11), timedelta(1), '%Y%m%dT%H%M%S')}",
}


@pytest.mark.parametrize("lines", CROWDED.values(), ids=CROWDED)
def test_thousands_of_dates_are_read_and_judged_within_the_budget(lines: str) -> None:
    def ask() -> None:
        with suppress(RecurrenceError):
            recurrence.analyse(Series.from_ical(PLAN + lines))

    assert lines_run(ask) <= MOST_LINES


FAR_APART = [  # pairs of rules that hardly ever meet
    ("FREQ=HOURLY;INTERVAL=5;BYDAY=MO;COUNT=100000", "FREQ=MINUTELY;INTERVAL=1441;BYMONTH=5"),
    ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYMONTH=1", "FREQ=DAILY;INTERVAL=7;BYHOUR=3;BYMONTH=2;BYMONTHDAY=29"),
]


@pytest.mark.parametrize(("one", "other"), FAR_APART)
@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London"])
def test_plans_that_hardly_meet_are_compared_within_the_budget(one: str, other: str, zone: str) -> None:
    a = Series.from_ical(f"DTSTART;TZID=America/New_York:20260105T090000\nDURATION:PT1S\nRRULE:{one}")
    b = Series.from_ical(f"DTSTART;TZID={zone}:20260105T090001\nDURATION:PT1S\nRRULE:{other}")

    assert lines_run(lambda: recurrence.first_clash(a, b, WINDOW[0])) <= MOST_LINES
