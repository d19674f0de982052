"""`sessionbeat key create|list|revoke`: keys for the API.

A key is told once, when it is made; its tenant is made when it is not there. A revoked key opens nothing from that
moment; it stays in the list, so that the ledger's actors can be looked up. With `--json` a line is one JSON object.
"""

import argparse
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session as Tx

import recurrence
from db import engine as database
from db.models import ApiKey, Role
from launcher import running
from launcher.errors import NoSuchKey
from services import changes, keys
from services.errors import InvalidField, NotFound

Lines = list[dict[str, Any]]


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    actions = subparsers.add_parser("key", help="keys of the API").add_subparsers(required=True, metavar="ACTION")
    create = _action(actions, "create", "make a key and print it", _create)
    create.add_argument("--role", choices=[role.value for role in Role], default=Role.VIEWER.value,
                        help="what the key may do (default: viewer); feed: read calendar feeds alone")  # fmt: skip
    create.add_argument(
        "--tenant", required=True, type=tenant_name, metavar="NAME", help="whose key; made when it is not there"
    )
    create.add_argument(
        "--time-zone", default="UTC", type=_zone, metavar="ZONE", help="of a tenant that is made (default: UTC)"
    )
    create.add_argument("--name", type=tenant_name, metavar="TEXT", help="what the key is used for")
    listing = _action(actions, "list", "every key: whose it is, what it may do, when it was last used", _list)
    listing.add_argument("--tenant", type=tenant_name, metavar="NAME", help="of this tenant alone")
    revoke = _action(actions, "revoke", "let a key open nothing any more", _revoke)
    revoke.add_argument("id", type=_id, metavar="ID", help="the key's id, as `key list` tells it")


def _action(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    text: str,
    journey: Callable[[Tx, datetime, argparse.Namespace], tuple[Lines, str]],
) -> argparse.ArgumentParser:
    """A parser of one action; what all have in common."""
    parser = actions.add_parser(name, help=text)
    parser.add_argument("--json", action="store_true", help="a JSON object a line")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="of the running `sessionbeat up`")
    parser.set_defaults(run=run, journey=journey)
    return parser


def run(args: argparse.Namespace) -> int:
    """Do the action and print what it tells. Raises NotRunning, NoSuchKey."""
    engine = database.connect(running.database_url(args.data_dir))
    try:
        with database.transaction(engine) as (tx, now):
            lines, text = args.journey(tx, now, args)
    finally:
        engine.dispose()
    print("\n".join(map(json.dumps, lines)) if args.json else text)
    return 0


def _create(tx: Tx, now: datetime, args: argparse.Namespace) -> tuple[Lines, str]:
    """A new key, alone on its line."""
    tenant = keys.tenant_named(tx, args.tenant, now, args.time_zone)
    made = keys.issue(tx, tenant.id, Role(args.role), now, args.name)
    changes.note(tx, tenant.id, changes.SYSTEM, "keys", [("create", str(made.row.id))])
    return [_told(made.row, tenant.name) | {"key": made.key}], made.key


def _list(tx: Tx, _: datetime, args: argparse.Namespace) -> tuple[Lines, str]:
    """All keys, in columns."""
    lines = [_told(row, tenant) for row, tenant in keys.of_tenants(tx, args.tenant)]
    shown = [{name: str(value or "-") for name, value in line.items()} for line in lines]
    titles = {name: name for name in _told(ApiKey(), "")}
    widths = {name: max(len(one[name]) for one in [titles, *shown]) for name in titles}
    rows = ["  ".join(one[name].ljust(widths[name]) for name in titles).rstrip() for one in [titles, *shown]]
    return lines, "\n".join(rows)


def _revoke(tx: Tx, now: datetime, args: argparse.Namespace) -> tuple[Lines, str]:
    """The key, as it is now."""
    try:
        row = keys.revoke(tx, args.id, now)
    except NotFound as error:
        raise NoSuchKey(args.id) from error
    changes.note(tx, row.tenant_id, changes.SYSTEM, "keys", [("delete", str(row.id))])
    return [_told(row, None)], f"revoked {row.id}"


def _told(row: ApiKey, tenant: str | None) -> dict[str, Any]:
    """What is told of a key; instants in UTC."""
    told: dict[str, Any] = {"id": str(row.id), "role": row.role}
    if tenant is not None:
        told["tenant"] = tenant
    told["name"] = row.name
    for title, instant in (("created", row.created_at), ("last_used", row.last_used_at), ("revoked", row.revoked_at)):
        told[title] = None if instant is None else f"{instant:%Y-%m-%dT%H:%M:%SZ}"
    return told


def tenant_name(text: str) -> str:
    """The name of a tenant, if it may have it."""
    try:
        return keys.check_name(text)
    except InvalidField as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _zone(text: str) -> str:
    try:
        recurrence.check_zone(text)
    except recurrence.ZoneError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"got {text[:60]!r}, expected the id of a key") from None
