"""`/healthz`: this process answers. `/readyz`: the whole house can do its work.

Ready means: the database answers, its schema is the newest, and beat or lifeline was seen in the last ten seconds, so
that what is due is done. What is missing is listed.
"""

from datetime import datetime, timedelta

from flask import Response
from flask_openapi3.openapi import OpenAPI
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api_stub import answer, door
from api_stub.errors import NotReady
from db import engine as database
from db import migrate
from services import heartbeat

SEEN_WITHIN = timedelta(seconds=10)
WATCHERS = ("beat", "lifeline")
"""Processes of which one must be alive: each sees to it that due sessions move."""


def register(app: OpenAPI) -> None:
    """Give `app` the two calls."""
    app.get("/healthz", endpoint="healthz", doc_ui=False)(healthz)
    app.get("/readyz", endpoint="readyz", doc_ui=False)(readyz)


def healthz() -> Response:
    """This process answers."""
    return answer.done({"status": "ok"})


def readyz() -> Response:
    """The whole house can do its work. Raises NotReady with what is missing."""
    missing = found_missing()
    if missing:
        raise NotReady(missing)
    return answer.done({"status": "ready"})


def found_missing() -> list[str]:
    """What is not there; the later checks need the earlier ones."""
    engine = door.current().engine
    try:
        with engine.connect() as connection:
            if not migrate.is_current(connection):
                return ["migrations"]
        with database.transaction(engine) as (tx, now):
            return [] if watched(heartbeat.latest(tx), now) else ["heartbeat of beat or lifeline"]
    except (DBAPIError, PoolTimeout):
        return ["database"]


def watched(seen: dict[str, datetime], now: datetime) -> bool:
    """Whether a watcher was seen lately; several of a kind may be called `beat`, `beat@host`."""
    return any(at >= now - SEEN_WITHIN for name, at in seen.items() if name.split("@")[0] in WATCHERS)
