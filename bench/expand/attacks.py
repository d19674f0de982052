"""Texts written to hurt.

Most are asked the same: to be read, and to tell the first session after an instant; some to be judged, to be cut in
two, or whether they ever meet another plan.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import recurrence
from recurrence import Gap, Series

MEGABYTE: Final = 999_000  # characters of text, as many as may be read
NOW: Final = datetime(2026, 11, 2, tzinfo=UTC)
FAR: Final = datetime(8926, 11, 2, tzinfo=UTC)
START: Final = "DTSTART;TZID=America/New_York:20260105T090000\nDURATION:PT1H"
MOST_DATES: Final = 3_000  # entries of RDATE or EXDATE that a series may have
ZONES: Final = (
    *("Africa/Cairo", "Africa/Casablanca", "America/Bogota", "America/Caracas", "America/Chicago", "America/Denver"),
    *("America/Havana", "America/Lima", "America/Santiago", "America/St_Johns", "Antarctica/Troll", "Asia/Amman"),
    *("Asia/Gaza", "Asia/Kabul", "Asia/Kolkata", "Asia/Pyongyang", "Asia/Seoul", "Asia/Tehran", "Asia/Tokyo"),
    *("Atlantic/Azores", "Australia/Adelaide", "Australia/Lord_Howe", "Europe/Berlin", "Europe/Dublin", "Europe/Kyiv"),
    *("Europe/Lisbon", "Europe/London", "Europe/Moscow", "Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham"),
    *("Pacific/Easter", "Pacific/Kiritimati", "Pacific/Norfolk"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One text, the instant after which a session is asked for, and what becomes of a start in a skipped hour."""

    name: str
    text: str
    after: datetime = NOW
    gap: Gap = Gap.SHIFT
    ask: "Question | None" = None


Question = Callable[[Series, datetime], object]


def numbers(first: int, last: int) -> str:
    """A list that is as full as can be."""
    return ",".join(map(str, range(first, last + 1)))


def days(count: int, form: str = "%Y%m%dT090000") -> str:
    """So many days in a row from the start on."""
    return ",".join(f"{datetime(2026, 1, 5) + timedelta(days=n):{form}}" for n in range(count))


def plan(name: str, *rows: str, after: datetime = NOW, gap: Gap = Gap.SHIFT, ask: Question | None = None) -> Attack:
    """An attack that begins as every plan does."""
    return Attack(name=name, text="\n".join([START, *rows]), after=after, gap=gap, ask=ask)


def judged(series: Series, _: datetime) -> object:
    """What is asked when a plan is made."""
    return recurrence.analyse(series)


def cut(series: Series, after: datetime) -> object:
    """What is asked when it changes from a day on."""
    return recurrence.cut(series, after.replace(tzinfo=None))


def meets(rule: str, zone: str = "America/New_York", length: str = "PT1S") -> Question:
    """Whether a plan ever meets this one, which begins a second later."""
    other = f"DTSTART;TZID={zone}:20260105T090001\nDURATION:{length}\nRRULE:{rule}"
    return lambda series, after: recurrence.first_clash(series, Series.from_ical(other), after)


EVERY_SECOND: Final = f"BYHOUR={numbers(0, 23)};BYMINUTE={numbers(0, 59)};BYSECOND={numbers(0, 59)}"
EVERY_DAY: Final = f"BYMONTH={numbers(1, 12)};BYMONTHDAY={numbers(1, 31)};BYDAY=MO,TU,WE,TH,FR,SA,SU"


def attacks() -> Iterable[Attack]:
    """All of them."""
    return [*full_lists(), *long_counts(), *rare_days(), *many_dates(), *odd_pairs(), *heavy_to_ask(), *long_texts()]


def full_lists() -> Iterable[Attack]:
    """Rules with as many starts as can be."""
    yield plan("yearly, every second", f"RRULE:FREQ=YEARLY;{EVERY_DAY};{EVERY_SECOND}")
    yield plan("yearly, the last of every second", f"RRULE:FREQ=YEARLY;{EVERY_DAY};{EVERY_SECOND};BYSETPOS=-1")
    yield plan("monthly, the last of every second", f"RRULE:FREQ=MONTHLY;{EVERY_DAY};{EVERY_SECOND};BYSETPOS=-1")
    yield plan("weekly, position 366", f"RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;{EVERY_SECOND};BYSETPOS=366")
    yield plan("daily, every position", f"RRULE:FREQ=DAILY;{EVERY_SECOND};BYSETPOS={numbers(1, 366)}")
    yield plan("secondly, every part", f"RRULE:FREQ=SECONDLY;{EVERY_DAY};{EVERY_SECOND};BYYEARDAY={numbers(1, 366)}")
    yield plan("week numbers, every second", f"RRULE:FREQ=YEARLY;BYWEEKNO={numbers(1, 53)};{EVERY_SECOND}")


def long_counts() -> Iterable[Attack]:
    """Counts that would have to be walked, asked for far away."""
    yield plan("secondly, count", "RRULE:FREQ=SECONDLY;COUNT=2000000000", after=FAR)
    yield plan(
        "minutely, filtered, count", "RRULE:FREQ=MINUTELY;INTERVAL=7;BYDAY=MO;BYMONTH=3;COUNT=99999999", after=FAR
    )
    yield plan("secondly, filtered, count", "RRULE:FREQ=SECONDLY;BYMONTH=1;BYMONTHDAY=31;COUNT=1999999999", after=FAR)
    yield plan("monthly, position, count", "RRULE:FREQ=MONTHLY;BYDAY=MO,FR;BYSETPOS=-1;COUNT=99999", after=FAR)
    yield plan("yearly, week number, count", "RRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU;COUNT=9999", after=FAR)
    yield plan("daily, count, skipped hours", "RRULE:FREQ=DAILY;BYHOUR=2;COUNT=9999999", after=FAR, gap=Gap.SKIP)
    rule = "FREQ=HOURLY;INTERVAL=366;BYMONTHDAY=1,8,9,10,11,12,14,15,17,23;COUNT=20000"
    yield plan("steps that bring nothing, count", f"RRULE:{rule}", after=FAR)
    yield plan("steps that bring nothing, cut", f"RRULE:{rule}", ask=cut)
    skips = f"RRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;BYMONTHDAY={numbers(1, 31)};COUNT=90000"
    yield plan("every day moved, count", skips, after=FAR)
    yield plan("every day moved, count, skipped hours", skips, after=FAR, gap=Gap.SKIP)
    yield plan("yearly, count, skipped hours", "RRULE:FREQ=YEARLY;BYHOUR=2;COUNT=9000", after=FAR, gap=Gap.SKIP)
    yield plan("largest interval", "RRULE:FREQ=SECONDLY;INTERVAL=9999999999")


def rare_days() -> Iterable[Attack]:
    """Starts that are centuries away, or always fall into an hour that is skipped."""
    yield plan("always skipped", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU;BYHOUR=2", gap=Gap.SKIP)
    yield plan(
        "always skipped, secondly",
        "RRULE:FREQ=SECONDLY;BYMONTH=3;BYDAY=SU;BYMONTHDAY=8,9,10,11,12,13,14;BYHOUR=2",
        gap=Gap.SKIP,
    )
    yield plan(
        "29 February, a Tuesday, hourly", "RRULE:FREQ=HOURLY;INTERVAL=8761;BYMONTH=2;BYMONTHDAY=29;BYDAY=TU;BYHOUR=3"
    )
    yield plan(
        "a second in an odd grid", "RRULE:FREQ=SECONDLY;INTERVAL=86399;BYYEARDAY=366;BYHOUR=0;BYMINUTE=0;BYSECOND=1"
    )
    yield plan("a minute in an odd grid", "RRULE:FREQ=MINUTELY;INTERVAL=1439;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU;BYHOUR=4")
    yield plan(
        "nearly every second, in steps of sixteen days",
        f"RRULE:FREQ=SECONDLY;INTERVAL=1382403;BYSECOND={numbers(0, 58)};BYMONTH=2;BYMONTHDAY=29;BYDAY=SU",
    )
    yield plan(
        "nearly every second, in steps of two hours",
        f"RRULE:FREQ=SECONDLY;INTERVAL=8759;BYSECOND={numbers(0, 58)};BYMONTH=2;BYMONTHDAY=29;BYDAY=SU",
    )
    yield plan("week 53 in every seventh year", "RRULE:FREQ=YEARLY;INTERVAL=7;BYWEEKNO=53;BYMONTH=1;BYDAY=FR")
    yield plan("nothing before the last year", "RRULE:FREQ=YEARLY;INTERVAL=7973")


def many_dates() -> Iterable[Attack]:
    """Dates beside the rule, in great number."""
    yield plan("3,000 days left out", "RRULE:FREQ=DAILY", f"EXDATE;TZID=America/New_York:{days(MOST_DATES)}")
    for freq in ("HOURLY", "MINUTELY", "SECONDLY"):
        left_out = f"EXDATE;VALUE=DATE:{days(MOST_DATES, '%Y%m%d')}"
        yield plan(f"3,000 whole days left out, {freq.lower()}", f"RRULE:FREQ={freq}", left_out)
    yield plan("3,000 more", "RRULE:FREQ=DAILY;BYHOUR=8", f"RDATE;TZID=America/New_York:{days(MOST_DATES)}")
    yield plan("3,000 periods", f"RDATE;VALUE=PERIOD:{days(MOST_DATES, '%Y%m%dT090000Z/PT1H')}")
    left_out = f"EXDATE:{days(MOST_DATES, '%Y%m%dT120000Z')}"
    yield plan("3,000 instants left out, judged", "RRULE:FREQ=DAILY;INTERVAL=2;BYMONTHDAY=1,2,3", left_out, ask=judged)
    yield plan("3,000 instants left out, cut", "RRULE:FREQ=DAILY", left_out, ask=cut)
    half = MOST_DATES // 2
    eight = [f"EXDATE;TZID={zone}:{days(half // 8, '%Y%m%dT110000')}" for zone in ZONES[:8]]
    yield plan("dates in eight zones", f"RDATE;VALUE=PERIOD:{days(half, '%Y%m%dT080000/PT1H')}", *eight, ask=judged)
    yield plan("60,000 dates", f"RDATE;TZID=America/New_York:{days(60_000)}")
    yield plan("34 zones", *[f"RDATE;TZID={zone}:20270105T090000" for zone in ZONES])


def odd_pairs() -> Iterable[Attack]:
    """Plans that hardly ever meet another one, and are hard to tell apart."""
    nearly_all = f"BYSECOND={numbers(0, 58)}"
    minutes = f"RRULE:FREQ=HOURLY;BYMINUTE={numbers(0, 59)};BYMONTH=1,2"
    yield plan("minutes beside minutes", minutes, ask=meets("FREQ=MINUTELY;BYMONTH=2,3", length="PT10S"))
    yield plan("an uneven grid", f"RRULE:FREQ=SECONDLY;INTERVAL=8759;{nearly_all}", ask=meets("FREQ=DAILY;BYHOUR=3"))
    yield plan(
        "a counted one, far", "RRULE:FREQ=HOURLY;INTERVAL=5;BYDAY=MO;COUNT=100000", ask=meets("FREQ=YEARLY"), after=FAR
    )
    yield plan(
        "two rare ones",
        "RRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYMONTH=1",
        ask=meets("FREQ=DAILY;INTERVAL=7;BYMONTH=2;BYMONTHDAY=29", "Europe/London"),
    )
    yield plan(
        "summer and winter",
        "RRULE:FREQ=DAILY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11;BYHOUR=0,12",
        ask=meets("FREQ=DAILY;BYMONTH=1,2,3,4,5,6,7,8,9,10,12;BYHOUR=1,13"),
    )
    yield plan(
        "around the changes of a clock",
        "RRULE:FREQ=MINUTELY;INTERVAL=7;BYMONTH=3;BYDAY=SU;BYMONTHDAY=25,26,27,28,29,30,31",
        ask=meets("FREQ=MINUTELY;INTERVAL=7;BYMONTH=3;BYDAY=SU;BYMONTHDAY=8,9,10,11,12,13,14"),
    )


def heavy_to_ask() -> Iterable[Attack]:
    """Plans that are read at once, and heavy to judge or to cut."""
    every = f"BYHOUR={numbers(0, 23)};BYMINUTE={numbers(0, 59)};BYSECOND={numbers(0, 58)}"
    left_out = f"EXDATE;TZID=America/New_York:{days(1_200, '%Y%m%dT033000')}"
    weekly = f"RRULE:FREQ=WEEKLY;BYDAY=SA,SU,FR,MO,TU,WE;BYHOUR=18;BYMINUTE={numbers(0, 59)};COUNT=3000"
    yield plan("a counted one in skipped hours, judged", weekly, left_out, gap=Gap.SKIP, ask=judged)
    yield plan(
        "seconds of weeks, judged",
        f"RRULE:FREQ=YEARLY;BYWEEKNO={numbers(1, 53)};BYDAY=SA,TH;{every}",
        left_out,
        ask=judged,
    )
    yield plan("seconds of a year, cut", f"RRULE:FREQ=YEARLY;{every}", ask=cut)
    minutes = f"BYHOUR=4,5,6,7,12,13,16,17,18,19,21,23;BYMINUTE={numbers(0, 58)}"
    uneven = f"RRULE:FREQ=SECONDLY;INTERVAL=367;BYMONTHDAY=-31,10;{minutes};COUNT=90000"
    yield plan("an uneven grid of minutes, far", uneven, after=FAR, gap=Gap.SKIP)
    yield plan("seconds, cut", f"RRULE:FREQ=SECONDLY;{every};COUNT=1000000000", ask=cut)


def long_texts() -> Iterable[Attack]:
    """Texts that are long or malformed."""
    yield plan("a megabyte of nothing", "\n" * MEGABYTE)
    yield plan("a megabyte of folds", "RRULE:FREQ=DAILY" + "\n " * (MEGABYTE // 3))
    yield plan("a megabyte of parameters", f"RDATE{';X=1' * (MEGABYTE // 5)}:20270105T090000")
    yield plan("a megabyte of lines", "RDATE:20270105T090000Z\n" * (MEGABYTE // 24))
    yield plan("a rule of a megabyte", "RRULE:FREQ=DAILY;BYDAY=" + "MO," * (MEGABYTE // 4))
    yield plan("a long list", "RRULE:FREQ=DAILY;BYDAY=" + "MO," * 5_000 + "TU")
    yield plan("many parts", "RRULE:" + "FREQ=DAILY;" * 1_400)
    yield plan("a huge number", "RRULE:FREQ=DAILY;COUNT=" + "9" * 16_000)
    yield plan("huge numbers in a list", "RRULE:FREQ=DAILY;BYHOUR=" + "9999999999," * 1_400)
    yield Attack(name="a huge length", text="DTSTART:20260105T090000\nDURATION:P" + "9" * MEGABYTE + "D")
    yield plan("signs of every kind", "RRULE:FREQ=DAILY;COUNT=٣\x00\u2028\N{ZERO WIDTH JOINER}" * 1_000)
    yield Attack(name="the first year", text="DTSTART;TZID=Pacific/Apia:00010101T000000\nRRULE:FREQ=SECONDLY")
    yield Attack(name="the last second", text="DTSTART:99991231T235959Z\nRRULE:FREQ=SECONDLY", after=FAR)
