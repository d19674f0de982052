"""The engine equals the day walker, over random rules, zones and windows."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

import recurrence
from recurrence import Duration, Fold, Gap, Rule, Series
from tests.property import oracle, strategies

PART = st.floats(0, 1)


def made(rule: str, start: datetime, zone: str, gap: str = "SHIFT", fold: str = "FIRST") -> Series:
    return Series(
        dtstart=start,
        time_zone=zone,
        duration=Duration(seconds=60),
        rule=Rule.parse(rule),
        gap=Gap(gap),
        fold=Fold(fold),
    )


@given(
    strategies.rules(),
    strategies.starts(),
    st.sampled_from(strategies.ZONES),
    PART,
    PART,
    st.sampled_from(["SHIFT", "SKIP"]),
    st.sampled_from(["FIRST", "SECOND"]),
)
def test_every_window_of_every_rule_equals_the_day_walker(
    rule: str, start: datetime, zone: str, first: float, last: float, gap: str, fold: str
) -> None:
    span = strategies.span_of(rule)
    series = made(rule, start, zone, gap, fold)
    low = start.replace(tzinfo=UTC) + span * first - timedelta(1)
    high = start.replace(tzinfo=UTC) + span * last

    found = [(s.recurrence_id, s.starts_at) for s in recurrence.expand(series, low, high)]

    walked = oracle.sessions(rule, start, zone, start + span + timedelta(3), gap, fold)
    assert found == [entry for entry in walked if low <= entry[1] < high]


@given(
    strategies.rules(), strategies.starts(), st.sampled_from(strategies.ZONES), st.lists(PART, min_size=3, max_size=3)
)
def test_two_windows_that_join_are_one(rule: str, start: datetime, zone: str, parts: list[float]) -> None:
    span = strategies.span_of(rule)
    series = made(rule, start, zone)
    a, b, c = (start.replace(tzinfo=UTC) + span * part for part in sorted(parts))

    joined = [*recurrence.expand(series, a, b), *recurrence.expand(series, b, c)]

    assert joined == list(recurrence.expand(series, a, c))


@given(strategies.rules(), strategies.starts(), st.sampled_from(strategies.ZONES), PART)
def test_a_cursor_never_changes_the_answer(rule: str, start: datetime, zone: str, part: float) -> None:
    span = strategies.span_of(rule)
    series = made(rule, start, zone)
    cursor = recurrence.cursor_at(series, start + span * part)
    window = (start.replace(tzinfo=UTC) + span * part + timedelta(2), start.replace(tzinfo=UTC) + span + timedelta(3))

    assert list(recurrence.expand(series, *window, cursor)) == list(recurrence.expand(series, *window))


@given(strategies.rules(), strategies.starts(), st.sampled_from(strategies.ZONES))
def test_every_occurrence_satisfies_every_part(rule: str, start: datetime, zone: str) -> None:
    series = made(rule, start, zone)
    parts = Rule.parse(rule)

    for session in recurrence.next_after(series, datetime(1980, 1, 1, tzinfo=UTC), 15):
        wall = session.recurrence_id
        assert wall >= start
        assert not parts.byhour or wall.hour in parts.byhour
        assert not parts.byminute or wall.minute in parts.byminute
        assert not parts.bysecond or wall.second in parts.bysecond or (wall.second == 59 and 60 in parts.bysecond)
        assert not parts.byday or wall.weekday() in {day for _, day in parts.byday}
        assert not parts.bymonth or wall.month in parts.bymonth or parts.skip != "OMIT"
        assert recurrence.occurrence_at(series, wall) == session
