"""How much of its routine a session has done: `POST` and `GET /sessions/{id}/progress`."""

from datetime import datetime
from typing import Annotated, Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field
from sqlalchemy.orm import Session as Tx

from api_stub import answer, door, schema, session_answer, session_ids
from api_stub.session_ids import SessionPath
from api_stub.wire import Flag, Id, Line, Strict
from db.sessions import SessionKey
from services import progress, query
from services.progress import Progress, Told

MOST = 200  # activities

Done = Annotated[list[Line], Field(max_length=MOST)]


def register(api: APIBlueprint) -> None:
    """Add the calls of this file to the sessions' group."""
    path = "/sessions/<session:id>/progress"
    api.get(path, responses=schema.answers("Progress", s200="what is known of the session"))(get_progress)
    api.post(path, responses=schema.answers("Progress", s200="what is known now"))(tell_progress)


class ProgressBody(Strict):
    """Which activities are done by now, all of them; of a person or, without `userId`, of the session."""

    done: Done
    user_id: Id | None = Field(default=None, description="of this person; left out: of the session itself")
    correction: Flag = Field(default=False, description="told after the end, to put it right")


def get_progress(path: SessionPath) -> Response:
    """Which activities of its routine a session has done."""
    tenant_id = door.tenant_id()

    def journey(tx: Tx, now: datetime) -> Progress:
        key = session_ids.key_of(tx, tenant_id, path.id)
        query.one(tx, *key, now)
        return progress.of_session(tx, key)

    return answer.done(of_progress(door.run(journey)))


def tell_progress(path: SessionPath, body: ProgressBody) -> Response:
    """Say which activities are done by now; the same again changes nothing."""
    tenant_id, actor = door.tenant_id(), door.actor()
    told = Told(done=tuple(body.done), user_id=body.user_id, is_correction=body.correction)

    def journey(tx: Tx, key: SessionKey, now: datetime) -> Progress:
        door.changed(path.id, "progress")
        return progress.tell(tx, key, told, actor, now)

    return answer.done(of_progress(door.write(lambda tx, _: session_ids.held(tx, tenant_id, path.id), journey)))


def of_progress(found: Progress) -> dict[str, Any]:
    """Progress on the wire."""
    return {
        "userId": session_answer.text(found.user_id),
        "activities": list(found.activities),
        "done": None if found.done is None else list(found.done),
        "progress": found.part,
    }
