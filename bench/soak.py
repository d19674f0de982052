"""`bench soak`: a million transitions. Does a worker's memory grow?

Short sessions fall due in herds, live through all four steps, and the memory of both workers is looked at each second:
what each of their processes has for itself, and its part of what they share.
"""

import argparse
import sys
import time
from datetime import timedelta
from typing import Final

import psycopg

from bench import house, processes, report, stock
from bench.herd import due
from bench.report import Figure
from bench.stock import Due
from launcher.supervisor import Supervisor

TRANSITIONS: Final = 1_000_000
HERDS: Final = 10
APART_S: Final = 5.0
A_LIFE: Final = 2  # entries of the ledger: a start and an end
WATCHED: Final = ("worker", "bulk")
WARM: Final = 0.2  # of the work, from the first transition on: by then every part of the code has run
LOOK_EVERY_S: Final = 1.0
BEGINS_WITHIN_S: Final = 120.0

LEFT: Final = "SELECT count(*) FROM (SELECT FROM session WHERE next_step IS NOT NULL LIMIT 1) AS one"
BEGUN: Final = "SELECT count(*) FROM (SELECT FROM transition LIMIT 1) AS one"
DONE: Final = "SELECT count(*) FROM transition"


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--transitions", type=int, default=TRANSITIONS, metavar="N",
                        help=f"how many (default: {TRANSITIONS:,})")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Measures and prints."""
    plans = max(1, args.transitions // A_LIFE // HERDS)
    with house.standing() as where, where.sql() as sql:
        first = due.clock(sql) + timedelta(seconds=30)
        stock.fill(sql, plans, 0, [Due(first + timedelta(seconds=APART_S * n), 1, 1) for n in range(HERDS)], "1 second")
        with where.running(where.crew(), house.CONSUMERS) as keeper:
            seen = watch(sql, keeper)
        [[done]] = sql.execute(DONE).fetchall()
    figures = [figure for name in WATCHED for figure in of_worker(name, seen[name], done)]
    print(report.as_json("soak", figures, transitions=done, machine=report.machine(())) if args.json
          else report.as_table(figures))  # fmt: skip
    return 0


def watch(sql: psycopg.Connection, keeper: Supervisor) -> dict[str, list[float]]:
    """The memory of each worker (MB), look by look, from the first transition until everything is done."""
    print("measuring: memory", file=sys.stderr)
    house.wait_until(lambda: sql.execute(BEGUN).fetchall() == [(1,)], BEGINS_WITHIN_S)
    seen: dict[str, list[float]] = {name: [] for name in WATCHED}
    while sql.execute(LEFT).fetchall() != [(0,)]:
        for name in WATCHED:
            seen[name].append(processes.memory_mb(keeper.pids()[name]))
        time.sleep(LOOK_EVERY_S)
    return seen


def of_worker(name: str, seen: list[float], done: int) -> list[Figure]:
    """The most memory of a worker, and how much more it had in the end than when it was warm."""
    warm, end = seen[int(WARM * len(seen))], seen[-1]
    return [
        Figure(key=f"soak_{name}_mb", value=max(seen), least=200, ceiling=True, unit=" MB",
               words=f"{name}: the most over {done:,} transitions"),
        Figure(key=f"soak_{name}_growth_mb", value=end - warm, unit=" MB", words=f"{name}: at the end less when warm"),
    ]  # fmt: skip
