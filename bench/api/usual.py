"""The same week in the usual way: SQLAlchemy's ORM, with what belongs to a session loaded along, and a pydantic model.

The best documented usage: one statement for sessions with their plan joined, a pool, pydantic's own
JSON. The same key check, tenant and role, the same condition on the person, the same state.
"""

import hashlib
import os
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from flask import Flask, Response, request
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from sqlalchemy import create_engine, make_url, select, text, union
from sqlalchemy.orm import Session as Tx

from db import effective
from db.models import ApiKey, Enrolment, Segment, Series, Session

URL: Final = os.environ.get("DATABASE_URL", "postgresql://")
BECOME: Final = text("""
    SELECT set_config('role', 'sessionbeat_api', true), set_config('app.tenant', :tenant, true),
           clock_timestamp() AS now
""")

app = Flask("usual")
engine = create_engine(
    make_url(URL).set(drivername="postgresql+psycopg"), pool_size=8, connect_args={"options": "-c timezone=UTC"}
)


class SessionOut(BaseModel):
    """One session."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    id: str
    session_id: UUID
    type: str
    title: str
    description: str | None
    time_zone: str
    scheduled_at: datetime
    scheduled_end_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    removed_at: datetime | None
    state: str | None
    tracked: bool
    materialized: bool = True
    recurrence_id: datetime
    progress: float | None
    clash: str | None
    routine_id: UUID | None
    program_id: UUID | None
    timeline_id: UUID | None
    space_id: UUID | None
    subject_id: UUID | None
    instructor_id: UUID | None
    capacity: int | None
    notes: list[str] = []
    version: int


class PageOut(BaseModel):
    """One page."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    data: list[SessionOut]
    next_cursor: str | None = None
    has_more: bool


@app.get("/api/v1/sessions")
def week() -> Response:
    """One person's sessions in a window."""
    digest = hashlib.sha256(request.headers["Authorization"].removeprefix("Bearer ").encode()).digest()
    limit = int(request.args["limit"])
    with Tx(engine) as tx:
        key = tx.scalar(select(ApiKey).where(ApiKey.key_hash == digest, ApiKey.revoked_at.is_(None)))
        if key is None:
            return Response(status=401)
        now = tx.execute(BECOME, {"tenant": str(key.tenant_id)}).one().now
        rows = tx.execute(statement(key.tenant_id, now).limit(limit + 1)).all()
        page = PageOut(data=[shown(*row) for row in rows[:limit]], has_more=len(rows) > limit)
    return Response(page.model_dump_json(by_alias=True), content_type="application/json")


def statement(tenant_id: UUID, now: datetime) -> Any:
    """The sessions that the request asks for, each beside its segment and series."""
    user, asked = UUID(request.args["userId"]), request.args
    mine = union(
        select(Enrolment.series_id).where(Enrolment.tenant_id == tenant_id, Enrolment.user_id == user),
        select(Segment.series_id).where(Segment.tenant_id == tenant_id, Segment.instructor_id == user),
        select(Session.series_id).where(Session.tenant_id == tenant_id, Session.instructor_id == user),
    )
    states = (effective.state(now), effective.started_at(now), effective.ended_at(now))
    return (
        select(Session, Segment, Series, *states)
        .join(Segment, (Segment.tenant_id == Session.tenant_id) & (Segment.series_id == Session.series_id)
              & (Segment.from_local == Session.segment_from))
        .join(Series, (Series.tenant_id == Session.tenant_id) & (Series.id == Session.series_id))
        .where(Session.tenant_id == tenant_id, Session.series_id.in_(mine), Series.removed_at.is_(None))
        .where(Session.removed_at.is_(None), Session.starts_at < datetime.fromisoformat(asked["to"]))
        .where(Session.ends_at > datetime.fromisoformat(asked["from"]))
        .order_by(Session.starts_at, Session.series_id, Session.recurrence_id)
    )  # fmt: skip


def shown(own: Session, plan: Segment, series: Series, state: Any, started: Any, ended: Any) -> SessionOut:
    """One session."""
    return SessionOut(
        id=f"{own.series_id}_{own.recurrence_id:%Y%m%dT%H%M%S}",
        session_id=own.series_id,
        type=series.type,
        title=own.title or plan.title,
        description=own.description or plan.description,
        time_zone=plan.time_zone,
        scheduled_at=own.starts_at,
        scheduled_end_at=own.ends_at,
        started_at=started,
        ended_at=ended,
        removed_at=own.removed_at,
        state=state,
        tracked=own.tracked,
        recurrence_id=own.recurrence_id,
        progress=own.progress,
        clash=own.clash,
        routine_id=plan.routine_id,
        program_id=plan.program_id,
        timeline_id=plan.timeline_id,
        space_id=own.space_id or plan.space_id,
        subject_id=plan.subject_id,
        instructor_id=own.instructor_id or plan.instructor_id,
        capacity=own.capacity or plan.capacity,
        version=own.version + plan.version - 1,
    )
