"""`sessionbeat key create`: a key for the API, of a tenant that is made when it is not there."""

import argparse
from pathlib import Path

import recurrence
from db import engine as database
from db.models import Role
from launcher import running
from services import keys
from services.errors import InvalidField


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser("key", help="keys of the API")
    create = parser.add_subparsers(required=True, metavar="ACTION").add_parser("create", help="make a key and print it")
    create.add_argument("--role", choices=[role.value for role in Role], default=Role.VIEWER.value,
                        help="what the key may do (default: viewer)")  # fmt: skip
    create.add_argument(
        "--tenant", required=True, type=tenant_name, metavar="NAME", help="whose key; made when it is not there"
    )
    create.add_argument(
        "--time-zone", default="UTC", type=_zone, metavar="ZONE", help="of a tenant that is made (default: UTC)"
    )
    create.add_argument("--data-dir", type=Path, metavar="DIR", help="of the running `sessionbeat up`")
    create.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print a new key, alone on its line. Raises NotRunning."""
    engine = database.connect(running.database_url(args.data_dir))
    try:
        with database.transaction(engine) as (tx, now):
            print(keys.create(tx, args.tenant, Role(args.role), now, args.time_zone))
    finally:
        engine.dispose()
    return 0


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
