"""`bench idle`: what it costs to wait, with a million sessions ahead and nothing due."""

import argparse
import sys
import time
from typing import Final

from bench import house, processes, report, stock
from bench.report import Figure

ROWS: Final = 1_000_000
AHEAD: Final = 10  # of them that each plan has
SETTLES_S: Final = 20.0  # whoever starts is not idle yet
WATCHED_S: Final = 120.0


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options."""
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--rows", type=int, default=ROWS, metavar="N", help=f"sessions ahead (default: {ROWS:,})")
    parser.add_argument("--seconds", type=float, default=WATCHED_S, metavar="S",
                        help=f"how long to watch (default: {WATCHED_S:g})")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Measures and prints."""
    with house.standing() as where, where.sql() as sql:
        print("measuring: storing", file=sys.stderr)
        stock.fill(sql, max(1, args.rows // AHEAD), AHEAD, [])
        with where.running(where.crew(), house.CONSUMERS) as keeper:
            time.sleep(SETTLES_S)
            print("measuring: waiting", file=sys.stderr)
            shares = watch(keeper.pids(), args.seconds)
    figure = Figure(key="idle_cpu_pct", value=sum(shares.values()), unit=" %", least=1.5, aim=0.8, ceiling=True,
                    words="of a core: beat, lifeline and both workers, nothing due",
                    parts={f"idle_{name}_pct": share for name, share in shares.items()})  # fmt: skip
    print(report.as_json("idle", [figure], machine=report.machine(())) if args.json else report.as_table([figure]))
    return 0


def watch(pids: dict[str, int], seconds: float) -> dict[str, float]:
    """The share of a core that each of these families takes (percent)."""
    began, before = time.perf_counter(), {name: processes.cpu_s([pid]) for name, pid in pids.items()}
    time.sleep(seconds)
    took_s = time.perf_counter() - began
    return {name: 100 * (processes.cpu_s([pid]) - before[name]) / took_s for name, pid in pids.items()}
