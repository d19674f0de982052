"""`sessionbeat rezone`: compute again what an older edition of tzdata gave; the workers do the same by themselves.

Prints a line for each session that moves: plan, recurrence id, old start, new start (UTC), and what it would clash
with. With `--dry-run` nothing else is done. Ends with status 0 when every session keeps its place or nothing had to
be done; 3 when some lose theirs or a plan was set aside; 1 when the installed edition is older than the one that
plans were computed with: then they are left alone.
"""

import argparse
import sys
from datetime import datetime, timedelta
from pathlib import Path

import recurrence
from config import logs, settings
from db import editions
from db import engine as database
from launcher import running
from services import identity, rezone, rezone_preview
from services.rezone_preview import Broken, Moving

LOSSES = 3
BACKWARDS = 1
NO_HURRY = timedelta(days=1)


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser(
        "rezone", help="move what a new edition of the time zones moves", description=__doc__
    )
    parser.add_argument("--dry-run", action="store_true", help="only print what would move")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="of the running `sessionbeat up`")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print what moves, and move it unless it is a dry run. Raises NotRunning."""
    chosen = settings.load()
    logs.configure(chosen.log_level, chosen.log_format)
    engine = database.connect(running.database_url(args.data_dir))
    try:
        with database.transaction(engine) as (tx, now):
            newest = editions.in_use(tx).newest
            found = list(rezone_preview.preview(tx, now))
        losses = sum(map(told, found))
        if not args.dry_run:
            done = rezone.drain(engine, NO_HURRY)
            print(", ".join(f"{name.replace('_', ' ')} {count}" for name, count in done.items()) or "nothing to do")
    finally:
        engine.dispose()
    installed = recurrence.tzdata_version()
    if newest is not None and newest > installed:
        print(
            f"sessionbeat: tzdata {installed} is installed, and plans were computed with {newest}: they are left alone",
            file=sys.stderr,
        )
        return BACKWARDS
    return LOSSES if losses else 0


def told(one: Moving | Broken) -> bool:
    """Print a line; whether something is lost."""
    if isinstance(one, Broken):
        print(f"{one.series_id}  set aside: {one.reason}")
        return True
    words = [str(one.series_id), one.recurrence_id.isoformat(), stamp(one.was_at), stamp(one.starts_at)]
    if one.was_at is None:
        words.append("new")
    if one.starts_at is None:
        words.append("given up: its rule has it no more")
    if one.clashes:
        others = ", ".join(identity.format_id(key.series_id, key.recurrence_id) for key in one.clashes)
        words.append(f"clashes with {others}")
    print("  ".join(words))
    return bool(one.clashes)


def stamp(instant: datetime | None) -> str:
    """An instant in UTC, with its Z; a dash for none."""
    return "-" if instant is None else f"{instant:%Y-%m-%dT%H:%M:%SZ}"
