"""People come and go: `POST /sessions/{id}/check-in`, `/check-out`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from sqlalchemy.orm import Session as Tx

from api_stub import answer, attendance, door, schema, session_ids
from api_stub.session_ids import SessionPath
from api_stub.wire import Id, Instant, Strict
from db.presence import Known
from db.sessions import SessionKey
from services import attend, presence
from services.presence import Message

KNOWN = schema.answers("Attendance", s200="what is known of the person")


def register(api: APIBlueprint) -> None:
    """Add the calls of this file to the sessions' group."""
    api.post("/sessions/<session:id>/check-in", responses=KNOWN)(check_in)
    api.post("/sessions/<session:id>/check-out", responses=KNOWN)(check_out)


class ComingBody(Strict):
    """Who came or went, and when: now, if that is left out."""

    user_id: Id
    at: Instant | None = None


def check_in(path: SessionPath, body: ComingBody) -> Response:
    """A person comes; the first one starts a session that waits for that."""
    return pass_through(path.id, body, "check_in", presence.check_in)


def check_out(path: SessionPath, body: ComingBody) -> Response:
    """A person goes; whoever does not check out was there until the end."""
    return pass_through(path.id, body, "check_out", presence.check_out)


def pass_through(
    text: str, body: ComingBody, kind: str, verb: Callable[[Tx, SessionKey, Message, str], Known]
) -> Response:
    """Let somebody through, and answer what is known of them; `verb` holds the session first, then reads the clock."""
    tenant_id, actor = door.tenant_id(), door.actor()

    def journey(tx: Tx, _: datetime) -> dict[str, Any]:
        key = session_ids.key_of(tx, tenant_id, text)
        known = verb(tx, key, Message(body.user_id, body.at), actor)
        door.changed(text, kind)
        return attendance.of_view(attend.of_known(body.user_id, known))

    return answer.done(door.run(journey))
