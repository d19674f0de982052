"""`GET /sessions/{id}/history`: the ledger of one session."""

from datetime import datetime
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from sqlalchemy.orm import Session as Tx

from api_stub import answer, door, instants, schema, session_ids
from api_stub.session_ids import SessionPath
from services import history, query


def register(api: APIBlueprint) -> None:
    """Add the calls of this file to the sessions' group."""
    api.get("/sessions/<session:id>/history", responses=schema.answers("History", s200="the ledger"))(list_history)


def list_history(path: SessionPath) -> Response:
    """What happened to a session, first to last."""
    tenant_id = door.tenant_id()

    def journey(tx: Tx, now: datetime) -> list[dict[str, Any]]:
        key = session_ids.key_of(tx, tenant_id, path.id)
        query.one(tx, tenant_id, key.series_id, key.recurrence_id, now)
        return [of_entry(entry) for entry in history.effective(tx, key, now)]

    return answer.done({"data": door.run(journey)})


def of_entry(entry: history.LedgerEntry) -> dict[str, Any]:
    """One transition; `appliedAt` is null while it is not written yet."""
    return {
        "kind": entry.kind,
        "effectiveAt": instants.show(entry.effective_at),
        "appliedAt": entry.applied_at and instants.show(entry.applied_at),
        "actor": entry.actor,
        "outcome": entry.outcome,
    }
