"""`sessionbeat migrate`: bring the database to the schema of this code; the release step of a deployment."""

import argparse
from pathlib import Path

from db import engine as database
from db import migrate
from launcher import running


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser("migrate", help="bring the database to this version's schema")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="of the running `sessionbeat up`")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Migrate up; doing it again changes nothing. Raises NotRunning."""
    engine = database.connect(running.database_url(args.data_dir))
    try:
        migrate.upgrade(engine)
    finally:
        engine.dispose()
    return 0
