"""`GET /users/{id}/export`: everything that is kept of a person, as JSON."""

from typing import Any
from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from api_stub import answer, door, reference_answer, schema, wire
from services import export, identity
from services.errors import NotFound
from services.export import Export

SCHEDULED = {"starts_at": "scheduledAt", "ends_at": "scheduledEndAt", "mark": "status"}
"""Columns that the wire calls otherwise than in camel case."""


class UserPath(BaseModel):
    """The id of a person."""

    id: str


def register(api: APIBlueprint) -> None:
    """Add the call of this file to the calls on users."""
    api.get("/<id>/export", endpoint="export", responses=schema.answers("Export", s200="all of it"))(export_user)


def export_user(path: UserPath) -> Response:
    """Everything that is kept of a person."""
    if not wire.UUID_SHAPE.fullmatch(path.id):
        raise NotFound("user", path.id)
    found = door.run(lambda tx, now: export.export(tx, door.tenant_id(), UUID(path.id)))
    return answer.done(body(found))


def body(found: Export) -> dict[str, Any]:
    """An export on the wire."""
    kept = {what: [told(row) for row in rows] for what, rows in found.kept.items()}
    return {"profile": reference_answer.of_row(found.user) | {"description": found.user.description}, **kept}


def told(row: dict[str, Any]) -> dict[str, Any]:
    """A row: sessions and plans by their ids as the API writes them."""
    shown = {SCHEDULED.get(name, to_camel(name)): value for name, value in row.items()}
    if "seriesId" in shown:
        session = identity.format_id(shown.pop("seriesId"), shown.pop("recurrenceId", None))
        return {"sessionId": session, **shown}
    return shown
