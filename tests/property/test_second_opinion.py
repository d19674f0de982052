"""The auditor's second opinion equals the engine's, wherever it gives one: else it would cry wolf."""

from datetime import UTC, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

import recurrence
from db import segments
from db.models import Segment
from recurrence import Duration, Fold, Gap, Rule, Series
from services import second_opinion
from tests.property import strategies

LENGTHS = [Duration(seconds=3600), Duration(days=1), Duration(days=1, seconds=1800), Duration(days=7)]


@st.composite
def series(draw: st.DrawFn) -> Series:
    """A series as a plan may have it, with RDATE and EXDATE near its start."""
    dtstart = draw(strategies.starts())
    days = st.integers(0, 40).map(timedelta)
    zone = draw(st.sampled_from(strategies.ZONES))
    instant = st.integers(0, 2_000).map(lambda hours: dtstart.replace(tzinfo=UTC) + timedelta(hours=hours))
    wall = days.map(lambda later: dtstart + later)
    rule = Rule.parse(draw(strategies.rules(freqs=("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"))))
    rule_until = draw(st.one_of(st.none(), instant, wall.map(datetime.date)))
    if rule.count is None and rule_until is not None:
        rule = Rule.parse(f"{rule};UNTIL={recurrence.format_moment(rule_until)}")
    try:
        return Series(
            dtstart=dtstart,
            time_zone=zone,
            duration=draw(st.sampled_from(LENGTHS)),
            rule=draw(st.sampled_from([rule, rule, rule, None])),
            rdates=tuple(draw(st.lists(st.one_of(wall, instant), max_size=3))),
            exdates=tuple(draw(st.lists(st.one_of(wall, instant, wall.map(datetime.date)), max_size=3))),
            gap=draw(st.sampled_from(Gap)),
            fold=draw(st.sampled_from(Fold)),
        )
    except recurrence.RecurrenceError:
        assume(False)
        raise


@given(series(), st.integers(-3, 60))
def test_the_second_opinion_equals_the_first(one: Series, days: int) -> None:
    segment = Segment(**segments.columns_of(one))
    low = one.dtstart.replace(tzinfo=UTC) + timedelta(days=days)
    high = low + timedelta(days=90)
    assume(second_opinion.why_not(segment, high) is None)

    theirs = second_opinion.sessions(segment, low, high)

    assert [tuple(found) for found in theirs] == [tuple(found) for found in recurrence.expand(one, low, high)]
