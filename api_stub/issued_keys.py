"""Keys of the tenant: `POST /keys`, `GET /keys`, `GET /keys/{id}`, `DELETE /keys/{id}`.

The key itself is told once, when it is made. A deleted key opens nothing from that moment; it stays in the list, so
that the ledger's actors can be looked up.
"""

from datetime import datetime
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field
from sqlalchemy.orm import Session as Tx

from api_stub import answer, cursor, door, instants, schema, session_answer
from api_stub.cursor import Cursor
from api_stub.references import ReferencePath, ReferenceQuery, id_of
from api_stub.wire import Line, Strict
from db.models import ApiKey, Role
from services import keys
from services.keys import Issued

NAME = "keys"


class KeyBody(Strict):
    """A key to be made."""

    role: Role = Field(description="what it may do; `feed`: read calendar feeds, and stand in their addresses")
    name: Line | None = Field(default=None, description="for people: what it is used for")


def blueprint() -> APIBlueprint:
    """The calls on keys."""
    api = schema.group(NAME, f"{schema.PREFIX}/{NAME}", "who may come in")
    api.get("", endpoint="list", responses=schema.answers("KeyPage", s200="a page"))(list_keys)
    api.post("", endpoint="create", responses=schema.answers("Key", s201="the key, told this once"))(create_key)
    api.get("/<id>", endpoint="get", responses=schema.answers("Key", s200="what is kept of it"))(get_key)
    api.delete("/<id>", endpoint="delete", responses=schema.answers(s204="it opens nothing any more"))(delete_key)
    return api


def list_keys(query: ReferenceQuery) -> Response:
    """All keys of the tenant, revoked ones too, in the order in which they were made."""
    tenant_id = door.tenant_id()
    binding = cursor.bind(tenant_id, (NAME,))
    after = None
    if query.cursor is not None:
        after = cursor.position_id(cursor.read(query.cursor, binding, 1).position[0])

    def journey(tx: Tx, now: datetime) -> tuple[list[ApiKey], str | None]:
        rows = keys.listing(tx, tenant_id, query.limit + 1, after)
        shown = rows[: query.limit]
        if len(rows) == len(shown):
            return shown, None
        return shown, cursor.write(Cursor(now=now, position=(str(shown[-1].id),)), binding)

    rows, following = door.run(journey)
    return answer.page([of_row(row) for row in rows], following, following and cursor.link(following))


def create_key(body: KeyBody) -> Response:
    """Make a key; it is told in this answer and never again."""

    def journey(tx: Tx, now: datetime) -> Issued:
        made = keys.issue(tx, door.tenant_id(), body.role, now, body.name)
        door.changed(str(made.row.id))
        return made

    made = door.run(journey)
    told = answer.created(of_row(made.row) | {"key": made.key}, 0, f"{schema.PREFIX}/{NAME}/{made.row.id}")
    told.headers["Cache-Control"] = "no-store"
    return told


def get_key(path: ReferencePath) -> Response:
    """What is kept of a key."""
    row = door.run(lambda tx, _: keys.get(tx, id_of(NAME, path.id)))
    return answer.found(of_row(row), 0)


def delete_key(path: ReferencePath) -> Response:
    """Revoke a key; doing it again changes nothing."""
    door.run(lambda tx, now: keys.revoke(tx, id_of(NAME, path.id), now))
    return answer.gone()


def of_row(row: ApiKey) -> dict[str, Any]:
    """What is told of a key."""
    return {
        "id": str(row.id),
        "role": row.role,
        "name": row.name,
        "createdAt": instants.show(row.created_at),
        "lastUsedAt": session_answer.instant(row.last_used_at),
        "revokedAt": session_answer.instant(row.revoked_at),
    }
