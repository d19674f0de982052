"""Rules that never fire, from text to "nothing": however they hide it, the answer must come at once.

dateutil is not asked: it walks to the year 9999, for seconds or for minutes.
"""

from datetime import UTC, datetime
from typing import Final

import recurrence
from bench.expand.agreement import differ
from bench.expand.plans import ZONE
from bench.expand.row import Row
from bench.timing import compare, constant
from recurrence import RecurrenceError, Series

REPEATS: Final = 3
ASKED: Final = datetime(2026, 11, 2, tzinfo=UTC)  # sessions after this
MONDAY: Final = datetime(2026, 1, 5, 9)

RULES: Final = (
    # days that no month has
    (MONDAY, "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
    (MONDAY, "FREQ=MONTHLY;BYMONTH=4;BYMONTHDAY=31"),
    (MONDAY, "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=-30,-31"),
    (MONDAY, "FREQ=DAILY;BYMONTH=2,4,6,9,11;BYMONTHDAY=31"),
    (MONDAY, "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=5"),
    (MONDAY, "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"),
    (MONDAY, "FREQ=MINUTELY;BYMONTH=4;BYMONTHDAY=31"),
    (MONDAY, "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"),
    (MONDAY, "FREQ=SECONDLY;INTERVAL=7;BYMONTH=2;BYMONTHDAY=30;BYHOUR=3,5;BYMINUTE=7,11;BYSECOND=13"),
    (MONDAY, "FREQ=MONTHLY;BYDAY=6MO"),
    (MONDAY, "FREQ=MONTHLY;BYDAY=-5SU;BYMONTHDAY=8,9,10"),
    (MONDAY, "FREQ=MONTHLY;BYDAY=1FR;BYMONTHDAY=13"),
    (MONDAY, "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;BYMONTHDAY=29"),
    # parts of a year that do not meet
    (MONDAY, "FREQ=YEARLY;BYYEARDAY=60;BYMONTH=4"),
    (MONDAY, "FREQ=YEARLY;BYYEARDAY=100;BYMONTHDAY=31"),
    (MONDAY, "FREQ=YEARLY;BYWEEKNO=20;BYMONTH=11;BYDAY=MO"),
    (MONDAY, "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=2;BYDAY=MO,TU,WE,TH,FR,SA,SU"),
    (MONDAY, "FREQ=YEARLY;BYWEEKNO=53;BYYEARDAY=180"),
    # intervals that step over what they wait for
    (datetime(2025, 1, 6, 9), "FREQ=YEARLY;INTERVAL=2;BYYEARDAY=366"),
    (datetime(2026, 1, 5, 9), "FREQ=YEARLY;INTERVAL=4;BYYEARDAY=-366"),
    (datetime(2027, 1, 4, 9), "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29"),
    (datetime(2050, 1, 3, 9), "FREQ=YEARLY;INTERVAL=100;BYMONTH=2;BYMONTHDAY=29"),
    (datetime(2025, 1, 6, 9), "FREQ=YEARLY;INTERVAL=400;BYWEEKNO=53"),
    (datetime(2026, 2, 2, 9), "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30"),
    (MONDAY, "FREQ=MONTHLY;INTERVAL=2;BYMONTH=2,4,6,8,10,12"),
    (datetime(2026, 1, 1, 9), "FREQ=MONTHLY;INTERVAL=4800;BYDAY=5MO"),
    (MONDAY, "FREQ=WEEKLY;INTERVAL=20871;BYMONTH=6"),  # 400 years, after which it is January again
    (MONDAY, "FREQ=DAILY;INTERVAL=7;BYDAY=TU"),
    (MONDAY, "FREQ=DAILY;INTERVAL=146097;BYMONTHDAY=31"),
    (MONDAY, "FREQ=DAILY;INTERVAL=28;BYDAY=SU;BYMONTH=2;BYMONTHDAY=29"),
    # times of day off the grid
    (MONDAY, "FREQ=HOURLY;INTERVAL=24;BYHOUR=10"),
    (MONDAY, "FREQ=HOURLY;INTERVAL=2;BYHOUR=0,2,4,6,8,10"),
    (MONDAY, "FREQ=HOURLY;INTERVAL=168;BYDAY=SU"),
    (MONDAY, "FREQ=HOURLY;INTERVAL=36;BYHOUR=10,22;BYDAY=WE;BYMONTH=7"),
    (MONDAY, "FREQ=MINUTELY;INTERVAL=2;BYMINUTE=1,3,5"),
    (MONDAY, "FREQ=MINUTELY;INTERVAL=1440;BYHOUR=10"),
    (MONDAY, "FREQ=MINUTELY;INTERVAL=90;BYHOUR=9;BYMINUTE=15,45"),
    (MONDAY, "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1"),
    (MONDAY, "FREQ=SECONDLY;INTERVAL=86400;BYHOUR=3"),
    (MONDAY, "FREQ=SECONDLY;INTERVAL=604800;BYDAY=TU;BYMONTH=2;BYMONTHDAY=29"),
    (MONDAY, "FREQ=SECONDLY;INTERVAL=3599;BYMONTH=6;BYMONTHDAY=31;BYSECOND=59"),
    # positions that no set has
    (MONDAY, "FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=3"),
    (MONDAY, "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6"),
    (MONDAY, "FREQ=MONTHLY;BYMONTHDAY=31;BYHOUR=9,10,11;BYSETPOS=4,-4"),
    (MONDAY, "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;BYSETPOS=-2"),
    (MONDAY, "FREQ=YEARLY;BYDAY=MO;BYSETPOS=54"),
    (MONDAY, "FREQ=DAILY;BYHOUR=9,12,18;BYMINUTE=0,30;BYSETPOS=7"),
    (MONDAY, "FREQ=SECONDLY;BYSECOND=1;BYSETPOS=2"),
    (MONDAY, "FREQ=HOURLY;BYMINUTE=1,2;BYSETPOS=-3"),
    # over before it begins
    (MONDAY, "FREQ=DAILY;UNTIL=20260101T000000Z"),
    (MONDAY, "FREQ=SECONDLY;INTERVAL=86399;BYMINUTE=7;BYSECOND=7;UNTIL=20260105T140001Z"),
)


def never(repeats: int = REPEATS) -> list[Row]:
    """One row a rule. Raises Disagreement when one fires."""
    return [row(start, rule, repeats) for start, rule in RULES]


def row(start: datetime, rule: str, repeats: int = REPEATS) -> Row:
    """One rule. Raises Disagreement."""
    text = f"DTSTART;TZID={ZONE}:{start:%Y%m%dT%H%M%S}\nDURATION:PT1H\nRRULE:{rule}"
    try:
        found = [str(session.recurrence_id) for session in first(text)]
    except RecurrenceError as error:
        found = [str(error)]
    differ(f"{rule} from {start}", "this engine", found, "the calendar", [])
    times = compare({"ours": constant(first, text)}, repeats=repeats)
    return Row(measure="never", rule=rule, seconds=times)


def first(text: str) -> list[recurrence.Occurrence]:
    """From text to the next session. Raises RecurrenceError."""
    return recurrence.next_after(Series.from_ical(text), ASKED, 1)
