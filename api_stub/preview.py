"""`POST /recurrence/preview`: what a plan would give, before it is made."""

from datetime import datetime
from typing import Annotated, Any

from flask import Response, g
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BeforeValidator, Field
from sqlalchemy.orm import Session as Tx

import recurrence
from api_stub import answer, door, errors, flat_answer, instants, notes, plan_answer, plan_draft, plans, schema
from api_stub.filters import DEFAULT_LIMIT, MOST
from api_stub.plan_body import PlanBody
from api_stub.plan_times import Clockwork
from api_stub.wire import Line, Strict
from services import preview
from services.preview import Preview

UNTITLED = "(untitled)"


class PreviewBody(PlanBody):
    """A plan that may be made; its title may wait."""

    title: Annotated[Line, BeforeValidator(lambda value: UNTITLED if value is None else value)] = UNTITLED


class PreviewQuery(Strict):
    """How many sessions to show."""

    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MOST)


def blueprint() -> APIBlueprint:
    """The one call."""
    api = schema.group("recurrence", f"{schema.PREFIX}/recurrence", "when a plan would take place")
    api.post("/preview", responses=schema.answers("PlannedSessions", s200="its first sessions"))(preview_plan)
    return api


def preview_plan(query: PreviewQuery, body: PreviewBody) -> Response:
    """The first sessions of a plan, its rule in words, and what was adjusted; nothing is written."""
    g.pointers = plan_draft.pointers(body)
    tenant_id, settings = door.tenant_id(), door.current().settings

    def journey(tx: Tx, now: datetime) -> dict[str, Any]:
        draft = plan_draft.of_body(body, plans.zone_of(tx, body))
        return of_preview(preview.preview(tx, tenant_id, draft, query.limit, now, settings), now)

    return answer.done(door.run(journey))


def of_preview(found: Preview, now: datetime) -> dict[str, Any]:
    """A preview on the wire: the recurrence in both spellings, as the plan would have it."""
    series = found.series
    clockwork = Clockwork(zone=series.time_zone or "UTC", gap=series.gap, fold=series.fold)
    return {
        "data": [of_occurrence(one, now) for one in found.sessions],
        "hasMore": found.more,
        "duration": str(series.duration),
        "timeZone": series.time_zone,
        "recurrence": plan_answer.canonical(series, clockwork),
        "recurrenceText": recurrence.describe(series.rule) if series.rule else None,
        **flat_answer.of_series(series),
        "notes": [*found.notes, *notes.of_cut()],
        "clashes": [errors.clash_of(taken) for taken in found.clashes],
    }


def of_occurrence(one: recurrence.Occurrence, now: datetime) -> dict[str, Any]:
    """A session that would be."""
    return {
        "recurrenceId": instants.show_local(one.recurrence_id),
        "scheduledAt": instants.show(one.starts_at),
        "scheduledEndAt": instants.show(one.ends_at),
        "tracked": one.starts_at >= now,
    }
