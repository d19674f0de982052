"""One line of what was measured: a rule or a plan, and what every engine took for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from statistics import geometric_mean, median
from typing import Any

from bench.report import rounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`seconds` by engine, `megabytes` at the peak, and how many sessions the answers held."""

    measure: str
    rule: str
    seconds: Mapping[str, float]
    megabytes: Mapping[str, float] = field(default_factory=dict)
    sessions: int = 0

    def ratio(self, slow: str, quick: str) -> float:
        """How many times as long the one takes as the other."""
        return self.seconds[slow] / self.seconds[quick]

    def as_json(self) -> dict[str, Any]:
        """The row with microseconds."""
        return {
            "measure": self.measure,
            "rule": self.rule,
            "sessions": self.sessions,
            **{f"{name}_us": rounded(1e6 * seconds) for name, seconds in self.seconds.items()},
            **{f"{name}_mb": rounded(megabytes) for name, megabytes in self.megabytes.items()},
        }


def ratios(rows: Iterable[Row], slow: str, quick: str) -> dict[str, float]:
    """How many times as long one engine takes as the other: `total`, for all rows together; `equal`, the geometric
    mean, in which each row counts the same; the median, and both ends.
    """
    found = list(rows)
    each = [row.ratio(slow, quick) for row in found]
    total = sum(row.seconds[slow] for row in found) / sum(row.seconds[quick] for row in found)
    return {"total": total, "equal": geometric_mean(each), "median": median(each), "min": min(each), "max": max(each)}


def worst(rows: Iterable[Row], name: str) -> Row:
    """The row in which an engine takes longest."""
    return max(rows, key=lambda row: row.seconds[name])
