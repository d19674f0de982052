"""A third opinion: dateutil, on wall clocks, except where it is known to be wrong.

Its faults, one by one; each is a reason why the two may differ, and nothing else is:

    first week        BYSETPOS in a weekly rule picks from the days after DTSTART in its week instead of from the whole
                      week (decision 10)
    week numbers      with BYWEEKNO the days of week 1 or 53 that lie in the neighbouring year count for that year, and
                      INTERVAL counts calendar years (decision 12)
    the end           after the last start of a rule it walks on to the year 9999; so it is asked for as many as we have
    sixty             BYSECOND=60 is an error
    SKIP              is not known
    fine rules        HOURLY, MINUTELY and SECONDLY rules are walked step by step to the year 9999, for minutes
    far ordinals      an ordinal beyond what a month or a year has is an error instead of nothing
    mixed days        BYDAY=SU,3FR is the days that are both, which are none, instead of either
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice

import pytest
from dateutil import rrule
from hypothesis import assume, given

import recurrence
from recurrence import Duration, Rule, Series
from tests.property import strategies

FAULTS: dict[str, Callable[[str], bool]] = {
    "first week": lambda text: "FREQ=WEEKLY" in text and "BYSETPOS" in text,
    "week numbers": lambda text: "BYWEEKNO" in text,
    "sixty": lambda text: re.search(r"BYSECOND=([^;]*,)?60", text) is not None,
    "SKIP": lambda text: "SKIP=" in text,
    "far ordinals": lambda text: (
        "BYDAY" in text and re.search(r"\d(MO|TU|WE|TH|FR|SA|SU)", text) is not None and "BYMONTH=" in text
    ),
    "mixed days": lambda text: (
        re.search(r"BYDAY=([^;]*,)?[MTWFS]", text) is not None and re.search(r"BYDAY=[^;]*\d[MTWFS]", text) is not None
    ),
}


@given(strategies.rules(freqs=("YEARLY", "MONTHLY", "WEEKLY", "DAILY")), strategies.starts())
def test_equal_to_dateutil_except_for_its_faults(rule: str, start: datetime) -> None:
    assume(not any(faulty(rule) for faulty in FAULTS.values()))
    series = Series(dtstart=start, time_zone="UTC", duration=Duration(seconds=1), rule=Rule.parse(rule))
    end = start + strategies.span_of(rule)

    found = list(islice(recurrence.expand(series, datetime(1980, 1, 1, tzinfo=UTC), end.replace(tzinfo=UTC)), 2_000))

    theirs = rrule.rrulestr(f"RRULE:{rule}", dtstart=start)  # asked for no more: it may not come back
    assert [session.recurrence_id for session in found] == list(islice(theirs, len(found)))


@pytest.mark.parametrize(
    "rule, start, ours",
    [
        ("FREQ=WEEKLY;BYDAY=MO,TU,SU,SA,TH;BYSETPOS=3,2;COUNT=4", datetime(2024, 1, 2, 12), [2, 4, 9, 11]),
        ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=TU,SA;INTERVAL=6;COUNT=3", datetime(2010, 1, 2), [2, 29, 2]),
    ],
)
def test_the_faults_are_still_there(rule: str, start: datetime, ours: list[int]) -> None:
    series = Series(dtstart=start, time_zone="UTC", duration=Duration(seconds=1), rule=Rule.parse(rule))
    found = recurrence.next_after(series, datetime(2000, 1, 1, tzinfo=UTC), 10)

    assert [session.recurrence_id.day for session in found] == ours
    assert [wall.day for wall in rrule.rrulestr(f"RRULE:{rule}", dtstart=start)] != ours
