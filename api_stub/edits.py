"""`PATCH /sessions/{id}`: edit one session, this and all that follow, or all of a plan; or look what it would do."""

from datetime import datetime

from flask import Response, g
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field
from sqlalchemy.orm import Session as Tx

from api_stub import (
    answer,
    conditions,
    door,
    dry_run,
    edit_body,
    edit_plan,
    notes,
    plan_draft,
    schema,
    session_ids,
    views,
)
from api_stub.dry_run import Outdated
from api_stub.edit_body import EditBody
from api_stub.errors import Invalid
from api_stub.faults import Fault
from api_stub.filters import Choice
from api_stub.session_ids import Scope, SessionPath
from api_stub.views import Shown
from api_stub.wire import Strict
from db.sessions import SessionKey
from services import edit, identity
from services import edit_plan as journeys
from services.plan_change import PlanChange
from services.reach import Reach


def register(api: APIBlueprint) -> None:
    """Add the calls of this file to the sessions' group."""
    api.patch(
        "/sessions/<session:id>",
        responses=schema.answers("Edited", s200="the plan or session as it is now, or the difference"),
    )(edit_session)


class EditQuery(Strict):
    """How far the edit reaches, and whether it is made."""

    scope: Scope | None = Field(default=None, description="left out: `this` for a session, `all` for a plan")
    dry_run: Choice = Field(default=False, description="change nothing, answer what would be different, and a token")
    token: str | None = Field(default=None, description="make exactly the change that a dry run gave this token for")


def edit_session(path: SessionPath, query: EditQuery, body: EditBody) -> Response:
    """Edit one session, or a plan from a session on: time, rule, title, place, and so on."""
    if query.dry_run and query.token is not None:
        raise Invalid([Fault(pointer="/token", message="got a token beside dryRun, expected one of the two")])
    g.pointers = plan_draft.pointers(body)
    tenant_id = door.tenant_id()

    def hold(tx: Tx, began: datetime) -> SessionKey | Reach:
        named = session_ids.edited(tx, tenant_id, path.id, query.scope)
        if not isinstance(named, SessionKey):
            return journeys.hold(tx, named, edit_plan.change_of(body), began)
        edit.hold(tx, named, edit_body.of_session(body), began)
        return named

    def journey(tx: Tx, held: SessionKey | Reach, now: datetime) -> Shown:
        if isinstance(held, Reach):
            return of_plan(tx, held, edit_plan.change_of(body), query, body, now)
        return of_session(tx, held, query, body, now)

    shown = door.write(hold, journey)
    return answer.done(shown.body) if query.dry_run else answer.changed(shown.body, shown.version)


def of_session(tx: Tx, key: SessionKey, query: EditQuery, body: EditBody, now: datetime) -> Shown:
    """Edit one session, this once."""
    change, actor, versions = edit_body.of_session(body), door.actor(), conditions.versions()
    id_ = identity.format_id(key.series_id, key.recurrence_id)
    before = views.one(tx, key.tenant_id, id_, now)
    if_version = None if versions is None else conditions.wanted(versions, before.version)
    token = dry_run.token_of_session(before, body)
    if query.token not in (None, token):
        raise Outdated
    with dry_run.maybe(tx, query.dry_run):
        edit.edit(tx, key, change, now, if_version, actor)
        shown = views.one(tx, key.tenant_id, id_, now)
    if query.dry_run:
        return Shown(dry_run.of_session(before, shown, token), 0)
    shown.body["notes"] = [*shown.body["notes"], *notes.of_cut()]
    return shown


def of_plan(tx: Tx, held: Reach, change: PlanChange, query: EditQuery, body: EditBody, now: datetime) -> Shown:
    """Edit a plan from the session named on, or from the first one ahead."""
    versions = conditions.versions()
    if versions is not None:
        conditions.wanted(versions, held.series.version)
    settings, token = door.current().settings, dry_run.token_of_plan(held, body, now)
    if query.token not in (None, token):
        raise Outdated
    if query.dry_run:
        with dry_run.maybe(tx, dry=True):
            found = journeys.draft(tx, held, change, now, settings)
        return Shown(dry_run.of_plan(held.named.series_id, found, token), 0)
    plan_id = identity.format_id(held.named.series_id)
    door.changed(plan_id)
    found = journeys.edit(tx, held, change, now, settings)
    shown = views.one(tx, held.named.tenant_id, plan_id, now)
    shown.body["notes"] = [*shown.body["notes"], *found.notes, *notes.of_cut()]
    return shown
