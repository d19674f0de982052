"""`POST /calendar-imports`: the entries of a calendar file become plans."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import RawModel
from sqlalchemy.orm import Session as Tx

from api_stub import answer, door, schema
from api_stub.errors import Malformed
from services import calendar_import, calendar_text
from services.calendar_import import Imported, Refusal
from services.calendar_text import BrokenCalendar, Component


class CalendarFile(RawModel):
    """An .ics file."""

    mimetypes = ["text/calendar"]  # noqa: RUF012 the library declares it so


def register(api: APIBlueprint) -> None:
    """Add the call of this file to its group."""
    answers = schema.answers("ImportedCalendar", s200="what became of it")
    api.post("/calendar-imports", responses=answers)(import_calendar)


def import_calendar(raw: CalendarFile) -> Response:
    """Make plans of all entries that are not there yet; what can't be imported is listed, the others come in."""
    tenant_id, settings, actor = door.tenant_id(), door.current().settings, door.actor()
    calendars = read(raw.get_data())

    def journey(tx: Tx, _: None, now: datetime) -> Imported:
        return calendar_import.import_calendars(tx, tenant_id, calendars, now, settings, actor)

    return answer.done(of_import(door.write(lambda tx, _: calendar_import.hold(tx, tenant_id), journey)))


def read(content: bytes) -> Sequence[Component]:
    """The calendars of a file. Raises Malformed for what is not iCalendar, naming the line."""
    try:
        return calendar_text.read(content)
    except BrokenCalendar as error:
        raise Malformed(str(error)) from None


def of_import(found: Imported) -> dict[str, Any]:
    """What became of a calendar's entries."""
    return {
        "plans": found.plans,
        "sessionsOverridden": found.sessions_overridden,
        "unchanged": found.unchanged,
        "refused": [of_refusal(one) for one in found.refused],
    }


def of_refusal(one: Refusal) -> dict[str, Any]:
    """An entry that was not imported."""
    return {"title": one.title, "uid": one.uid, "line": one.line, "reason": one.reason}
