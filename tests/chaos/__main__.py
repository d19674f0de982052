"""`make chaos`: everything is killed, again and again, while sessions have to start and end on time."""

import argparse
import secrets
import signal
import sys
from pathlib import Path

from launcher.progress import say
from tests.chaos import report, run, selftest, table
from tests.chaos.run import Result
from tests.chaos.scenarios import BY_NAME, TABLE

SHORTEST = 12  # seconds of load in which something can happen


def main() -> int:
    """Run what was asked for; answers 1 when an invariant did not hold."""
    args = parsed()
    if args.list:
        for scenario in TABLE:
            say(f"{scenario.name:22} {scenario.what}")
        return 0
    if args.self_test:
        return selftest.judge()
    if args.table:
        say(table.table(args.table))
        return 0
    seed = secrets.randbelow(1_000_000) if args.seed is None else args.seed
    results: list[Result] = []
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever is asked to end tells what was seen so far
    try:
        for name in args.faults or BY_NAME:
            sys.stderr.write(f"seed {seed}: {name} …\n")
            seconds = args.seconds or BY_NAME[name].seconds
            results.append(
                run.run(BY_NAME[name], seed, seconds, args.points, args.keep and args.keep / f"{name}-{seed}")
            )
            if not args.json:
                say(report.told(results[-1]))
    except KeyboardInterrupt:
        sys.stderr.write("interrupted: the scenario that ran is not told\n")
        return told(results, args.json) or 1
    return told(results, args.json)


def told(results: list[Result], as_json: bool) -> int:
    """Print what was seen, if it is to be JSON; answers 1 when an invariant did not hold."""
    if as_json:
        say(report.as_json(results))
    return int(any(result.violations for result in results))


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="what everything follows from (default: a new one, which is printed)")
    parser.add_argument(
        "--seconds", type=at_least, help=f"of load in each scenario, {SHORTEST} or more (default: 60 or 70)"
    )
    parser.add_argument("--faults", type=chosen, help="names of scenarios, with commas (default: all)")
    parser.add_argument("--points", metavar="PATTERNS", help="fault points that kill (default: the scenario's)")
    parser.add_argument("--self-test", action="store_true", help="take away what keeps the promises: must be seen")
    parser.add_argument("--list", action="store_true", help="list the scenarios")
    parser.add_argument("--table", type=Path, nargs="+", metavar="FILE", help="show what --json printed as a table")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave logs and journals there")
    return parser.parse_args()


def at_least(text: str) -> int:
    """A length of the load (seconds)."""
    if not text.isdigit() or int(text) < SHORTEST:
        raise argparse.ArgumentTypeError(f"got {text!r}, expected {SHORTEST} or more")
    return int(text)


def chosen(text: str) -> list[str]:
    """Names of scenarios."""
    names = text.split(",")
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        raise argparse.ArgumentTypeError(f"got {', '.join(unknown)}, expected names that --list tells")
    return names


if __name__ == "__main__":
    sys.exit(main())
