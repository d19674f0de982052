"""`sessionbeat health NAME`: whether a process without a port was seen lately; the health check of its container."""

import argparse
from datetime import timedelta
from pathlib import Path

from db import engine as database
from launcher import running
from services import heartbeat

LATELY = timedelta(seconds=10)


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser("health", help="whether beat or lifeline was seen in the last ten seconds")
    parser.add_argument("name", choices=["beat", "lifeline"], help="which process")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="of the running `sessionbeat up`")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say when it was seen; status 0 when that is lately, else 1. Raises NotRunning."""
    engine = database.connect(running.database_url(args.data_dir), pool_size=1)
    try:
        with database.transaction(engine) as (tx, now):
            seen_at = heartbeat.latest(tx).get(args.name)
    finally:
        engine.dispose()
    if seen_at is None:
        print(f"{args.name}: never seen")
        return 1
    age = now - seen_at
    print(f"{args.name}: seen {age.total_seconds():.1f} s ago")
    return 0 if age <= LATELY else 1
