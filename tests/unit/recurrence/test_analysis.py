"""What is said about a plan before it is accepted."""

from dataclasses import replace
from datetime import UTC, date, datetime

import recurrence
from recurrence import Duration, Period
from tests.unit.recurrence.plans import HOUR, plan


def test_a_plan_without_a_rule_has_its_start_and_nothing_of_a_rule() -> None:
    found = recurrence.analyse(plan(None, "2026-01-05T09:00"))

    assert (found.fires_once, found.dtstart_in_rule, found.rule_first, found.per_day) == (True, True, None, 1)
    assert found.hints == ()


def test_extra_dates_count_for_the_fullest_day() -> None:
    extra = (
        date(2026, 1, 7),
        datetime(2026, 1, 7, 12),
        Period(start=datetime(2026, 1, 7, 15), duration=HOUR),
        datetime(2026, 1, 9, 12, tzinfo=UTC),
    )

    assert recurrence.analyse(plan("FREQ=WEEKLY", "2026-01-05T09:00", rdates=extra)).per_day == 4
    assert recurrence.analyse(plan(None, "2026-01-05T09:00", rdates=extra)).per_day == 3


def test_an_exception_further_away_than_can_be_counted_is_not_called_unmatched() -> None:
    rule = "FREQ=DAILY;INTERVAL=2;BYMONTHDAY=1,3;COUNT=100000"

    found = recurrence.analyse(plan(rule, "2026-01-05T09:00", exdates=(datetime(9000, 1, 1, 9),)))

    assert (found.never_fires, found.unmatched) == (False, ())


def test_what_lies_beyond_the_count_is_unmatched() -> None:
    out = tuple(datetime(2026, month, 1, 9) for month in (2, 3, 4, 9))
    rule = "FREQ=DAILY;INTERVAL=2;BYMONTHDAY=1;COUNT=2"

    assert recurrence.analyse(plan(rule, "2026-02-01T09:00", exdates=out)).unmatched == (out[2], out[3])


def test_of_thousands_of_starts_a_day_those_that_overlap_are_found() -> None:
    lasting = plan("FREQ=SECONDLY;BYMINUTE=3,24;BYSECOND=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14", "2026-01-05T09:00")
    short = replace(lasting, duration=Duration(seconds=1))

    assert recurrence.analyse(lasting).overlap is not None
    assert recurrence.analyse(short).overlap is None
