"""Reading: `GET /sessions`, `GET /sessions/count`, `GET /sessions/{id}`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from sqlalchemy.orm import Session as Tx

from api_stub import answer, cursor, door, expand, filters, plan_answer, schema, session_answer, views
from api_stub.filters import CountQuery, ListQuery, OneQuery
from api_stub.session_ids import SessionPath
from services import query as reading

OF_VIEW: Mapping[str, tuple[Any, Any]] = MappingProxyType(
    {"sessions": (reading.window, session_answer.of_view), "plans": (reading.plans, plan_answer.of_view)}
)
"""How each kind of list is read, and how one of it is shown."""


def register(api: APIBlueprint) -> None:
    """Add the calls of this file to the sessions' group."""
    api.get("/sessions", responses=schema.answers("SessionPage", s200="a page", s304=schema.SAME))(list_sessions)
    api.get("/sessions/count", responses=schema.answers("Count", s200="how many"))(count_sessions)
    api.get(
        "/sessions/<session:id>",
        responses=schema.answers("PlanOrSession", s200="the plan or session", s304=schema.SAME),
    )(get_session)


def list_sessions(query: ListQuery) -> Response:
    """Sessions in a window, or plans."""
    tenant_id = door.tenant_id()
    question = filters.question_of(tenant_id, query)
    page = question.page()

    def journey(tx: Tx, now: datetime) -> tuple[list[dict[str, Any]], str | None]:
        pinned = question.now(now)
        wanted = filters.of_query(query, pinned, horizon())
        read, shown = OF_VIEW[query.view]
        found: reading.Found[Any] = read(tx, tenant_id, wanted, page, pinned)
        items = [shown(view) for view in found.items]
        expand.into(tx, tenant_id, found.items, items, query.expand)
        return items, question.next(found.next, now)

    items, following = door.run(journey)
    return answer.page(items, following, None if following is None else cursor.link(following))


def count_sessions(query: CountQuery) -> Response:
    """How many sessions there are in a window, or how many plans."""
    tenant_id = door.tenant_id()
    filters.refuse_of_sessions(query)
    count = reading.count_plans if query.view == "plans" else reading.count

    def journey(tx: Tx, now: datetime) -> int:
        return count(tx, tenant_id, filters.of_query(query, now, horizon()), now)

    return answer.done({"count": door.run(journey)})


def get_session(path: SessionPath, query: OneQuery) -> Response:
    """One plan or one session."""
    shown = door.run(lambda tx, now: views.one(tx, door.tenant_id(), path.id, now, query.expand))
    return answer.found(shown.body, shown.version)


def horizon() -> timedelta:
    """How far ahead rows exist."""
    return timedelta(days=door.current().settings.horizon_days)
