"""`sessionbeat bench NAME`: measures, and prints what was found beside what ought to be.

What others need to run beside us is installed with the development dependencies; without them there is one line that
says so. A bench is a module of `bench/`, loaded when it is asked for. One that says `NEEDS_POSTGRES` is handed
the address of a server that is started for it and gone afterwards: `bench/` is below `launcher/`, and starts none.
"""

import argparse
import importlib
from typing import Final

from launcher import throw_away
from launcher.errors import Unusable
from launcher.parser import Parser

BENCHES: Final = {
    "expand": "how fast plans become sessions, beside dateutil and recurring-ical-events",
    "materialize": "how fast plans become rows, beside a COPY of the same rows",
    "herd": "how late sessions start that fall due together, beside the database's limit and a task for each",
    "api": "the API over HTTP, beside handlers written by hand and with an ORM",
    "people": "classes of twenty that end together, marks in bulk, a check-in, a person's report",
    "idle": "what it costs to wait with a million sessions ahead",
    "growth": "a herd among ten million sessions, beside one among a million",
    "soak": "the memory of the workers over a million transitions",
}


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Adds the command to the command line."""
    told = "\n".join(f"  {name:12}{words}" for name, words in BENCHES.items())
    parser = subparsers.add_parser(
        "bench",
        help="measure",
        description=f"Measurements:\n{told}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", choices=BENCHES, metavar="NAME", help="which one")
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="…", help="its options: NAME --help")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measures; the exit status is that of the bench. Raises Unusable when a package is missing."""
    try:
        bench = importlib.import_module(f"bench.{args.name}")
    except ModuleNotFoundError as error:
        raise Unusable(
            f"{error.name} is not installed; a bench needs the development dependencies: pip install 'sessionbeat[dev]'"
        ) from error
    parser = Parser(prog=f"sessionbeat bench {args.name}", description=bench.__doc__)
    bench.register(parser)
    asked = parser.parse_args(args.words)
    if not getattr(bench, "NEEDS_POSTGRES", False):
        return int(bench.run(asked))
    with throw_away.postgres() as url:
        return int(bench.run(asked, url))
