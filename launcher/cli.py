"""The `sessionbeat` command: one module of this package a subcommand.

Each has `register(subparsers)`, which adds it, and `run(args)`, which does it and answers the exit status.
What goes wrong is told in one line on standard error: status 2 when the request itself was wrong, 1 when it
could not be done.
"""

import argparse
import signal
import sys

from sqlalchemy.exc import DBAPIError

from config.settings import SettingsError
from launcher import calendar, health, key, migrate, preview, up
from launcher.errors import LaunchError

COMMANDS = (up, preview, calendar, key, migrate, health)


def main(argv: list[str] | None = None) -> int:
    """Do what the command line says; answers the exit status."""
    parser = argparse.ArgumentParser(
        prog="sessionbeat", description="A plan becomes sessions that start and end on time."
    )
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.register(subparsers)
    args = parser.parse_args(argv)
    try:
        return int(args.run(args))
    except SettingsError as error:
        return _tell(error, 2)
    except LaunchError as error:
        return _tell(error, 1)
    except DBAPIError as error:
        return _tell(error.orig or error, 1)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _tell(error: BaseException, status: int) -> int:
    print(f"sessionbeat: {' '.join(str(error).split())}", file=sys.stderr)
    return status
