"""`first_clash` equals brute force, for random pairs of all kinds and across zones; `never` is never wrong."""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

import recurrence
from recurrence import Answer, BudgetError, Duration, Fold, Gap, Moment, Occurrence, Period, Rule, Series, Verdict
from tests.property import strategies

AFTER = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=366)
FOUR_CENTURIES = timedelta(days=146_097)
SLOW = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
FINE = ("HOURLY", "MINUTELY", "SECONDLY")
EVERYDAY = ("FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=DAILY", "FREQ=DAILY;INTERVAL=2", "FREQ=MONTHLY;BYDAY=1MO")
ZONES = ("Europe/London", "Europe/London", "America/New_York", "UTC", "Australia/Lord_Howe", "America/Sao_Paulo")
HOURS = (0, 1, 2, 3, 9, 10)  # at most clock changes, and away from them
LENGTHS = (
    Duration(seconds=1_800),
    Duration(seconds=3_600),
    Duration(seconds=5_400),
    Duration(seconds=86_400),
    Duration(seconds=180_000),  # fifty hours
    Duration(days=1),
    Duration(days=3),
    Duration(days=8, seconds=7_200),
)
SHORT = LENGTHS[:3]


@st.composite
def plans(
    draw: st.DrawFn,
    freqs: tuple[str, ...] = SLOW,
    lengths: tuple[Duration, ...] = LENGTHS,
    zones: tuple[str, ...] = ZONES,
    bounded: bool = True,
) -> Series:
    """Series that often come near each other: few hours, few zones, all around one year."""
    start = datetime(2026, draw(st.integers(1, 12)), draw(st.integers(1, 28)), draw(st.sampled_from(HOURS)))
    start += timedelta(minutes=draw(st.sampled_from([0, 0, 30])))
    rule = draw(st.one_of(strategies.rules(counted=bounded, freqs=freqs), st.sampled_from(EVERYDAY)))
    left_out = draw(st.sampled_from([("BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS"), ("BYSECOND",)]))
    if not any(freq in rule for freq in FINE):
        rule = ";".join(part for part in rule.split(";") if not part.startswith(left_out))
        rule = rule if "BY" in rule.replace("BYSETPOS", "") else rule.split(";BYSETPOS")[0]
    if bounded and "COUNT" not in rule and draw(st.integers(0, 5)) == 0:
        rule += f";UNTIL={start.year + 1}{draw(st.integers(1, 12)):02}01T000000Z"
    return Series(
        dtstart=start,
        time_zone=draw(st.sampled_from(zones)),
        duration=draw(st.sampled_from(lengths)),
        rule=Rule.parse(rule),
        rdates=draw(added(start)) if bounded else (),
        exdates=draw(taken_out(start)),
        gap=draw(st.sampled_from([Gap.SHIFT, Gap.SHIFT, Gap.SKIP])),
        fold=draw(st.sampled_from([Fold.FIRST, Fold.FIRST, Fold.SECOND])),
    )


def added(start: datetime) -> st.SearchStrategy[tuple[Moment, ...]]:
    """RDATE: mostly nothing, else starts at the same hour or periods of some days."""
    days = st.integers(0, 400).map(lambda n: start + timedelta(n))
    periods = days.map(lambda begin: Period(start=begin, end=begin + timedelta(days=5)))
    entries: st.SearchStrategy[Moment] = st.one_of(days, periods)
    return st.one_of(st.just(()), st.just(()), st.lists(entries, max_size=3).map(tuple))


def taken_out(start: datetime) -> st.SearchStrategy[tuple[Moment, ...]]:
    """EXDATE: mostly nothing, else starts at the same hour or whole days."""
    starts: st.SearchStrategy[Moment] = st.integers(0, 60).map(lambda n: start + timedelta(n))
    days: st.SearchStrategy[Moment] = st.integers(0, 60).map(lambda n: date(start.year, start.month, 1) + timedelta(n))
    return st.one_of(st.just(()), st.just(()), st.lists(st.one_of(starts, days), max_size=5).map(tuple))


def brute_force(a: Series, b: Series, after: datetime, end: datetime) -> datetime | None:
    """When the first overlap begins, every session of one against all those of the other that begin near it."""
    mine, theirs = sessions(a, after, end), sessions(b, after, end)
    starts = [session.starts_at for session in theirs]
    longest = max([session.ends_at - session.starts_at for session in theirs], default=timedelta(0))
    begins = [
        max(x.starts_at, y.starts_at)
        for x in mine
        for y in theirs[bisect_left(starts, x.starts_at - longest) : bisect_left(starts, x.ends_at)]
        if max(x.starts_at, y.starts_at) < min(x.ends_at, y.ends_at)
    ]
    return min((begin for begin in begins if begin < end), default=None)


def sessions(series: Series, after: datetime, end: datetime) -> list[Occurrence]:
    """Those that are not over at `after` and begin before `end`."""
    return [one for one in recurrence.expand(series, after - timedelta(days=12), end) if one.ends_at > after]


def begin_of(answer: Answer) -> datetime:
    """When the pair of a clash begins to overlap."""
    assert answer.pair is not None
    begin = max(session.starts_at for session in answer.pair)
    assert begin < min(session.ends_at for session in answer.pair)
    return begin


def agree(a: Series, b: Series, end: datetime) -> None:
    """Whether the answer is what brute force finds up to `end`."""
    answer = recurrence.first_clash(a, b, AFTER)
    try:
        expected = brute_force(a, b, AFTER, end)
    except BudgetError:
        return  # an expansion that gives up cannot be compared; its clash is tested by hand
    if answer.verdict is Verdict.CLASH:
        assert expected == begin_of(answer) or (expected is None and begin_of(answer) >= end)
    elif answer.verdict is Verdict.NONE_UNTIL:
        assert answer.until is not None
        assert expected is None or expected >= answer.until
    else:
        assert expected is None


@given(plans(), plans())
def test_equal_to_brute_force(a: Series, b: Series) -> None:
    agree(a, b, AFTER + 3 * YEAR)


@given(plans(lengths=SHORT), plans(lengths=SHORT))
def test_equal_to_brute_force_for_short_sessions(a: Series, b: Series) -> None:
    agree(a, b, AFTER + 3 * YEAR)


@given(plans(freqs=FINE, lengths=SHORT), plans(lengths=SHORT))
def test_equal_to_brute_force_where_one_starts_many_times_a_day(a: Series, b: Series) -> None:
    agree(a, b, AFTER + timedelta(days=40))


@given(plans(freqs=SLOW[:3], bounded=False, lengths=SHORT), plans(freqs=SLOW[:3], bounded=False, lengths=SHORT))
def test_nothing_is_found_up_to_the_instant_until_which_there_is_none(a: Series, b: Series) -> None:
    answer = recurrence.first_clash(a, b, AFTER)

    if answer.until is not None:
        assert brute_force(a, b, AFTER, answer.until) is None


@settings(max_examples=max(12, settings().max_examples // 10))
@given(
    plans(freqs=SLOW[:3], bounded=False, lengths=SHORT, zones=("Europe/London",)),
    plans(freqs=SLOW[:3], bounded=False, lengths=SHORT, zones=("Europe/London", "Europe/London", "America/New_York")),
)
def test_never_holds_for_a_whole_cycle_of_the_calendar(a: Series, b: Series) -> None:
    answer = recurrence.first_clash(a, b, AFTER)

    if answer.verdict is Verdict.NEVER:
        assert brute_force(a, b, AFTER, AFTER + FOUR_CENTURIES) is None


@given(
    st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Casablanca", "Asia/Gaza"]),
    st.lists(st.tuples(st.integers(0, 95), st.sampled_from(LENGTHS), st.sampled_from(Fold)), min_size=2, max_size=2),
)
def test_never_holds_beside_the_changes_of_the_clock(zone: str, pair: list[tuple[int, Duration, Fold]]) -> None:
    a, b = (
        Series(
            dtstart=datetime(2008, 1, 7) + timedelta(minutes=15 * quarter),
            time_zone=zone,
            duration=length,
            rule=Rule.parse(f"FREQ=DAILY;INTERVAL={max(1, length.longest // 86_400 * 7)}"),
            fold=fold,
        )
        for quarter, length, fold in pair
    )
    after = datetime(2008, 1, 1, tzinfo=UTC)

    answer = recurrence.first_clash(a, b, after)

    expected = brute_force(a, b, after, after + 12 * YEAR)
    if answer.verdict is Verdict.CLASH:
        assert expected == begin_of(answer) or (expected is None and begin_of(answer) >= after + 12 * YEAR)
    else:
        assert expected is None or (answer.until is not None and answer.until <= expected)


@given(plans(), plans())
def test_it_does_not_matter_who_asks(a: Series, b: Series) -> None:
    one, other = recurrence.first_clash(a, b, AFTER), recurrence.first_clash(b, a, AFTER)

    assert one.verdict == other.verdict
    if one.pair is not None:
        assert begin_of(one) == begin_of(other)
