"""Soft removal, restoring, and deletion for good."""

from datetime import datetime
from typing import Any, Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field
from sqlalchemy.orm import Session as Tx

from api_stub import answer, conditions, door, notes, schema, session_answer, session_ids, views
from api_stub.filters import Choice
from api_stub.session_ids import Scope, SessionPath
from api_stub.views import Shown
from api_stub.wire import MAX_ENTRIES, Instant, Strict
from services import identity, remove, remove_rest, restore, waitlist
from services.errors import NotFound, ServiceError
from services.reach import Named, Reach
from services.remove import Target


def register(api: APIBlueprint) -> None:
    """Add the calls of this file to the sessions' group."""
    api.patch(
        "/sessions/<session:id>/removedAt",
        responses=schema.answers("PlanOrSession", s200="the plan or session as it is now"),
    )(remove_session)
    api.patch("/sessions/removedAt", responses=schema.answers("Outcomes", s200="what became of each"))(remove_sessions)
    api.delete("/sessions/<session:id>", responses=schema.answers(s204="it is gone"))(delete_session)


GONE: Literal["not_found"] = "not_found"


class RemovalQuery(Strict):
    """How far the removal reaches."""

    scope: Scope | None = Field(default=None, description="left out: `this` for a session, `all` for a plan")


class DeletionQuery(RemovalQuery):
    """How far the deletion reaches, and whether history is no hindrance."""

    force: Choice = False


class RemovalBody(Strict):
    """Null restores; an instant removes, at once: the time that is kept is the server's."""

    removed_at: Instant | None


class ManyBody(Strict):
    """Plans and sessions to be removed."""

    ids: list[str] = Field(min_length=1, max_length=MAX_ENTRIES)


def remove_session(path: SessionPath, query: RemovalQuery, body: RemovalBody) -> Response:
    """Remove softly, or restore with `{"removedAt": null}`; repeated, it answers the same."""
    tenant_id, actor, settings = door.tenant_id(), door.actor(), door.current().settings

    def hold(tx: Tx, began: datetime) -> Target | Reach:
        target = session_ids.removed(tx, tenant_id, path.id, query.scope)
        if body.removed_at is not None or isinstance(target, Named):
            return held(tx, path.id, query.scope, began)
        restore.hold(tx, tenant_id, target, began)
        return target

    def journey(tx: Tx, held: Target | Reach, now: datetime) -> Shown:
        conditions.require(tx, path.id, now)
        door.changed(reached(held), "restore" if body.removed_at is None else None)
        target = held.named if isinstance(held, Reach) else held
        match held, body.removed_at:
            case Reach(), None:
                remove_rest.restore(tx, held, now, settings)
            case Reach(), _:
                remove_rest.take(tx, held, actor, now)
            case _, None:
                restore.restore(tx, tenant_id, held, now, settings)
            case _:
                refuse_failed(remove.remove(tx, tenant_id, [held], actor, now))
        shown = views.one(tx, tenant_id, identity.format_id(target.series_id, target.recurrence_id), now)
        shown.body["notes"] = [*shown.body["notes"], *notes.of_removal(body.removed_at, now)]
        return shown

    shown = door.write(hold, journey)
    return answer.changed(shown.body, shown.version)


def remove_sessions(body: ManyBody) -> Response:
    """Remove many softly, in one transaction; tells what became of each id."""
    tenant_id, actor = door.tenant_id(), door.actor()
    targets = {text: target_of(text) for text in dict.fromkeys(body.ids)}
    wanted = [target for target in targets.values() if target is not None]

    def journey(tx: Tx, _: object, now: datetime) -> dict[Target, remove.Removal]:
        found = {one.target: one for one in remove.remove(tx, tenant_id, wanted, actor, now)}
        for target, one in found.items():
            if one.error is None:
                door.changed(identity.format_id(target.series_id, target.recurrence_id))
        return found

    found = door.write(lambda tx, began: remove.hold(tx, tenant_id, wanted, began), journey)
    outcomes = [outcome(text, found.get(target) if target else None) for text, target in targets.items()]
    return answer.done({"data": outcomes})


def delete_session(path: SessionPath, query: DeletionQuery) -> Response:
    """Delete for good; refused when it has history, unless forced."""
    tenant_id = door.tenant_id()

    def journey(tx: Tx, held: Target | Reach, now: datetime) -> None:
        conditions.require(tx, path.id, now)
        door.changed(reached(held))
        if isinstance(held, Reach):
            remove_rest.delete_for_good(tx, held, now, query.force)
        else:
            remove.delete_for_good(tx, tenant_id, held, now, query.force)

    door.write(lambda tx, began: held(tx, path.id, query.scope, began), journey)
    return answer.gone()


def held(tx: Tx, text: str, scope: Scope | None, now: datetime) -> Target | Reach:
    """The plan or session that a removal is about, locked with all that goes with it. Raises NotFound, Invalid."""
    target = session_ids.removed(tx, door.tenant_id(), text, scope)
    if isinstance(target, Named):
        return remove_rest.hold(tx, target, now)
    waitlist.hold(tx, target.series_id)
    remove.hold(tx, door.tenant_id(), [target], now)
    return target


def reached(held: Target | Reach) -> str:
    """The id of what changes: of the plan, when more than one session does."""
    if isinstance(held, Reach):
        return identity.format_id(held.named.series_id)
    return identity.format_id(held.series_id, held.recurrence_id)


def refuse_failed(removals: list[remove.Removal]) -> None:
    """A single removal that failed is a refusal."""
    for removal in removals:
        if removal.error is not None:
            raise removal.error


def target_of(text: str) -> Target | None:
    """The plan or session that an id names; None for a text that is no id."""
    try:
        return Target(*identity.parse_id(text))
    except NotFound:
        return None


def outcome(text: str, removal: remove.Removal | None) -> dict[str, Any]:
    """What became of one id: when it was removed, or why it was not."""
    error: ServiceError | None = NotFound("session", text) if removal is None else removal.error
    if error is not None or removal is None:
        return {"id": text, "removedAt": None, "code": GONE, "detail": str(error)}
    return {"id": text, "removedAt": session_answer.instant(removal.removed_at), "code": None, "detail": None}
