"""Who came to a session: `GET /sessions/{id}/attendance`, `PUT /sessions/{id}/attendance/{userId}`."""

from datetime import datetime
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import AliasChoices, Field
from sqlalchemy.orm import Session as Tx

from api_stub import answer, door, instants, schema, session_answer, session_ids
from api_stub.references import id_of
from api_stub.session_ids import SessionPath
from api_stub.wire import Strict
from db.models import Mark
from db.presence import Stay
from db.sessions import SessionKey
from services import attend, query, waitlist


def register(api: APIBlueprint) -> None:
    """Add the calls of this file to the sessions' group."""
    api.get(
        "/sessions/<session:id>/attendance",
        responses=schema.answers("Attendances", s200="everybody expected or marked"),
    )(list_attendance)
    api.put(
        "/sessions/<session:id>/attendance/<userId>",
        responses=schema.answers("Attendance", s200="what is known of the person"),
    )(mark_attendance)


class PersonPath(SessionPath):
    """A session, and a person at it."""

    userId: str = Field(description="the id of a user")  # noqa: N815 the wire's spelling


class MarkBody(Strict):
    """Whether the person came."""

    status: Mark = Field(validation_alias=AliasChoices("status", "mark"))


def list_attendance(path: SessionPath) -> Response:
    """Who is expected at a session, and who came."""
    tenant_id = door.tenant_id()

    def journey(tx: Tx, now: datetime) -> list[dict[str, Any]]:
        key = session_ids.key_of(tx, tenant_id, path.id)
        query.one(tx, tenant_id, key.series_id, key.recurrence_id, now)
        return [of_view(view) for view in attend.of_session(tx, key, now)]

    return answer.done({"data": door.run(journey)})


def mark_attendance(path: PersonPath, body: MarkBody) -> Response:
    """Say whether a person came; the same mark twice is one mark."""
    tenant_id, actor = door.tenant_id(), door.actor()

    def journey(tx: Tx, key: SessionKey, now: datetime) -> dict[str, Any]:
        return of_view(attend.mark(tx, key, id_of("users", path.userId), body.status, actor, now))

    def hold(tx: Tx, _: datetime) -> SessionKey:
        waitlist.hold(tx, session_ids.key_of(tx, tenant_id, path.id).series_id)  # an excuse frees a place
        return session_ids.held(tx, tenant_id, path.id)

    return answer.done(door.write(hold, journey))


def of_view(view: attend.AttendanceView) -> dict[str, Any]:
    """One person at one session."""
    return {
        "userId": str(view.user_id),
        "status": view.mark,
        "markedAt": session_answer.instant(view.marked_at),
        "markedBy": view.marked_by,
        "presence": [of_stay(stay) for stay in view.stays],
        "done": None if view.done is None else list(view.done),
    }


def of_stay(stay: Stay) -> dict[str, Any]:
    """From when until when somebody was there."""
    return {
        "checkedInAt": instants.show(stay.checked_in_at),
        "checkedOutAt": session_answer.instant(stay.checked_out_at),
    }
