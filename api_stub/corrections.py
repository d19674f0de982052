"""`POST /sessions/{id}/corrections`: what really happened, told by staff afterwards."""

from datetime import datetime
from typing import Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field, model_validator
from sqlalchemy.orm import Session as Tx

from api_stub import answer, conditions, door, schema, session_ids, views
from api_stub.session_ids import SessionPath
from api_stub.views import Shown
from api_stub.wire import Instant, Strict
from db.sessions import SessionKey
from services import correct
from services.correct import Correction


def register(api: APIBlueprint) -> None:
    """Add the call of this file to the sessions' group."""
    answers = schema.answers("PlanOrSession", s200="the session as it is now")
    api.post("/sessions/<session:id>/corrections", responses=answers)(correct_session)


class CorrectionBody(Strict):
    """The actual times; what is left out stays as it was told, or as planned when the session had been missed."""

    state: Literal["COMPLETED"] | None = Field(default=None, description="it did take place, as planned")
    started_at: Instant | None = None
    ended_at: Instant | None = None

    @model_validator(mode="after")
    def something_to_say(self) -> "CorrectionBody":
        """A correction says something."""
        if self.state is None and self.started_at is None and self.ended_at is None:
            raise ValueError("got nothing to correct, expected state, startedAt or endedAt")
        return self


def correct_session(path: SessionPath, body: CorrectionBody) -> Response:
    """Correct the actual times of a session that is over, or say that a missed one did take place."""
    tenant_id, actor = door.tenant_id(), door.actor()
    correction = Correction(started_at=body.started_at, ended_at=body.ended_at)

    def journey(tx: Tx, key: SessionKey, now: datetime) -> Shown:
        conditions.require(tx, path.id, now)
        correct.correct(tx, key, correction, actor, now)
        return views.one(tx, tenant_id, path.id, now)

    shown = door.write(lambda tx, _: session_ids.held(tx, tenant_id, path.id), journey)
    return answer.changed(shown.body, shown.version)
