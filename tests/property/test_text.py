"""What is written can be read, and means the same."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

import recurrence
from recurrence import Duration, Period, RecurrenceError, Rule, Series
from tests.property import strategies

INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).map(lambda d: d.replace(microsecond=0))
MOMENTS = st.one_of(
    INSTANTS,
    INSTANTS.map(lambda d: d.replace(tzinfo=UTC)),
    st.dates(date(1990, 1, 1), date(2040, 1, 1)),
)
PERIODS = st.builds(lambda d, s: Period(start=d, duration=Duration(seconds=s)), INSTANTS, st.integers(1, 10**6))
ZONES = st.one_of(st.none(), st.sampled_from(strategies.ZONES))


@given(strategies.rules())
def test_a_rule_survives_its_text(text: str) -> None:
    rule = Rule.parse(text)

    assert Rule.parse(str(rule)) == rule
    assert str(Rule.parse(str(rule))) == str(rule)


def as_shown(rule: Rule) -> Rule:
    """The rule with second 60 written as the 59 at which it takes place."""
    return rule.but(bysecond=tuple(sorted({min(second, 59) for second in rule.bysecond})))


@given(strategies.rules(), strategies.rules())
def test_rules_that_differ_are_described_differently(first: str, second: str) -> None:
    one, other = Rule.parse(first), Rule.parse(second)

    assert (as_shown(one) == as_shown(other)) == (recurrence.describe(one) == recurrence.describe(other))


@given(
    strategies.rules(),
    strategies.starts(),
    ZONES,
    st.lists(st.one_of(MOMENTS, PERIODS), max_size=4),
    st.lists(MOMENTS, max_size=4),
    st.integers(0, 10**6),
    st.sampled_from([None, "20300101T000000Z", "20300101T000000", "20300101"]),
)
def test_a_series_survives_its_text(
    rule: str,
    start: datetime,
    zone: str | None,
    rdates: list[recurrence.Moment],
    exdates: list[recurrence.Moment],
    seconds: int,
    until: str | None,
) -> None:
    parsed = Rule.parse(rule)
    if until is not None and parsed.count is None:
        parsed = Rule.parse(f"{parsed};UNTIL={until}")
    try:
        series = Series(
            dtstart=start,
            time_zone=zone,
            duration=Duration(seconds=seconds),
            rule=parsed,
            rdates=tuple(rdates),
            exdates=tuple(exdates),
        )
    except RecurrenceError as error:
        assert error.part == "RDATE"  # noqa: PT017# the second of two equal wall times, drawn by chance
        return

    assert Series.from_ical(series.to_ical()) == series


@given(
    strategies.starts(), ZONES, st.integers(1, 20), st.lists(st.dates(date(1990, 1, 1), date(2040, 1, 1)), max_size=3)
)
def test_an_all_day_series_survives_its_text(start: datetime, zone: str | None, days: int, exdates: list[date]) -> None:
    midnight = start.replace(hour=0, minute=0, second=0)
    series = Series(
        dtstart=midnight,
        time_zone=zone,
        duration=Duration(days=days),
        rule=Rule.parse("FREQ=DAILY;UNTIL=20500101"),
        exdates=tuple(exdates),
        all_day=True,
    )

    assert Series.from_ical(series.to_ical()) == series
    assert replace(series, exdates=tuple(reversed(series.exdates))) == series


@given(MOMENTS)
def test_a_moment_survives_both_of_its_forms(moment: recurrence.Moment) -> None:
    assert recurrence.parse_moment(recurrence.format_moment(moment)) == moment
    assert not isinstance(moment, Period)
    assert recurrence.parse_moment(moment.isoformat()) == moment
