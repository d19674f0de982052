"""`GET /reports/attendance` and `/reports/completion`: JSON a page at a time, or CSV with all rows.

`format` decides; without it the Accept header does, and JSON is the default, so that a link in a browser and a
spreadsheet's import need no header.
"""

from datetime import datetime
from typing import Any

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from sqlalchemy.orm import Session as Tx

from api_stub import answer, cursor, door, report_answer, report_query, schema
from api_stub.cursor import Cursor
from api_stub.report_answer import ATTENDANCE, COMPLETION
from api_stub.report_query import AttendanceQuery, CompletionQuery, ReportQuery
from services import reports
from services.reports import Report

CSV = "text/csv"
JSON = "application/json"


def blueprint() -> APIBlueprint:
    """The calls of this file."""
    api = schema.group("reports", f"{schema.PREFIX}/reports", "who came, and was it complete")
    api.get("/attendance", responses=responses("AttendanceReport"))(report_attendance)
    api.get("/completion", responses=responses("CompletionReport"))(report_completion)
    return api


def responses(shape: str) -> dict[Any, Any]:
    """The answers of a report: the shape as JSON, or CSV."""
    found = schema.answers(shape, s200="the report", s304=schema.SAME)
    found["200"]["content"] |= {CSV: {"schema": {"type": "string"}}}
    return found


def report_attendance(query: AttendanceQuery) -> Response:
    """Who came: by person, plan, place or time."""
    return told(ATTENDANCE, query)


def report_completion(query: CompletionQuery) -> Response:
    """Was it complete: by person, plan, place or time."""
    return told(COMPLETION, query)


def told(kind: str, query: ReportQuery) -> Response:
    """A report in the form that was asked for."""
    tenant_id, whole = door.tenant_id(), wants_csv(query)
    if whole:
        report_query.refuse_pages(query)
    given = report_query.cursor_of(tenant_id, query)
    question = report_query.question_of(query, given, whole)

    def journey(tx: Tx, now: datetime) -> tuple[Report, datetime]:
        since = now if given is None else given.now
        return reports.run(tx, tenant_id, question, since), since

    report, now = door.run(journey)
    if whole:
        return as_csv(kind, query, report)
    text = None
    if report.next is not None:
        text = cursor.write(Cursor(now=now, position=tuple(report.next)), report_query.binding(tenant_id, query))
    body = report_answer.body(kind, query.by, report)
    return varied(answer.report(body, text, None if text is None else cursor.link(text)))


def wants_csv(query: ReportQuery) -> bool:
    """Whether CSV is asked for, by the parameter or, without it, by the header."""
    if query.format is not None:
        return query.format == "csv"
    return request.accept_mimetypes.best_match([JSON, CSV], JSON) == CSV


def as_csv(kind: str, query: ReportQuery, report: Report) -> Response:
    """All rows, as a file of its own name."""
    found = Response(report_answer.as_csv(kind, query.by, report), content_type=f"{CSV}; charset=utf-8")
    found.headers["Content-Disposition"] = f'attachment; filename="{kind}-by-{query.by}.csv"'
    return varied(found)


def varied(found: Response) -> Response:
    """An answer whose form depends on the header."""
    found.headers["Vary"] = "Accept"
    return found
