"""`first_clash` equals brute force; `never` is never wrong."""

from datetime import UTC, datetime, timedelta
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

import recurrence
from recurrence import Duration, Occurrence, Rule, Series, Verdict
from tests.property import strategies

AFTER = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=3 * 366)
SLOW = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")


@st.composite
def plans(draw: st.DrawFn) -> Series:
    """Series that often come near each other: few hours, few zones, all around one year."""
    start = datetime(2026, draw(st.integers(1, 12)), draw(st.integers(1, 28)), draw(st.sampled_from([1, 2, 9, 10])))
    start += timedelta(minutes=draw(st.sampled_from([0, 0, 30])))
    rule = draw(st.one_of(strategies.rules(freqs=SLOW), st.sampled_from(["FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2"])))
    rule = ";".join(
        part for part in rule.split(";") if not part.startswith(("BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS"))
    )
    zone = draw(st.sampled_from(["Europe/London", "Europe/London", "America/New_York", "UTC"]))
    minutes = draw(st.sampled_from([30, 60, 90, 24 * 60]))
    return Series(dtstart=start, time_zone=zone, duration=Duration(seconds=60 * minutes), rule=Rule.parse(rule))


def brute_force(a: Series, b: Series, after: datetime, end: datetime) -> tuple[Occurrence, Occurrence] | None:
    """Every session against every session."""
    early = after - timedelta(days=3)
    mine = [s for s in recurrence.expand(a, early, end) if s.ends_at > after]
    theirs = [s for s in recurrence.expand(b, early, end) if s.ends_at > after]
    best = None
    n = 0
    for x in mine:
        while n < len(theirs) and theirs[n].ends_at <= x.starts_at - timedelta(days=2):
            n += 1
        for y in islice(theirs, n, None):
            if y.starts_at >= x.ends_at:
                break
            if max(x.starts_at, y.starts_at) < min(x.ends_at, y.ends_at):
                begins = max(x.starts_at, y.starts_at)
                if best is None or begins < max(best[0].starts_at, best[1].starts_at):
                    best = x, y
    return best


@given(plans(), plans())
def test_equal_to_brute_force(a: Series, b: Series) -> None:
    expected = brute_force(a, b, AFTER, AFTER + SPAN)

    answer = recurrence.first_clash(a, b, AFTER)

    if expected is not None:
        assert answer.verdict is Verdict.CLASH
        assert answer.pair is not None
        begins = max(session.starts_at for session in answer.pair)
        assert begins == max(session.starts_at for session in expected)
        assert begins < min(session.ends_at for session in answer.pair)
    elif answer.verdict is Verdict.CLASH:
        assert answer.pair is not None
        assert max(session.starts_at for session in answer.pair) >= AFTER + SPAN
    elif answer.verdict is Verdict.NONE_UNTIL:
        assert answer.until is not None
        assert answer.until > AFTER + SPAN


@given(plans(), plans())
def test_it_does_not_matter_who_asks(a: Series, b: Series) -> None:
    one, other = recurrence.first_clash(a, b, AFTER), recurrence.first_clash(b, a, AFTER)

    assert one.verdict == other.verdict
    if one.pair is not None and other.pair is not None:
        assert max(s.starts_at for s in one.pair) == max(s.starts_at for s in other.pair)
