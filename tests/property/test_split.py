"""Head and tail of a split are the original."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from hypothesis import assume, given, reject
from hypothesis import strategies as st

import recurrence
from recurrence import Duration, Fold, Gap, RecurrenceError, Rule, Series
from tests.property import strategies

LONG_AGO = datetime(1950, 1, 1, tzinfo=UTC)


@given(
    strategies.rules(),
    strategies.starts(),
    st.sampled_from(strategies.ZONES),
    st.integers(1, 25),
    st.sampled_from(list(Gap)),
    st.sampled_from(list(Fold)),
    st.lists(st.integers(0, 30), max_size=3),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 3)), max_size=2),
    st.none() | st.integers(0, 100),
)
def test_head_and_tail_together_are_the_original(
    rule: str,
    start: datetime,
    zone: str,
    place: int,
    gap: Gap,
    fold: Fold,
    left_out: list[int],
    extra: list[tuple[int, int]],
    lasts: int | None,
) -> None:
    parsed = Rule.parse(rule)
    if lasts is not None and parsed.count is None and start.year < 9999:
        parsed = replace(parsed, until=start + timedelta(days=lasts))
    series = Series(dtstart=start, time_zone=zone, duration=Duration(seconds=60), rule=parsed, gap=gap, fold=fold)
    try:
        ids = [session.recurrence_id for session in recurrence.next_after(series, LONG_AGO, 40)]
    except recurrence.BudgetError:
        reject()  # weeks in some months that have no session end so
    series = replace(
        series,
        exdates=tuple(ids[n] for n in left_out if n < len(ids)),
        rdates=tuple(start + timedelta(days=days, hours=hours) for days, hours in extra),
    )
    whole = recurrence.next_after(series, LONG_AGO, 60)
    assume(len(whole) > place)
    cut = whole[place].recurrence_id

    try:
        head, tail = recurrence.split(series, cut)
    except recurrence.BudgetError:
        assert cut.year > start.year + 100  # starts so rare that they are not counted, or compared, so far
        reject()
    except RecurrenceError:
        assert "SKIP" in rule  # where every start stands beside its month no DTSTART is in the right one
        reject()

    before = list(islice(recurrence.expand(head, LONG_AGO), 300))
    after = recurrence.next_after(tail, LONG_AGO, 70)
    assert sorted(before + after, key=lambda session: session.starts_at)[:60] == whole
    assert all(session.recurrence_id < cut for session in before)
    assert all(session.recurrence_id >= cut for session in after)


@given(strategies.rules(), strategies.starts())
def test_a_cut_anywhere_else_is_refused(rule: str, start: datetime) -> None:
    series = Series(dtstart=start, time_zone="UTC", duration=Duration(seconds=60), rule=Rule.parse(rule))
    beside = start - timedelta(days=1)

    try:
        recurrence.split(series, beside)
    except RecurrenceError as error:
        assert error.part == "RECURRENCE-ID"  # noqa: PT017
    else:
        raise AssertionError("a split before the first session")
