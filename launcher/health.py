"""`sessionbeat health NAME`: whether a process of this machine was seen lately; the health check of its container."""

import argparse
from pathlib import Path

from config import process_name
from db import engine as database
from launcher import running
from services import heartbeat


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    lately = heartbeat.LATELY.seconds
    parser = subparsers.add_parser("health", help=f"whether a process was seen in the last {lately} seconds")
    parser.add_argument("name", choices=heartbeat.KINDS, help="which process of this machine")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="of the running `sessionbeat up`")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say when it was seen; status 0 when that is lately, else 1. Raises NotRunning."""
    name = process_name.of_kind(args.name)
    engine = database.connect(running.database_url(args.data_dir), pool_size=1)
    try:
        with database.transaction(engine) as (tx, now):
            seen_at = heartbeat.latest(tx).get(name)
    finally:
        engine.dispose()
    age = None if seen_at is None else now - seen_at
    print(f"{name}: never seen" if age is None else f"{name}: seen {age.total_seconds():.1f} s ago")
    return 0 if heartbeat.is_alive(age) else 1
