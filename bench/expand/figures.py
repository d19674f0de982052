"""What the rows come to, and what that ought to be."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final, NamedTuple

from bench.expand.row import Row, ratios, worst
from bench.report import Figure


class Ratio(NamedTuple):
    """How many times as long one engine takes as the other in one measure, at least and ideally."""

    key: str
    measure: str
    slow: str
    quick: str
    least: float | None
    aim: float | None
    words: str


RATIOS: Final = (
    Ratio("short_vs_dateutil", "short", "dateutil", "ours", 5, 9, "text to sessions of 4 weeks, begun < 8 weeks ago"),
    Ratio("old_vs_dateutil", "old", "dateutil", "ours", 60, 120, "the same, begun 8 years ago"),
    Ratio("mixed_vs_dateutil", "mixed", "dateutil", "ours", None, None, "the same, ages of 0.8 to 7.2 years"),
    Ratio("far_vs_dateutil", "far", "dateutil", "ours", 1_200, 2_500, "daily since 1990, one week"),
    Ratio("iterate_vs_dateutil", "iterate", "dateutil", "ours", 4, 7, "the first 2,000 sessions (yearly: 200)"),
    Ratio("bulk_short", "short", "dateutil", "bulk", 8, 13, "young; the series read already, parallel lists"),
    Ratio("bulk_old", "old", "dateutil", "bulk", 200, 300, "begun 8 years ago, the same"),
    Ratio("bulk_mixed", "mixed", "dateutil", "bulk", None, None, "mixed ages, the same"),
    Ratio("bulk_far", "far", "dateutil", "bulk", 3_500, 5_000, "far, the same"),
    Ratio("short_vs_rie", "short", "rie", "ours", None, None, "young, against recurring-ical-events"),
    Ratio("old_vs_rie", "old", "rie", "ours", None, None, "begun 8 years ago, against recurring-ical-events"),
    Ratio("mixed_vs_rie", "mixed", "rie", "ours", None, None, "mixed ages, against recurring-ical-events"),
    Ratio("clash_vs_dateutil", "clash", "dateutil", "ours", None, None, "1 new plan and 1,000, dateutil: two years"),
)


def figures_of(rows: Iterable[Row]) -> list[Figure]:
    """All figures, in the order of the table."""
    by_measure = {measure: list(found) for measure, found in groupby(rows, key=lambda row: row.measure)}
    return [
        *(ratio(each, by_measure[each.measure]) for each in RATIOS),
        age(by_measure["age"]),
        slowest("never_ms", by_measure["never"], "a rule that never fires, text to nothing", least=10, aim=2),
        *clashes(by_measure),
        *bounds(by_measure),
    ]


def ratio(each: Ratio, rows: list[Row]) -> Figure:
    """One comparison of two engines."""
    found = ratios(rows, each.slow, each.quick)
    return Figure(
        key=each.key,
        value=found["equal"],
        words=each.words,
        least=each.least,
        aim=each.aim,
        parts=parts(each.key, found),
    )


def parts(key: str, ends: Mapping[str, float]) -> dict[str, float]:
    """Further numbers of a measure by their own keys."""
    return {f"{key}_{name}": value for name, value in ends.items()}


def age(rows: list[Row]) -> Figure:
    """What eight years cost."""
    found = ratios(rows, "years", "weeks")
    return Figure(
        key="age_ratio",
        value=found["equal"],
        words="our time, begun 8 years ago / 8 weeks ago",
        least=1.5,
        aim=1.2,
        ceiling=True,
        parts=parts("age_ratio", found),
    )


def slowest(key: str, rows: list[Row], words: str, *, engine: str = "ours", **ought: Any) -> Figure:
    """The longest time of all rows, in milliseconds, and which row it was."""
    times = sorted(1e3 * row.seconds[engine] for row in rows)
    ends = {"median": times[len(times) // 2], "min": times[0]}
    words = f"{words}; slowest: {worst(rows, engine).rule}"
    return Figure(key=key, value=times[-1], words=words, unit=" ms", ceiling=True, parts=parts(key, ends), **ought)


def clashes(rows: Mapping[str, list[Row]]) -> Iterator[Figure]:
    """One new plan against a thousand."""
    yield slowest("clash_1000_ms", rows["clash"], "1 new plan and 1,000 without end", least=5, aim=1)
    yield slowest("clash_1000_warm_ms", rows["clash"], "the same, asked before", engine="warm")
    yield slowest("clash_two_zones_ms", rows["two zones"], "the 1,000 in another zone")
    yield slowest("clash_one_slot_ms", rows["one slot"], "the 1,000 at the new plan's own hour")


def bounds(rows: Mapping[str, list[Row]]) -> Iterator[Figure]:
    """What one call may cost."""
    yield slowest("hostile_ms", rows["hostile"], "a hostile text, to its answer or error", least=50)
    yield largest("hostile_mb", rows["hostile"], "the same, memory")
    yield largest("lazy_mb", rows["lazy"], "long windows read one by one, memory")


def largest(key: str, rows: list[Row], words: str) -> Figure:
    """The highest peak of all rows, in megabytes, and which row it was."""
    most = max(rows, key=lambda row: row.megabytes.get("peak", 0))
    words = f"{words}; largest: {most.rule}"
    return Figure(key=key, value=most.megabytes.get("peak", 0), words=words, unit=" MB", least=10, ceiling=True)
