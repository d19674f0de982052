"""`GET /calendar.ics`: what a calendar subscribes to. Its key may stand in the address (`keys.caller_of`)."""

import hashlib
from datetime import datetime, timedelta

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field
from sqlalchemy.orm import Session as Tx

from api_stub import door, filters, schema
from api_stub.filters import CountQuery, PlaceQuery
from services import feed

CALENDAR = "text/calendar; charset=utf-8"


class FeedQuery(PlaceQuery):
    """Which plans are told."""

    token: str | None = Field(default=None, description="a feed's key, for calendars that send no headers")


def register(api: APIBlueprint) -> None:
    """Add the call of this file to its group."""
    responses = schema.answers(s200="the calendar")
    responses["200"]["content"] = {"text/calendar": {"schema": {"type": "string"}}}
    api.get("/calendar.ics", responses=responses)(get_feed)


def get_feed(query: FeedQuery) -> Response:
    """All plans as one calendar, or those of a person, place or program."""
    tenant_id = door.tenant_id()
    asked = CountQuery.model_validate(query.model_dump(by_alias=True, exclude={"token"}, mode="json"))

    def journey(tx: Tx, now: datetime) -> str:
        return feed.text(tx, tenant_id, filters.of_query(asked, now, timedelta(days=1)), now)

    text = door.run(journey)
    answer = Response(text, content_type=CALENDAR)
    answer.set_etag(hashlib.sha256(text.encode()).hexdigest()[:16])
    answer.make_conditional(request)
    return answer
