"""The command: every measure in turn, then tables or one JSON object.

What is measured is compared with dateutil first. Two answers to one question end the run with status 1.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from bench import report
from bench.expand import caches, engines, hostile, memory, never, room, speed
from bench.expand.agreement import Disagreement
from bench.expand.figures import figures_of
from bench.expand.row import Row

Measure = Callable[[], list[Row]]
MEASURES: Final[Sequence[Measure]] = (
    speed.short,
    speed.old,
    speed.mixed,
    speed.far,
    speed.iterate,
    speed.age,
    never.never,
    room.clash,
    hostile.hostile,
    memory.lazy,
)


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")


def run(args: argparse.Namespace) -> int:
    """Measures and prints; 0, or 1 with a line on stderr when two answers differ."""
    rows: list[Row] = []
    try:
        for measure in MEASURES:
            print(f"measuring: {measure.__name__}", file=sys.stderr)
            rows += measure()
    except Disagreement as error:
        print(f"sessionbeat: {error}", file=sys.stderr)
        return 1
    print(as_json(rows) if args.json else as_text(rows))
    return 0


def as_json(rows: Iterable[Row]) -> str:
    """Everything as one object."""
    rows = list(rows)
    return report.as_json(
        "expand",
        figures_of(rows),
        rows=[row.as_json() for row in rows],
        calls=engines.CALLS,
        remembered=caches.remembered(),
        machine=report.machine(engines.PEERS),
    )


def as_text(rows: Iterable[Row]) -> str:
    """Everything as tables."""
    rows = list(rows)
    kept = ", ".join(caches.remembered()) or "nothing"
    machine = ", ".join(f"{name} {value}" for name, value in report.machine(engines.PEERS).items())
    calls = [f"{name}: {call}" for name, call in engines.CALLS.items()]
    lines = [*tables(rows), report.as_table(figures_of(rows)), "", *calls, f"kept from plan to plan: {kept}", machine]
    return "\n".join(lines)


def tables(rows: Iterable[Row]) -> Iterator[str]:
    """The lines of one table a measure: microseconds of every engine."""
    for measure, found in groupby(rows, key=lambda row: row.measure):
        group = list(found)
        engine_names = list(group[0].seconds)
        heads = [measure, *(f"{name} µs" for name in engine_names), "MB", "sessions"]
        yield from report.aligned([heads, *(cells(row, engine_names) for row in group)])
        yield ""


def cells(row: Row, engine_names: Iterable[str]) -> list[str]:
    """One row of a table."""
    times = [report.number(1e6 * row.seconds[name]) for name in engine_names]
    peak = row.megabytes.get("peak")
    return [row.rule, *times, "" if peak is None else report.number(peak), f"{row.sessions or ''}"]
