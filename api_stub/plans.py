"""`POST /sessions`: make a plan."""

from datetime import datetime

from flask import Response, g
from flask_openapi3.blueprint import APIBlueprint
from sqlalchemy.orm import Session as Tx

from api_stub import answer, door, errors, notes, plan_draft, schema, views
from api_stub.plan_body import PlanBody
from api_stub.views import Shown
from db.models import Tenant
from services import identity, plan
from services.plan import Held


def register(api: APIBlueprint) -> None:
    """Add the calls of this file to the sessions' group."""
    api.post("/sessions", responses=schema.answers("Plan", s201="the plan"))(create_plan)


def create_plan(body: PlanBody) -> Response:
    """Plan a one-time or recurring session."""
    g.pointers = plan_draft.pointers(body)
    tenant_id, settings = door.tenant_id(), door.current().settings

    def hold(tx: Tx, began: datetime) -> Held:
        return plan.hold(tx, tenant_id, plan_draft.of_body(body, zone_of(tx, body)), began, settings)

    def journey(tx: Tx, held: Held, now: datetime) -> Shown:
        made = plan.make(tx, tenant_id, held, now, settings)
        id_ = identity.format_id(made.series_id)
        door.changed(id_)
        shown = views.of_new(tx, made, now)
        shown.body["notes"] += [*made.notes, *notes.of_cut()]
        if held.draft.skip_clashes:
            shown.body["clashes"] = [errors.clash_of(taken) for taken in made.clashes]
        return shown

    made = door.write(hold, journey)
    return answer.created(made.body, made.version, f"{schema.PREFIX}/sessions/{made.body['id']}")


def zone_of(tx: Tx, body: PlanBody) -> str:
    """The zone in which a body's local times are meant: the tenant's, where it names none."""
    return body.time_zone or body.recurring_time_zone or tx.get_one(Tenant, door.tenant_id()).time_zone
