"""All the clashes of two plans, one after the other."""

from datetime import datetime
from itertools import islice

import recurrence
from recurrence import Series
from tests.unit.recurrence.plans import plan
from tests.unit.recurrence.test_clash import AFTER


def all_of(a: Series, b: Series, most: int = 10) -> list[str]:
    """The later starts of the first few pairs, and the last verdict if it was reached."""
    found = []
    for answer in islice(recurrence.clashes(a, b, AFTER), most):
        pair = answer.pair
        found.append(answer.verdict.value if pair is None else f"{max(one.recurrence_id for one in pair):%Y-%m-%d}")
    return found


def test_clashes_go_on_for_ever_where_two_plans_do() -> None:
    a = plan("FREQ=WEEKLY;INTERVAL=2", "2026-01-05T10:00")
    b = plan("FREQ=WEEKLY;INTERVAL=3", "2026-01-12T10:00")

    assert all_of(a, b, 4) == ["2026-02-02", "2026-03-16", "2026-04-27", "2026-06-08"]


def test_clashes_end_with_the_reason_why_there_are_no_more() -> None:
    mondays = plan("FREQ=WEEKLY", "2026-01-05T10:00")

    assert all_of(mondays, plan("FREQ=DAILY;COUNT=15", "2026-01-05T10:30")) == [
        "2026-01-05",
        "2026-01-12",
        "2026-01-19",
        "never",
    ]
    assert all_of(mondays, plan("FREQ=WEEKLY", "2026-01-06T10:00")) == ["never"]
    assert all_of(plan(None, "2026-01-05T10:00"), mondays) == ["2026-01-05", "never"]


def test_clashes_that_are_far_apart_are_found_as_those_that_are_close() -> None:
    days = plan("FREQ=DAILY", "2026-01-01T10:00")

    assert all_of(days, plan("FREQ=YEARLY;COUNT=4", "2026-01-05T10:30")) == [
        "2026-01-05",
        "2027-01-05",
        "2028-01-05",
        "2029-01-05",
        "never",
    ]


def test_clashes_of_a_plan_that_gives_up_are_those_that_it_can_still_tell() -> None:
    nothing = plan("FREQ=WEEKLY;BYMONTH=2;BYSETPOS=1", "2026-02-02T10:00", rdates=(datetime(2026, 1, 5, 10),))
    out = plan("FREQ=DAILY", "2026-01-05T10:00", exdates=(datetime(2026, 1, 6, 10),))

    assert all_of(nothing, out, 2) == ["2026-01-05", "2026-02-02"]
