"""Start, end, cancel or reinstate a session by hand."""

from collections.abc import Callable
from datetime import datetime

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from sqlalchemy.orm import Session as Tx

from api_stub import answer, conditions, door, schema, session_ids, views
from api_stub.session_ids import SessionPath
from api_stub.views import Shown
from db.sessions import SessionKey
from services import by_hand

AFTER = schema.answers("PlanOrSession", s200="the session as it is now")


def register(api: APIBlueprint) -> None:
    """Add the calls of this file to the sessions' group."""
    api.post("/sessions/<session:id>/start", responses=AFTER)(start_session)
    api.post("/sessions/<session:id>/end", responses=AFTER)(end_session)
    api.post("/sessions/<session:id>/cancel", responses=AFTER)(cancel_session)
    api.post("/sessions/<session:id>/reinstate", responses=AFTER)(reinstate_session)


def start_session(path: SessionPath) -> Response:
    """Start it now."""
    return step(path.id, by_hand.start)


def end_session(path: SessionPath) -> Response:
    """End it now."""
    return step(path.id, by_hand.end)


def cancel_session(path: SessionPath) -> Response:
    """Call it off, before or during it."""
    return step(path.id, by_hand.cancel)


def reinstate_session(path: SessionPath) -> Response:
    """Take a cancellation back; refused when its place was taken meanwhile."""
    return step(path.id, by_hand.reinstate, by_hand.hold_places)


def step(
    text: str,
    verb: Callable[[Tx, SessionKey, str, datetime], None],
    before: Callable[[Tx, SessionKey, datetime], None] | None = None,
) -> Response:
    """Let `verb` happen to the session of an id, and answer the session; `before` it is held, more may have to be."""
    tenant_id, actor = door.tenant_id(), door.actor()

    def journey(tx: Tx, key: SessionKey, now: datetime) -> Shown:
        conditions.require(tx, text, now)
        verb(tx, key, actor, now)
        return views.one(tx, tenant_id, text, now)

    def hold(tx: Tx, began: datetime) -> SessionKey:
        if before is not None:
            before(tx, session_ids.key_of(tx, tenant_id, text), began)
        return session_ids.held(tx, tenant_id, text)

    shown = door.write(hold, journey)
    return answer.changed(shown.body, shown.version)
