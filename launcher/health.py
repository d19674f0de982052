"""`sessionbeat health NAME`: whether a process of this machine was seen lately; the health check of its container.

It is asked each few seconds, so it loads neither the tables nor the settings: half a core went into that.
"""

import argparse
from pathlib import Path

from config import process_name
from db import line
from launcher import running
from services import alive


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    lately = alive.LATELY.seconds
    parser = subparsers.add_parser("health", help=f"whether a process was seen in the last {lately} seconds")
    parser.add_argument("name", choices=alive.KINDS, help="which process of this machine")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="of the running `sessionbeat up`")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say when it was seen; status 0 when that is lately, else 1. Raises NotRunning."""
    name = process_name.of_kind(args.name)
    age = line.seen_ago(running.database_url(args.data_dir), name)
    print(f"{name}: never seen" if age is None else f"{name}: seen {age.total_seconds():.1f} s ago")
    return 0 if alive.is_alive(age) else 1
