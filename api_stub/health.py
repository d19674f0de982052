"""`/healthz`: this process answers. `/readyz`: the whole house can do its work.

Ready means: the database answers, its schema is the newest, and somebody sees to it that due sessions move: beat and a
worker of the transitions, or the lifeline. The answer names each dependency and how it is, also those that the house
does without for a while: without the bulk worker, say, rows still reach weeks ahead.
"""

from datetime import timedelta

from flask import Response
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api_stub import answer, door
from api_stub.errors import NotReady
from db import engine as database
from db import revision
from services import alive, heartbeat

OK = "ok"
UNKNOWN = "unknown"
MOVERS = (("lifeline",), ("beat", "transitions"))
"""Processes that together see to it that due sessions move: one line of them is enough."""


def register(app: OpenAPI) -> None:
    """Give `app` the two calls."""
    app.get("/healthz", endpoint="healthz", doc_ui=False)(healthz)
    app.get("/readyz", endpoint="readyz", doc_ui=False)(readyz)


def healthz() -> Response:
    """This process answers."""
    return answer.done({"status": "ok"})


def readyz() -> Response:
    """The whole house can do its work. Raises NotReady with what is missing."""
    found = dependencies()
    missing = lacking(found)
    if missing:
        raise NotReady(missing, found)
    return answer.done({"status": "ready", "dependencies": found})


def dependencies() -> dict[str, str]:
    """How each dependency is; what can't be asked because an earlier one is missing is unknown."""
    found = dict.fromkeys(("database", "migrations", *alive.KINDS), UNKNOWN)
    engine = door.current().engine
    try:
        tx, is_current = database.begin(
            engine, lambda tx: revision.is_current(lambda statement: tx.scalar(text(statement)))
        )
        tx.close()
        found["migrations"] = OK if is_current else "not the newest"
        found["database"] = OK
        if found["migrations"] == OK:
            with database.transaction(engine) as (tx, now):
                found |= {kind: told(age) for kind, age in heartbeat.ages(tx, now).items()}
    except (DBAPIError, PoolTimeout):
        found["database"] = "does not answer"
    return found


def told(age: timedelta | None) -> str:
    """How a process is that was seen so long ago."""
    if age is None:
        return "never seen"
    return OK if alive.is_alive(age) else f"last seen {age.total_seconds():.0f} s ago"


def lacking(found: dict[str, str]) -> list[str]:
    """What is missing for the house to do its work."""
    missing = [name for name in ("database", "migrations") if found[name] not in (OK, UNKNOWN)]
    if not missing and not any(all(found[name] == OK for name in line) for line in MOVERS):
        missing.append("heartbeat of the lifeline, or of beat and a transitions worker")
    return missing
