"""The `sessionbeat` command: one module of this package a subcommand. Only the one that is asked for is loaded, so
that `up` does not wait for what the others need; the help and a wrong command load all.

Each has `register(subparsers)`, which adds it, and `run(args)`, which does it and answers the exit status.
What goes wrong is told in one line on standard error: status 2 when the request itself was wrong, 1 when it
could not be done. A reader of standard output who goes away (`| head`) ends a command without a word, with the status
that the shell gives to a program which SIGPIPE ended.
"""

import importlib
import signal
import sys

from config.address import SettingsError
from launcher import progress
from launcher.errors import LaunchError
from launcher.parser import Parser

MODULES = {
    "up": "launcher.up",
    "preview": "launcher.preview",
    "import": "launcher.calendar",
    "key": "launcher.key",
    "migrate": "launcher.migrate",
    "report": "launcher.report",
    "rezone": "launcher.rezone",
    "health": "launcher.health",
    "bench": "launcher.bench",
}


def main(argv: list[str] | None = None) -> int:
    """Do what the command line says; answers the exit status."""
    try:
        try:
            return _obey(sys.argv[1:] if argv is None else argv)
        finally:
            print(end="", flush=True)  # here, not when the interpreter ends, where nobody could catch what goes wrong
    except BrokenPipeError:
        progress.speak_to_nobody()
        return 128 + signal.SIGPIPE


def _obey(words: list[str]) -> int:
    """Read the words and run their command; answers the exit status."""
    parser = Parser(prog="sessionbeat", description="A plan becomes sessions that start and end on time.")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in words[:1] if words[:1] and words[0] in MODULES else MODULES:
        importlib.import_module(MODULES[command]).register(subparsers)
    args = parser.parse_args(words)
    try:
        return int(args.run(args))
    except SettingsError as error:
        return _tell(error, 2)
    except LaunchError as error:
        return _tell(error, 1)
    except _database_errors() as error:
        return _tell(getattr(error, "orig", None) or error, 1)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _database_errors() -> tuple[type[BaseException], ...]:
    """What SQLAlchemy and psycopg raise, if anybody loaded them: `up` starts its servers before."""
    loaded = (
        (sys.modules.get(module), name) for module, name in (("sqlalchemy.exc", "DBAPIError"), ("psycopg", "Error"))
    )
    return tuple(getattr(module, name) for module, name in loaded if module is not None)


def _tell(error: BaseException, status: int) -> int:
    print(f"sessionbeat: {' '.join(str(error).split())}", file=sys.stderr)
    return status
