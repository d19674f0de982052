"""`POST /sessions/{id}/pause` and `/resume`: whole days of a plan, taken out and given back."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field
from sqlalchemy.orm import Session as Tx

import recurrence
from api_stub import answer, conditions, door, schema, views
from api_stub.session_ids import SessionPath
from api_stub.views import Shown
from api_stub.wire import Day, Strict
from db.models import Series
from services import identity, pause
from services.errors import Conflict
from services.pause import Days, Done

AFTER = schema.answers("PlanOrSession", s200="the plan as it is now")


def register(api: APIBlueprint) -> None:
    """Add the calls of this file to the sessions' group."""
    api.post("/sessions/<session:id>/pause", responses=AFTER)(pause_plan)
    api.post("/sessions/<session:id>/resume", responses=AFTER)(resume_plan)


class DaysBody(Strict):
    """Whole local days of the plan's zone."""

    from_: Day = Field(alias="from", description="the first day")
    until: Day = Field(description="the last day: it is one of them")


def pause_plan(path: SessionPath, body: DaysBody) -> Response:
    """Take the sessions of some days out of a plan; what somebody touched stays."""
    return change(path.id, body, pause.pause, lambda done: [f"taken out: {many(done.moved)}", *staying(done)])


def resume_plan(path: SessionPath, body: DaysBody) -> Response:
    """Give the sessions of some days back to a plan."""
    return change(path.id, body, pause.resume, lambda done: [f"came back: {many(done.moved)}"])


def staying(done: Done) -> list[str]:
    """A note on what a pause left."""
    return [f"left as they are, running or touched: {many(done.stay)}"] if done.stay else []


def uncounted(plan: dict[str, Any], days: Days) -> list[str]:
    """A note on days whose sessions are not written yet, so that nobody counted them."""
    if plan["materializedUntil"] is None:
        return []
    until = datetime.fromisoformat(plan["materializedUntil"])
    horizon = recurrence.wall_time(until, plan["timeZone"]).date()
    return [f"not counted: sessions from {horizon} on, which are not written yet"] if days.last >= horizon else []


def many(number: int) -> str:
    """So many sessions."""
    return "1 session" if number == 1 else f"{number} sessions"


def change(
    text: str, body: DaysBody, verb: Callable[[Tx, Series, Days, datetime], Done], told: Callable[[Done], list[str]]
) -> Response:
    """Let `verb` happen to the plan of an id, and answer the plan."""
    tenant_id, days = door.tenant_id(), Days(body.from_, body.until)
    series_id, recurrence_id = identity.parse_id(text)

    def hold(tx: Tx, began: datetime) -> Series:
        series = pause.hold(tx, tenant_id, series_id, began)
        if recurrence_id is not None:
            raise Conflict("this names one session, and days are taken out of a plan: name its plan")
        return series

    def journey(tx: Tx, series: Series, now: datetime) -> Shown:
        conditions.require(tx, text, now)
        done = verb(tx, series, days, now)
        shown = views.one(tx, tenant_id, identity.format_id(series_id), now)
        shown.body["notes"] = [*shown.body["notes"], *told(done), *uncounted(shown.body, days)]
        return shown

    shown = door.write(hold, journey)
    return answer.changed(shown.body, shown.version)
