"""`GET /freebusy`: when a space, an instructor or a person is busy."""

from datetime import datetime
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field, model_validator
from sqlalchemy.orm import Session as Tx

from api_stub import answer, door, instants, schema, sessions
from api_stub.filters import When
from api_stub.wire import Id, Strict
from services import freebusy
from services.freebusy import Interval, Wanted


class BusyQuery(Strict):
    """Who is asked about, and the window; left out, from now to the horizon."""

    from_: When | None = Field(default=None, alias="from")
    to: When | None = None
    space_id: Id | None = None
    instructor_id: Id | None = None
    user_id: Id | None = Field(default=None, description="as a participant or as the instructor")

    @model_validator(mode="after")
    def about_somebody(self) -> "BusyQuery":
        """Busy is always somebody."""
        if self.space_id is None and self.instructor_id is None and self.user_id is None:
            raise ValueError("got nobody to ask about, expected spaceId, instructorId or userId")
        return self


def register(api: APIBlueprint) -> None:
    """Add the call of this file to its group."""
    api.get("/freebusy", responses=schema.answers("Busy", s200="the busy intervals"))(list_busy)


def list_busy(query: BusyQuery) -> Response:
    """When they are busy, merged; of several, when any of them is."""
    tenant_id = door.tenant_id()
    wanted = Wanted(space_id=query.space_id, instructor_id=query.instructor_id, user_id=query.user_id)

    def journey(tx: Tx, now: datetime) -> dict[str, Any]:
        start = query.from_ or now
        end = query.to or start + min(sessions.horizon(), instants.END - start)
        found = freebusy.busy(tx, tenant_id, wanted, Interval(start, end), now)
        return {**span(Interval(start, end)), "busy": [span(one) for one in found]}

    return answer.done(door.run(journey))


def span(interval: Interval) -> dict[str, str]:
    """An interval on the wire, half-open."""
    return {"from": instants.show(interval.start), "to": instants.show(interval.end)}
