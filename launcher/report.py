"""`sessionbeat report attendance|completion`: who came, and was it complete, as the API tells it.

A table unless `--json` or `--csv` is asked for; the total stands in the last line of the table. Dates and local times
are read in the time zone of the tenant.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import datetime, time
from fractions import Fraction
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session as Tx

import recurrence
from api_stub import report_answer, report_query
from api_stub.report_answer import ATTENDANCE, COMPLETION
from db import engine as database
from db.models import Tenant
from launcher import running
from launcher.errors import Unusable
from services import reports
from services.errors import InvalidField
from services.reports import By, Question, Report, Scope

IDS: Final = ("user", "series", "routine", "program", "timeline", "subject", "space", "instructor")
EMPTY: Final = "-"
WRONG: Final = 2  # exit status of a question that can't be answered


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser("report", help="who came, and was it complete", description=__doc__)
    parser.add_argument("kind", choices=(ATTENDANCE, COMPLETION), help="what is told")
    parser.add_argument("--by", choices=[by.value for by in By], default=By.PERSON.value, help="default: person")
    parser.add_argument("--from", dest="since", metavar="TIME", help="planned start from then on: a date or a time")
    parser.add_argument("--to", dest="until", metavar="TIME", help="planned start before then")
    for name in IDS:
        parser.add_argument(f"--{name}", type=_id, metavar="ID", help=f"of this {name} alone")
    parser.add_argument("--pass-mark", type=_mark, metavar="PART", help="the rate that is enough, like 0.8; by person")
    parser.add_argument("--drop-lowest", type=_count, default=0, metavar="N", help="leave the worst N out; by person")
    parser.add_argument("--tenant", metavar="NAME", help="whose; needed where there are several")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="of the running `sessionbeat up`")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object")
    form.add_argument("--csv", action="store_true", help="CSV, without the total")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the report; 2 for one that can't be asked. Raises NotRunning, Unusable."""
    engine = database.connect(running.database_url(args.data_dir))
    try:
        with database.transaction(engine) as (tx, _):
            tenant = tenant_of(tx, args.tenant)
        with database.transaction(engine, tenant.id) as (tx, now):
            question = question_of(args, tenant.time_zone)
            found = reports.run(tx, tenant.id, question, now)
    except (InvalidField, recurrence.RecurrenceError) as error:
        print(f"sessionbeat: {error}", file=sys.stderr)
        return WRONG
    finally:
        engine.dispose()
    print(shown(args, question.by, found))
    return 0


def tenant_of(tx: Tx, name: str | None) -> Tenant:
    """The tenant of this name, or the only one. Raises Unusable."""
    found = tx.scalars(select(Tenant).where(Tenant.name == name) if name else select(Tenant).limit(2)).all()
    if len(found) == 1:
        return found[0]
    if name:
        raise Unusable(f"there is no tenant {name!r}")
    raise Unusable("there are several tenants: name one by --tenant" if found else "there is no tenant yet")


def question_of(args: argparse.Namespace, zone: str) -> Question:
    """What is asked. Raises RecurrenceError for a time that is none."""
    return Question(
        by=By(args.by),
        scope=Scope(
            since=instant(args.since, zone, "--from"),
            until=instant(args.until, zone, "--to"),
            **{f"{name}_id": getattr(args, name) for name in IDS},
        ),
        mark=args.pass_mark,
        drop_lowest=args.drop_lowest,
        records=args.kind == COMPLETION,
    )


def instant(text: str | None, zone: str, part: str) -> datetime | None:
    """An instant; a date or a local time is read in the zone. Raises RecurrenceError."""
    if text is None:
        return None
    moment = recurrence.parse_moment(text, part=part)
    if isinstance(moment, recurrence.Period):
        raise recurrence.RecurrenceError(part, text, "one date or time")
    wall = moment if isinstance(moment, datetime) else datetime.combine(moment, time.min)
    return wall if wall.tzinfo is not None else recurrence.localize(wall, zone)


def shown(args: argparse.Namespace, by: By, report: Report) -> str:
    """The report in the form that was asked for."""
    if args.csv:
        return report_answer.as_csv(args.kind, by, report).rstrip("\r\n")
    if args.json:
        return json.dumps(report_answer.body(args.kind, by, report), ensure_ascii=False)
    rows = [report_answer.of_row(args.kind, by, row) for row in report.rows]
    total = report_answer.body(args.kind, by, Report(rows=[], total=report.total, next=None))["total"]
    return table([*rows, total | {"name": "total"}])


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as aligned columns: the name first, no ids, and no column that nothing stands in."""
    names = [name for name in rows[0] if name != "id" and any(row[name] is not None for row in rows)]
    cells = [names, *([cell(name, row[name]) for name in names] for row in rows)]
    widths = [max(len(line[place]) for line in cells) for place in range(len(names))]
    lines = [
        "  ".join(
            [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        )
        for line in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


def cell(name: str, value: Any) -> str:
    """A value for people: rates in per cent."""
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name.endswith("Rate") or name == "progress":
        return f"{value:.1%}"
    return f"{value:g}" if isinstance(value, float) and value < 1e6 else str(value)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"got {text[:60]!r}, expected an id") from None


def _mark(text: str) -> Fraction:
    try:
        return report_query.read_mark(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) > report_query.MOST_DROPPED:
        raise argparse.ArgumentTypeError(
            f"got {text[:60]!r}, expected a whole number, at most {report_query.MOST_DROPPED}"
        )
    return int(text)
