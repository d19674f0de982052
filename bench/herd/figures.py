"""What was found, and what it ought to be."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

from bench.herd.due import Fallen
from bench.report import Figure, rounded

P99: Final = 99


@dataclass(slots=True, kw_only=True)
class Found:
    """Everything that was measured: each herd beside the limit measured after it (sessions a second)."""

    large: list[Fallen] = field(default_factory=list)
    limits: list[float] = field(default_factory=list)
    small: list[Fallen] = field(default_factory=list)
    alone: Fallen | None = None
    task_per_row: float | None = None

    def as_json(self) -> list[dict[str, Any]]:
        """Each herd in figures."""
        return [{**told("large", one), "limit_per_s": rounded(limit)}
                for one, limit in zip(self.large, self.limits, strict=True)] + [
            *(told("small", one) for one in self.small),
            *([told("alone", self.alone)] if self.alone else []),
        ]  # fmt: skip


def told(name: str, one: Fallen) -> dict[str, Any]:
    """One herd in figures."""
    late = {f"late_p{percent}_s": rounded(one.percentile(percent)) for percent in (50, P99)}
    return {"herd": name, "sessions": len(one.late_s), "per_s": rounded(one.rate()), **late,
            "late_max_s": rounded(one.late_s[-1])}  # fmt: skip


def figures_of(found: Found) -> list[Figure]:
    """All figures, in the order of the table: medians over the herds."""
    assert found.alone is not None
    assert found.task_per_row is not None
    rates = [one.rate() for one in found.large]
    size, small = len(found.large[0].late_s), len(found.small[0].late_s)
    shares = [rate / limit for rate, limit in zip(rates, found.limits, strict=True)]
    return [
        seconds("herd_late_p99_s", found.large, f"{size:,} due at one instant: lateness p99", 2, 1),
        Figure(key="herd_vs_limit", value=median(shares), words="their rows/s against the limit", unit="", least=0.25,
               aim=0.5, parts={"herd_per_s": median(rates), "limit_per_s": median(found.limits)}),
        seconds("herd10k_late_p99_s", found.small, f"{small:,} due at one instant: lateness p99", 0.3, 0.15),
        Figure(key="vs_task_per_row", value=median(rates) / found.task_per_row, words="rows/s against a task a session",
               least=40, aim=80, parts={"task_per_row_per_s": found.task_per_row}),
        Figure(key="single_late_p99_ms", value=1000 * found.alone.percentile(P99), unit=" ms", ceiling=True, least=50,
               aim=12, words=f"one alone, {len(found.alone.late_s):,} times: lateness p99",
               parts={"single_late_p50_ms": 1000 * found.alone.percentile(50)}),
    ]  # fmt: skip


def seconds(key: str, herds: Sequence[Fallen], words: str, least: float, aim: float) -> Figure:
    """The lateness that 99 of a hundred of a herd do not exceed."""
    middle = {key.replace("p99", "p50"): median(one.percentile(50) for one in herds)}
    value = median(one.percentile(P99) for one in herds)
    return Figure(key=key, value=value, words=words, unit=" s", least=least, aim=aim, ceiling=True, parts=middle)
