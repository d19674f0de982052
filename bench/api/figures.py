"""What was found, and what it ought to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from bench.report import Figure, rounded

CREATED, CONFLICT = 201, 409


@dataclass(slots=True, kw_only=True)
class Found:
    """Everything that was measured; None with a reason where it could not be.

    `rates`: requests a second of each server, turn by turn. `pages`: seconds of the first and of the deep page.
    """

    rates: Mapping[str, Sequence[float]]
    pages: tuple[float, float]
    post_ms: float | None = None
    split_ms: float | None = None
    created: int | None = None
    conflict: int | None = None
    race_p99_s: float | None = None
    reasons: dict[str, str] = field(default_factory=dict)


ROWS: Final = (
    ("post_p50_ms", "post_ms", " ms", 30, 10, "POST /sessions, weekly without end, in a room with 1,000 such: p50"),
    ("split_p50_ms", "split_ms", " ms", 40, 15, "scope=following on a series with five years behind it: p50"),
    ("race_p99_s", "race_p99_s", " s", 4, 1, "200 clients for 20 slots: p99"),
)


def figures_of(found: Found) -> list[Figure]:
    """All figures that there are, in the order of the table."""
    ours, hand, usual = (found.rates[name] for name in ("ours", "by_hand", "usual"))
    first, deep = found.pages
    figures = [
        Figure(key="week_vs_raw", value=ratio(ours, hand), unit="", least=0.7, aim=1,
               words="a person's week, req/s against the same by hand", parts=per_s(found.rates)),
        Figure(key="week_vs_orm", value=ratio(ours, usual), least=1.3, aim=2.5, words="against the usual ORM handler"),
        Figure(key="deep_page_ratio", value=deep / first, unit="", least=1.2, aim=1.05, ceiling=True,
               words="a page at the end of a million sessions, against the first",
               parts={"first_page_ms": 1000 * first, "deep_page_ms": 1000 * deep}),
    ]  # fmt: skip
    for key, name, unit, least, aim, words in ROWS:
        value = getattr(found, name)
        if value is not None:
            figures.append(Figure(key=key, value=value, unit=unit, least=least, aim=aim, ceiling=True, words=words))
    return figures


def ratio(ours: Sequence[float], others: Sequence[float]) -> float:
    """The median over the turns of our rate by theirs."""
    return median(mine / theirs for mine, theirs in zip(ours, others, strict=True))


def per_s(rates: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Each server's median rate, by the name it has in JSON."""
    return {f"week_{name}_per_s": median(found) for name, found in rates.items()}


def more(found: Found) -> dict[str, Any]:
    """What JSON has beside the figures: null for what could not be measured, and why."""
    missing = {key: None for key, name, *_ in ROWS if getattr(found, name) is None}
    turns = {name: [rounded(each) for each in rates] for name, rates in found.rates.items()}
    counts = {"race_created": found.created, "race_conflict": found.conflict}
    return {**missing, **counts, "reasons": found.reasons, "week_turns": turns}
