"""Marks in bulk: `POST /attendance-imports` keeps them, `GET /attendance-imports/{id}` tells how far it is."""

from datetime import datetime
from typing import Any

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import RawModel
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session as Tx

from api_stub import answer, attendance_rows, cursor, door, schema, session_answer
from api_stub.cursor import Cursor
from api_stub.filters import MOST
from api_stub.references import id_of
from api_stub.wire import Strict
from db.models import AttendanceImport, AttendanceImportRow, RowOutcome
from services import attendance_import
from services.attendance_import import Report

MOST_LINES = 2**31 - 1


class Marks(RawModel):
    """Rows of marks."""

    mimetypes = ["text/csv", "application/json"]  # noqa: RUF012 the library declares it so


class ImportPath(BaseModel):
    """The id of a delivery."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(description="as the Location of the answer that took it")


class ReportQuery(Strict):
    """A page of its rows."""

    outcome: RowOutcome | None = Field(default=None, description="only rows of this outcome")
    limit: int = Field(default=MOST, ge=1, le=MOST)
    cursor: str | None = None


def blueprint() -> APIBlueprint:
    """The two calls."""
    api = schema.group("attendance", schema.PREFIX, "marks in bulk")
    taken = schema.answers("AttendanceImport", s202="it is kept, and a worker marks it")
    api.post("/attendance-imports", responses=taken)(import_attendance)
    told = schema.answers("AttendanceImportReport", s200="how far it is, and a page of its rows")
    api.get("/attendance-imports/<id>", responses=told)(get_import)
    return api


def import_attendance(raw: Marks) -> Response:
    """Keep marks to be marked: CSV with a line of column names, or `{"rows": […]}`; each row stands for itself."""
    tenant_id, actor = door.tenant_id(), door.actor()
    delivered = attendance_rows.read(raw.get_data(), request.mimetype)

    def journey(tx: Tx, now: datetime) -> AttendanceImport:
        kept = attendance_import.store(tx, tenant_id, delivered, actor, now)
        door.changed(str(kept.id))
        return kept

    kept = door.run(journey)
    return answer.taken(of_import(kept), f"{schema.PREFIX}/attendance-imports/{kept.id}")


def get_import(path: ImportPath, query: ReportQuery) -> Response:
    """How far a delivery is, and what became of its rows, page by page."""
    tenant_id, id_ = door.tenant_id(), id_of("attendance imports", path.id)
    binding = cursor.bind(tenant_id, (id_, query.outcome))
    after = None
    if query.cursor is not None:
        after = cursor.position_number(cursor.read(query.cursor, binding, 1).position[0], MOST_LINES)

    def journey(tx: Tx, now: datetime) -> tuple[Report, Cursor | None]:
        found = attendance_import.report(tx, tenant_id, id_, query.limit + 1, after, query.outcome)
        more = len(found.rows) > query.limit
        return found, Cursor(now=now, position=(str(found.rows[query.limit - 1].line),)) if more else None

    found, following = door.run(journey)
    told = found.told
    text = None if following is None else cursor.write(following, binding)
    rows = [of_row(row, told) for row in found.rows[: query.limit]]
    return answer.done({**of_import(told), "data": rows, "nextCursor": text, "hasMore": text is not None})


def of_import(told: AttendanceImport) -> dict[str, Any]:
    """How far a delivery is."""
    return {
        "id": str(told.id),
        "state": "DONE" if told.finished_at is not None else "MARKING" if told.done_until else "WAITING",
        "rows": told.rows,
        "marked": told.marked,
        "unchanged": told.unchanged,
        "refused": told.refused,
        "waiting": told.rows - told.marked - told.unchanged - told.refused,
        "createdAt": session_answer.instant(told.created_at),
        "finishedAt": session_answer.instant(told.finished_at),
    }


def of_row(row: AttendanceImportRow, told: AttendanceImport) -> dict[str, Any]:
    """What became of a row."""
    return {
        "line": row.line,
        "session": row.session,
        "person": row.person,
        "outcome": row.outcome or ("MARKED" if row.line <= told.done_until else "WAITING"),
        "detail": row.detail,
    }
