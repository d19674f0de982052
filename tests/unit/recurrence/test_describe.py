"""Rules in words."""

import pytest

import recurrence
from recurrence import Rule

WORDS = [
    (
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU;COUNT=4",
        "every 2 weeks on Tuesday and Sunday, weeks starting on Sunday, 4 times",
    ),
    ("FREQ=DAILY;COUNT=1", "every day, once"),
    ("FREQ=MONTHLY;BYDAY=2TU,-1FR", "every month on the last Friday and the 2nd Tuesday"),
    ("FREQ=MONTHLY;BYMONTHDAY=1,22,13,-2", "every month on the 2nd to last, 1st, 13th and 22nd of the month"),
    (
        "FREQ=YEARLY;BYMONTH=1,3;BYYEARDAY=100,-1",
        "every year on the last and 100th day of the year in January and March",
    ),
    ("FREQ=YEARLY;BYWEEKNO=-1", "every year in the last week of the year"),
    ("FREQ=YEARLY;BYWEEKNO=-1,-2", "every year in the 2nd to last and last weeks of the year"),
    ("FREQ=YEARLY;BYWEEKNO=20,-1", "every year in week 20 and the last week"),
    ("FREQ=YEARLY;BYWEEKNO=20,1,30,-1,-2", "every year in weeks 1, 20 and 30 and the 2nd to last and last weeks"),
    ("FREQ=YEARLY;BYWEEKNO=10,20", "every year in weeks 10 and 20"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "every year on Monday in week 20"),
    ("FREQ=DAILY;BYHOUR=9,17;BYMINUTE=30", "every day at 09:30 and 17:30"),
    ("FREQ=DAILY;BYHOUR=9;BYMINUTE=0,30;BYSECOND=5", "every day at hour 9 at minutes 0 and 30 at second 5"),
    ("FREQ=MINUTELY;BYSECOND=60", "every minute at second 59"),
    ("FREQ=MINUTELY;BYSECOND=0,59,60", "every minute at seconds 0 and 59"),
    (
        "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD",
        "every month on the 31st of the month, a missing day replaced by the last day before it",
    ),
    (
        "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD;UNTIL=20261231",
        "every month, a missing day replaced by the first day after it, until 2026-12-31",
    ),
    ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1", "every month on Monday, only the last of each month"),
    ("FREQ=HOURLY;INTERVAL=3;UNTIL=20261231T180000Z", "every 3 hours, until 2026-12-31 18:00 UTC"),
    ("FREQ=SECONDLY;UNTIL=20261231T180030", "every second, until 2026-12-31 18:00:30"),
]


@pytest.mark.parametrize("rule, words", WORDS, ids=[row[0] for row in WORDS])
def test_a_rule_in_words(rule: str, words: str) -> None:
    assert recurrence.describe(Rule.parse(rule)) == words
