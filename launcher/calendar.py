"""`sessionbeat import FILE.ics`: the entries of a calendar become plans.

Ends with status 0 when something came in or was there already; 1 when there were entries and all were refused; 2
when the file can't be read or is no calendar: then nothing is written.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import recurrence
from config import settings
from db import engine as database
from launcher import key, running
from services import calendar_import, calendar_text, keys, retry
from services.calendar_import import Imported
from services.calendar_text import BrokenCalendar


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser("import", help="make plans of the entries of a calendar (.ics)")
    parser.add_argument("file", type=Path, metavar="FILE.ics", help="the calendar (RFC 5545)")
    parser.add_argument("--tenant", default="Studio", metavar="NAME", type=key.tenant_name,
                        help="whose; made when it is not there (default: Studio)")  # fmt: skip
    parser.add_argument("--time-zone", default="UTC", metavar="ZONE", type=recurrence.check_zone,
                        help="of a tenant that is made, an IANA name (default: UTC)")  # fmt: skip
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="of the running `sessionbeat up`")
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Import the file and tell what was done. Raises NotRunning."""
    try:
        calendars = calendar_text.read(args.file.read_bytes())
    except (OSError, BrokenCalendar) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        print(f"sessionbeat: {args.file}: {reason}; nothing was imported", file=sys.stderr)
        return 2
    given = settings.load()
    engine = database.connect(running.database_url(args.data_dir))
    try:
        with database.transaction(engine) as (tx, now):
            tenant_id = keys.tenant_named(tx, args.tenant, now, args.time_zone).id
        done = retry.write(
            engine,
            tenant_id,
            lambda tx, _: calendar_import.hold(tx, tenant_id),
            lambda tx, _, now: calendar_import.import_calendars(tx, tenant_id, calendars, now, given),
        )
    finally:
        engine.dispose()
    print(json.dumps(asdict(done), ensure_ascii=False) if args.json else told(done))
    return 1 if done.refused and not done.plans and not done.unchanged else 0


def told(done: Imported) -> str:
    """What was done, for people: a line each for what came in, and for each entry that did not."""
    lines = [
        f"imported {counted(done.plans, 'plan')}, {counted(done.sessions_overridden, 'session')} changed on their own"
    ]
    if done.unchanged:
        lines.append(f"left alone {counted(done.unchanged, 'entry', 'entries')} that are there already")
    if done.refused:
        lines.append(f"not imported {counted(len(done.refused), 'entry', 'entries')}:")
    lines += [
        f"  line {one.line}: {one.title or '(untitled)'}: {one.reason} [{one.uid or 'no UID'}]" for one in done.refused
    ]
    return "\n".join(lines)


def counted(number: int, one: str, many: str = "") -> str:
    """A number and its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
