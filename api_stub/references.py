"""Users, routines, programs, timelines, spaces, subjects: one blueprint, made six times."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session as Tx

from api_stub import answer, conditions, cursor, door, export, reference_answer, schema, wire
from api_stub.cursor import Cursor
from api_stub.filters import DEFAULT_LIMIT, MOST, Choice
from api_stub.reference_body import NamedBody, NamedEdit, RoutineBody, RoutineEdit, UserBody, UserEdit
from api_stub.wire import Strict
from db.models import Named
from services import erase, references
from services.errors import NotFound

MODELS: Mapping[str, tuple[type[Strict], type[Strict]]] = MappingProxyType(
    dict.fromkeys(references.KINDS, (NamedBody, NamedEdit))
    | {"users": (UserBody, UserEdit), "routines": (RoutineBody, RoutineEdit)}
)
"""How one of a kind is made, and how it is edited."""


class ReferencePath(BaseModel):
    """The id of one of a kind."""

    id: str


class ReferenceQuery(Strict):
    """A page of a kind."""

    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MOST)
    cursor: str | None = None


class EraseQuery(Strict):
    """How a person is deleted."""

    erase: Choice = Field(default=False, description="keep what was attended, and nothing that tells who it was")


def blueprint(kind: str) -> APIBlueprint:
    """The five calls on one kind."""
    api = schema.group(kind, f"{schema.PREFIX}/{kind}", "what sessions refer to")
    making, editing = MODELS[kind]
    shape = {"users": "User", "routines": "Routine"}.get(kind, "Named")

    def list_all(query: ReferenceQuery) -> Response:
        """All of a kind, in the order in which they were made."""
        return page(kind, query)

    def create(body: NamedBody) -> Response:
        """Make one."""
        return make(kind, body.model_dump())

    def get(path: ReferencePath) -> Response:
        """One."""
        row = door.run(lambda tx, now: references.get(tx, door.tenant_id(), kind, id_of(kind, path.id)))
        return answer.found(reference_answer.of_row(row), 0)

    def update(path: ReferencePath, body: NamedEdit) -> Response:
        """Edit one; what is left out stays."""
        return change(kind, id_of(kind, path.id), body.model_dump(exclude_unset=True))

    def delete(path: ReferencePath) -> Response:
        """Delete one; refused while something refers to it."""
        remove(kind, id_of(kind, path.id))
        return answer.gone()

    def delete_person(path: ReferencePath, query: EraseQuery) -> Response:
        """Delete one; refused while something refers to it, unless it is to be erased."""
        if not query.erase:
            return delete(path)
        forget(id_of(kind, path.id))
        return answer.gone()

    create.__annotations__["body"] = making
    update.__annotations__["body"] = editing
    api.get("", endpoint="list", responses=schema.answers(f"{shape}Page", s200="a page", s304=schema.SAME))(list_all)
    api.post("", endpoint="create", responses=schema.answers(shape, s201="what was made"))(create)
    api.get("/<id>", endpoint="get", responses=schema.answers(shape, s200="it", s304=schema.SAME))(get)
    api.patch("/<id>", endpoint="update", responses=schema.answers(shape, s200="it as it is now"))(update)
    deleting = delete_person if kind == "users" else delete
    api.delete("/<id>", endpoint="delete", responses=schema.answers(s204="it is gone"))(deleting)
    if kind == "users":
        export.register(api)
    return api


def page(kind: str, query: ReferenceQuery) -> Response:
    """One page of a kind, and the cursor of the next."""
    tenant_id = door.tenant_id()
    binding = cursor.bind(tenant_id, (kind,))
    after = None
    if query.cursor is not None:
        after = cursor.position_id(cursor.read(query.cursor, binding, 1).position[0])

    def journey(tx: Tx, now: datetime) -> tuple[list[Named], Cursor | None]:
        rows = references.listing(tx, tenant_id, kind, query.limit + 1, after)
        shown = rows[: query.limit]
        return shown, Cursor(now=now, position=(str(shown[-1].id),)) if len(rows) > query.limit else None

    rows, following = door.run(journey)
    text = None if following is None else cursor.write(following, binding)
    return answer.page(
        [reference_answer.of_row(row) for row in rows], text, None if text is None else cursor.link(text)
    )


def make(kind: str, values: Mapping[str, Any]) -> Response:
    """Make one of a kind."""

    def journey(tx: Tx, now: datetime) -> Named:
        row = references.create(tx, door.tenant_id(), kind, values, now)
        door.changed(str(row.id))
        return row

    row = door.run(journey)
    return answer.created(reference_answer.of_row(row), 0, f"{schema.PREFIX}/{kind}/{row.id}")


def change(kind: str, id_: UUID, values: Mapping[str, Any]) -> Response:
    """Edit one of a kind."""

    def journey(tx: Tx, now: datetime) -> Named:
        check_condition(tx, kind, id_)
        return references.update(tx, door.tenant_id(), kind, id_, values, now)

    return answer.changed(reference_answer.of_row(door.run(journey)), 0)


def remove(kind: str, id_: UUID) -> None:
    """Delete one of a kind."""

    def journey(tx: Tx, now: datetime) -> None:
        check_condition(tx, kind, id_)
        references.delete(tx, door.tenant_id(), kind, id_)

    door.run(journey)


def forget(user_id: UUID) -> None:
    """Erase a person."""

    def journey(tx: Tx, now: datetime) -> None:
        check_condition(tx, "users", user_id)
        erase.erase(tx, door.tenant_id(), user_id, now)
        door.changed(str(user_id), "erase")

    door.run(journey)


def check_condition(tx: Tx, kind: str, id_: UUID) -> None:
    """Refuse a change of what somebody else changed, as `If-Match` asks; nobody can until this transaction ends."""
    if conditions.tags() is not None:
        row = references.get(tx, door.tenant_id(), kind, id_, lock=True)
        conditions.check(answer.tag(reference_answer.of_row(row), 0))


def id_of(kind: str, text: str) -> UUID:
    """The id in a path. Raises NotFound for a text that is no id: nothing has it."""
    if not wire.UUID_SHAPE.fullmatch(text):
        raise NotFound(kind.removesuffix("s"), text)
    return UUID(text)
