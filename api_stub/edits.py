"""`PATCH /sessions/{id}`: edit one session, this and all that follow, or all of a plan; or look what it would do."""

from collections.abc import Callable, Sequence
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
    edit_once,
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
from db.bookings import Taken
from db.models import PlanType
from db.sessions import SessionKey
from services import edit, identity
from services import edit_once as once
from services import edit_plan as journeys
from services.edit import SessionChange
from services.errors import Clash
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
        if not isinstance(held, Reach):
            change = edit_body.of_session(body)
            id_ = identity.format_id(held.series_id, held.recurrence_id)
            return of_one(tx, id_, query, body, now, lambda asked: alone(tx, held, change, now, asked))
        if held.series.type == PlanType.ONE_TIME:
            return of_one_time(tx, held, query, body, now)
        return of_plan(tx, held, edit_plan.change_of(body), query, body, now)

    shown = door.write(hold, journey)
    return answer.done(shown.body) if query.dry_run else answer.changed(shown.body, shown.version)


def alone(tx: Tx, key: SessionKey, change: SessionChange, now: datetime, if_version: int | None) -> list[str]:
    """Edit one session of a plan, this once; there is nothing to note."""
    edit.edit(tx, key, change, now, if_version, door.actor())
    return []


def of_one_time(tx: Tx, held: Reach, query: EditQuery, body: EditBody, now: datetime) -> Shown:
    """Edit a one-time session, which is its plan."""
    change = edit_once.change_of(body)
    settings, id_ = door.current().settings, identity.format_id(held.named.series_id)

    def make(if_version: int | None) -> list[str]:
        return once.edit_once(tx, held, change, now, settings, if_version, door.actor())

    return of_one(tx, id_, query, body, now, make)


def of_one(
    tx: Tx, id_: str, query: EditQuery, body: EditBody, now: datetime, make: Callable[[int | None], list[str]]
) -> Shown:
    """Edit what is one session; `make(if_version)` does it and tells what is to be noted."""
    versions, tenant_id = conditions.versions(), door.tenant_id()
    before = views.one(tx, tenant_id, id_, now)
    if_version = None if versions is None else conditions.wanted(versions, before.version)
    token = dry_run.token_of_session(before, body)
    if query.token not in (None, token):
        raise Outdated
    clashes: Sequence[Taken] = ()
    said: list[str] = []
    with dry_run.maybe(tx, query.dry_run):
        try:
            said = make(if_version)
        except Clash as error:
            if not query.dry_run:
                raise
            clashes = error.clashes
        shown = views.one(tx, tenant_id, id_, now)
    if query.dry_run:
        return Shown(dry_run.of_session(before, shown, token, clashes, said), 0)
    shown.body["notes"] = [*shown.body["notes"], *said, *notes.of_cut()]
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
    said = [*shown.body["notes"], *dry_run.left_out(found), *found.notes, *notes.of_cut()]
    shown.body["notes"] = list(dict.fromkeys(said))
    if change.skip_clashes:
        shown.body["clashes"] = dry_run.clashes(found)
    return shown
