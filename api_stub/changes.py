"""`GET /sessions/changes`: what changed since a cursor, for apps that poll.

Without a cursor it begins with the oldest change that is kept; `latest=true` gives a cursor for what comes from now on,
to be taken before the sessions are read. `nextCursor` is always there: an app that has everything asks with it later.
"""

from datetime import datetime
from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field
from sqlalchemy.orm import Session as Tx

from api_stub import answer, cursor, door, instants, schema
from api_stub.cursor import Cursor
from api_stub.errors import ApiError
from api_stub.filters import DEFAULT_LIMIT, MOST, Choice
from api_stub.wire import Strict
from services import changes
from services.changes import ALL_OF_IT, KEPT, Change, Place

EXPIRED = {"410": schema.refusal("the cursor is older than 30 days: read the sessions again, then take a new one")}


def register(api: APIBlueprint) -> None:
    """Add the calls of this file to the sessions' group."""
    api.get("/sessions/changes", responses=schema.answers("Changes", s200="a page of changes") | EXPIRED)(list_changes)


class CursorExpired(ApiError):
    """got a cursor of more than 30 days ago, expected a newer one: read the sessions again, then take a new cursor"""

    status, code = 410, "cursor_expired"


class ChangesQuery(Strict):
    """Since when, and how many at once."""

    cursor: str | None = Field(default=None, description="nextCursor as it was answered; left out: all that is kept")
    latest: Choice = Field(default=False, description="no changes, only the cursor for what comes from now on")
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MOST)


def list_changes(query: ChangesQuery) -> Response:
    """What changed since a cursor: edits, removals and transitions, first to last."""
    tenant_id = door.tenant_id()
    binding = cursor.bind(tenant_id, ("changes",))
    given = None if query.cursor is None else cursor.read(query.cursor, binding, len(Place._fields) - 1)
    after = changes.BEGINNING if given is None else place_of(given.position)

    def journey(tx: Tx, now: datetime) -> tuple[list[Change], str, bool]:
        if given is not None and given.now < now - KEPT:
            raise CursorExpired
        if query.latest:
            return [], cursor.write(Cursor(now=now, position=parts_of(changes.latest(tx))), binding), False
        found = changes.since(tx, tenant_id, after, query.limit)
        return found.items, cursor.write(Cursor(now=now, position=parts_of(found.next)), binding), found.has_more

    items, following, has_more = door.run(journey)
    return answer.feed([of_change(one) for one in items], following, cursor.link(following) if has_more else None)


def of_change(change: Change) -> dict[str, Any]:
    """One change; the plan that a session belongs to stands beside its id."""
    plan, is_session, _ = change.subject.partition("_")
    return {
        "id": change.subject,
        "sessionId": plan if is_session else None,
        "kind": change.kind,
        "effectiveAt": instants.show(change.effective_at),
        "appliedAt": instants.show(change.applied_at),
        "actor": change.actor,
        "reason": change.reason,
    }


def parts_of(place: Place) -> tuple[str, ...]:
    """A place as a cursor carries it."""
    where = ("", "") if place.is_in_log else (str(place.series_id), place.recurrence_id.isoformat())
    return (str(place.transaction_id), *where, str(place.seq))


def place_of(parts: tuple[str, ...]) -> Place:
    """The place that a cursor carries. Raises Invalid for one that none of ours does."""
    transaction_id, series_id, recurrence_id, seq = parts
    numbers = cursor.position_number(transaction_id, ALL_OF_IT), cursor.position_number(seq, ALL_OF_IT)
    if not series_id and not recurrence_id:
        return changes.in_log(*numbers)
    local = cursor.position_time(recurrence_id, aware=False)
    return Place(numbers[0], False, cursor.position_id(series_id), local, numbers[1])
