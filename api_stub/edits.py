"""`PATCH /sessions/{id}`: edit one session, this once."""

from datetime import datetime

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field
from sqlalchemy.orm import Session as Tx

from api_stub import answer, conditions, door, notes, schema, session_ids, views
from api_stub.errors import Stale
from api_stub.session_body import SessionBody, change_of
from api_stub.session_ids import Scope, SessionPath
from api_stub.views import Shown
from api_stub.wire import Later, Strict
from db.sessions import SessionKey
from services import edit, identity, settled
from services.errors import VersionMismatch


def register(api: APIBlueprint) -> None:
    """Add the calls of this file to the sessions' group."""
    api.patch("/sessions/<session:id>", responses=schema.answers("PlanOrSession", s200="the session as it is now"))(
        edit_session
    )


class EditQuery(Strict):
    """How far the edit reaches."""

    scope: Scope | None = Field(default=None, description="only `this` is built yet")
    dry_run: Later = None
    token: Later = None


def edit_session(path: SessionPath, query: EditQuery, body: SessionBody) -> Response:
    """Edit one session: its time, title, place or instructor."""
    tenant_id, versions, change = door.tenant_id(), conditions.versions(), change_of(body)
    actor = door.actor()

    def hold(tx: Tx, began: datetime) -> SessionKey:
        key = session_ids.edited(tx, tenant_id, path.id, query.scope, began)
        settled.hold(tx, [key])
        return key

    def journey(tx: Tx, key: SessionKey, now: datetime) -> Shown:
        id_ = identity.format_id(key.series_id, key.recurrence_id)
        if_version = None if versions is None else wanted(versions, views.one(tx, tenant_id, id_, now).version)
        edit.edit(tx, key, change, now, if_version, actor)
        shown = views.one(tx, tenant_id, id_, now)
        shown.body["notes"] = [*shown.body["notes"], *notes.of_cut()]
        return shown

    shown = door.write(hold, journey)
    return answer.changed(shown.body, shown.version)


def wanted(versions: frozenset[int], current: int) -> int:
    """The version that the edit is about: the current one, if that is asked for. Raises Stale, VersionMismatch."""
    if not versions:
        raise Stale
    if current not in versions:
        raise VersionMismatch(max(versions), current)
    return current
