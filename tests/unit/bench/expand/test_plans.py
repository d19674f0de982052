"""What is measured is what it says it is."""

from dataclasses import replace
from datetime import timedelta

import pytest

import recurrence
from bench.expand import plans
from bench.expand.plans import Case, Pattern
from recurrence import Series

WITHOUT = next(pattern for pattern in plans.PATTERNS if pattern.without)


def test_there_are_ten_different_patterns() -> None:
    assert len({pattern.name for pattern in plans.PATTERNS}) == 10


def test_young_plans_began_under_eight_weeks_before_the_end_of_their_window() -> None:
    ages = [case.until - case.start for case in plans.cases(plans.PATTERNS[0], plans.YOUNG)]

    assert all(plans.WINDOW < age < plans.EIGHT_WEEKS for age in ages)


def test_old_plans_began_eight_years_before() -> None:
    ages = [(case.until - case.start) / timedelta(days=365.25) for case in plans.old_cases(WITHOUT)]

    assert ages == pytest.approx([8] * 5, abs=0.02)


def test_the_ages_of_mixed_plans_spread_evenly_over_eight_years() -> None:
    ages = [(case.until - case.start) / timedelta(days=365.25) for case in plans.cases(WITHOUT, plans.MIXED)]

    assert ages == pytest.approx([7.2, 5.6, 4.0, 2.4, 0.8], abs=0.02)


@pytest.mark.parametrize(
    "cases", [plans.cases(WITHOUT, plans.YOUNG), plans.cases(WITHOUT, plans.MIXED), plans.old_cases(WITHOUT)]
)
def test_the_session_left_out_would_have_been_in_the_window(cases: list[Case]) -> None:
    for case in cases:
        whole = replace(case, pattern=Pattern(rule=WITHOUT.rule))

        found = [list(recurrence.expand(Series.from_ical(text), *case.instants)) for text in (case.text, whole.text)]

        assert len(found[1]) - len(found[0]) == 1


def test_a_plan_grown_older_keeps_its_window_and_its_hour() -> None:
    case = plans.cases(Pattern(rule=plans.DAILY), plans.YOUNG)[0]

    old = plans.aged(case, plans.EIGHT_YEARS)

    assert (old.since, old.until, old.start.time()) == (case.since, case.until, case.start.time())
    assert abs(old.until - old.start - timedelta(days=8 * 365.25)) < timedelta(days=4)
