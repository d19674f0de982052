"""`bench growth`: a herd among ten times as many stored sessions. Nothing of it may take longer.

What grows is the past: the same plans, nine of ten stored sessions long over, with their ledger. With `--plans` there
are ten times as many plans instead, and everything lies ahead: then each session of the herd lies on a page of its own,
which PostgreSQL writes out whole the first time it is touched after a checkpoint.
"""

import argparse
import sys
import time
from datetime import timedelta
from statistics import median
from typing import Final

from bench import house, report, stock
from bench.herd import due
from bench.report import Figure

ROWS: Final = 1_000_000
TIMES: Final = 10
AHEAD: Final = 10  # sessions of a plan that lie ahead; with TIMES as many plans, each TIMES-th is in the herd
TURNS: Final = {1: 3, TIMES: 2}


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N",
                        help=f"sessions at first; a tenth as many make the herd (default: {ROWS:,})")  # fmt: skip
    parser.add_argument("--plans", action="store_true", help="ten times as many plans instead of a long past")


def run(args: argparse.Namespace) -> int:
    """Measures and prints."""
    herd = max(100, args.rows // AHEAD)
    rates: dict[int, list[float]] = {}
    with house.standing() as where, where.sql() as sql:
        began = time.monotonic()
        stock.fill(sql, herd, AHEAD, [stock.Due(due.clock(sql) + timedelta(days=1), 1, 1)])
        takes_s = 1.8 * (time.monotonic() - began)
        with where.running(where.crew(), house.CONSUMERS):
            for times, turns in TURNS.items():
                for _ in range(turns):
                    print(f"measuring: {herd:,} of {times * args.rows:,}", file=sys.stderr)
                    plans, behind = (times * herd, 0) if args.plans else (herd, (times - 1) * AHEAD)
                    [fallen] = due.herds(sql, plans, AHEAD, [herd], times * takes_s + due.LEAD_S, behind)
                    rates.setdefault(times, []).append(fallen.rate())
    small, large = median(rates[1]), median(rates[TIMES])
    figure = Figure(key="growth_10m", value=large / small, least=0.8, aim=0.95, unit="",
                    words=f"rows/s of a herd of {herd:,} at {TIMES * args.rows:,} stored sessions / at {args.rows:,}",
                    parts={"herd_per_s": small, "herd_10m_per_s": large})  # fmt: skip
    print(report.as_json("growth", [figure], machine=report.machine(())) if args.json else report.as_table([figure]))
    return 0
