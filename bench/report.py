"""What a bench found, as a table for people and as one JSON object for programs.

Every figure stands beside what it ought to be. Absolute times belong to the machine they were measured on; ratios of
one run may be quoted.
"""

import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

HEADINGS: Final = ("measure", "found", "at least", "aim", "what it is")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One result: `key` names it in JSON, `unit` is what follows the number ("x", " ms"), `words` say what it is.

    `least` and `aim` are what it ought to reach; with `ceiling` they are what it ought not to exceed. `parts` are
    further numbers of the same measure, each its own JSON key (`short_min`).
    """

    key: str
    value: float
    words: str
    unit: str = "x"
    least: float | None = None
    aim: float | None = None
    ceiling: bool = False
    parts: Mapping[str, float] | None = None


def as_json(name: str, figures: Iterable[Figure], **more: Any) -> str:
    """One object: the figures by key, then whatever else a bench tells."""
    told: dict[str, Any] = {"bench": name}
    for figure in figures:
        told[figure.key] = rounded(figure.value)
        told |= {key: rounded(value) for key, value in (figure.parts or {}).items()}
    return json.dumps(told | more, ensure_ascii=False)


def as_table(figures: Iterable[Figure]) -> str:
    """Lines of aligned columns; a figure that misses what it ought at least to be is marked with `!`."""
    rows = [
        (
            figure.key,
            number(figure.value, figure.unit) + mark(figure),
            bound(figure, figure.least),
            bound(figure, figure.aim),
            figure.words,
        )
        for figure in figures
    ]
    return "\n".join(aligned([HEADINGS, *rows]))


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines; the first and the last column to the left, numbers between them to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *middle, last in rows:
        cells = [cell.rjust(width) for cell, width in zip(middle, widths[1:-1], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells, last]).rstrip())
    return lines


def mark(figure: Figure) -> str:
    """`!` where a figure misses what it ought at least to be."""
    if figure.least is None:
        return " "
    missed = figure.value > figure.least if figure.ceiling else figure.value < figure.least
    return "!" if missed else " "


def bound(figure: Figure, value: float | None) -> str:
    """A target, as a table shows it."""
    if value is None:
        return ""
    return ("≤ " if figure.ceiling else "") + number(value, figure.unit)


def number(value: float, unit: str = "") -> str:
    """Three digits that count, thousands whole."""
    shown = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return shown + unit


def rounded(value: float) -> float:
    """Four digits that count: more would only be noise."""
    return float(f"{value:.4g}")


def machine(peers: Iterable[str]) -> dict[str, Any]:
    """What it was measured on: processors, system, Python, and the versions of the packages run beside us."""
    return {
        "cpus": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{peer: version(peer) for peer in peers},
    }
