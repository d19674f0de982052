"""Runs one of our programs so that it dies at its fault points: before and after each statement, commit and publish.

SESSIONBEAT_FAULT are patterns of points with commas (`*`: all, `*:after:commit:*`: those, `*,!*heartbeat*`: all but
those that the last one means), SESSIONBEAT_FAULT_NAME is the program's name, SESSIONBEAT_FAULT_DIR a folder; while a
file `armed` lies in it, points kill. Whichever process of the program reaches a point first leaves a file of the
point's name there and kills itself (SIGKILL, at once); a point kills only once, so that the program gets on to the
next. A point is named for who does what: `worker1:before:update-session-START`,
`worker1:after:commit:update-session-START`, `beat1:before:publish:sessions.start`.

The hooks are put on SQLAlchemy's and Celery's own events, so the program itself knows nothing of it.
Called as `python -m tests.chaos.doomed MODULE ARGUMENTS…` in place of `python -m MODULE ARGUMENTS…`.
"""

import fnmatch
import os
import re
import runpy
import signal
import sys
from pathlib import Path
from typing import Any

from celery.signals import after_task_publish, before_task_publish
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

ARMED = "armed"
PATTERNS = os.environ.get("SESSIONBEAT_FAULT", "").split(",")
NAME = os.environ.get("SESSIONBEAT_FAULT_NAME", "")
LOCKING = re.compile(r"\bFOR (NO KEY )?UPDATE\b")
TABLE = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM|FROM)\s+(\w+)")
VERBS = {"INSERT INTO": "insert", "UPDATE": "update", "DELETE FROM": "delete", "FROM": "select"}
WRITES = ("UPDATE", "INSERT INTO", "DELETE FROM")
CLEAN = re.compile(r"[^A-Za-z0-9:_.-]")

wrote: dict[int, str] = {}
"""What each open transaction wrote first, by its connection; what was committed last stands under 0."""


def reach(point: str) -> None:
    """Die here, if this point is meant and nobody died at it yet."""
    point = f"{NAME}:{point}"
    folder = Path(os.environ["SESSIONBEAT_FAULT_DIR"])
    if not is_meant(point) or not (folder / ARMED).exists():
        return
    file = folder / CLEAN.sub("", point)
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def is_meant(point: str) -> bool:
    """Whether the patterns mean this point."""
    left_out = [pattern.removeprefix("!") for pattern in PATTERNS if pattern.startswith("!")]
    if any(fnmatch.fnmatchcase(point, pattern) for pattern in left_out):
        return False
    return any(fnmatch.fnmatchcase(point, pattern) for pattern in PATTERNS)


def label(statement: str, parameters: Any) -> str:
    """What a statement does, in a few words: its verb, its first table, and the step it is about."""
    found = TABLE.findall(LOCKING.sub("", statement))
    writing = [one for one in found if one[0] in WRITES]
    verb, table = (writing or found or [("FROM", "nothing")])[0]
    step = parameters.get("step") if isinstance(parameters, dict) else None
    return f"{VERBS[verb]}-{table}" + (f"-{step}" if step else "")


def before_statement(_c: Any, _u: Any, statement: str, parameters: Any, _x: Any, _m: Any) -> None:
    """A statement is about to be sent."""
    reach(f"before:{label(statement, parameters)}")


def after_statement(connection: Any, cursor: Any, statement: str, parameters: Any, _x: Any, _m: Any) -> None:
    """The server has answered a statement; what wrote or claimed no row is no point of its own."""
    name = label(statement, parameters)
    if cursor.rowcount > 0:
        if not name.startswith("select"):
            wrote.setdefault(id(connection), name)
        reach(f"after:{name}")


def before_commit(connection: Any) -> None:
    """A transaction is about to be committed."""
    wrote[0] = wrote.pop(id(connection), "nothing")
    reach(f"before:commit:{wrote[0]}")


def after_rollback(connection: Any) -> None:
    """A transaction was given up: the next one on this connection begins anew."""
    wrote.pop(id(connection), None)


def after_commit(_: Any) -> None:
    """A transaction was committed."""
    reach(f"after:commit:{wrote.get(0, 'nothing')}")


def before_publish(sender: str = "", **_: Any) -> None:
    """A hint is about to be sent."""
    reach(f"before:publish:{sender}")


def after_publish(sender: str = "", **_: Any) -> None:
    """A hint was sent."""
    reach(f"after:publish:{sender}")


def main() -> None:
    """Put the hooks on and become the program."""
    event.listen(Engine, "before_cursor_execute", before_statement)
    event.listen(Engine, "after_cursor_execute", after_statement)
    event.listen(Engine, "commit", before_commit)
    event.listen(Engine, "rollback", after_rollback)
    event.listen(Session, "after_commit", after_commit)
    before_task_publish.connect(before_publish)
    after_task_publish.connect(after_publish)
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
