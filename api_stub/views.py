"""One plan or session as an answer: read, expanded, with its version."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from api_stub import expand, plan_answer, session_answer
from api_stub.filters import Expand
from api_stub.plan_times import Clockwork
from recurrence import Duration
from services import identity, planned, query
from services.plan import Created
from services.views import PlanView, SessionView


class Shown(NamedTuple):
    """An answer, and the version of people's edits that it shows."""

    body: dict[str, Any]
    version: int


def one(tx: Tx, tenant_id: UUID, text: str, now: datetime, wanted: tuple[Expand, ...] = ()) -> Shown:
    """The plan or session of an id, with its completion record. Raises NotFound."""
    series_id, recurrence_id = identity.parse_id(text)
    view = query.one(tx, tenant_id, series_id, recurrence_id, now)
    if isinstance(view, SessionView) and view.one_time:
        view = query.one(tx, tenant_id, series_id, None, now)
    body = of_view(view)
    if isinstance(view, SessionView):
        body = of_plan(query.one(tx, tenant_id, series_id, None, now), view) | body
    expand.into(tx, tenant_id, [view], [body], dict.fromkeys((*wanted, Expand.METRICS)))
    return Shown(body, version_of(view))


def of_new(tx: Tx, made: Created, now: datetime) -> Shown:
    """A plan that was just made; as `one` answers it."""
    view = planned.of_new(tx, made.series, made.segment, now)
    body = of_view(view)
    expand.into(tx, made.series.tenant_id, [view], [body], {Expand.METRICS: None})
    return Shown(body, version_of(view))


def of_plan(plan: PlanView | SessionView, session: SessionView) -> dict[str, Any]:
    """What one session takes from its plan: how it repeats, in both spellings, its policies and people."""
    assert isinstance(plan, PlanView)
    clockwork = Clockwork(zone=plan.series.time_zone or "UTC", gap=plan.series.gap, fold=plan.series.fold)
    length = plan.series.duration
    if clockwork.after(clockwork.local(session.starts_at), length) != session.ends_at:
        length = Duration.exactly(session.ends_at - session.starts_at)
    return plan_answer.of_view(plan) | {"duration": str(length)}


def of_view(view: PlanView | SessionView) -> dict[str, Any]:
    """The answer for a view, nothing expanded."""
    return plan_answer.of_view(view) if isinstance(view, PlanView) else session_answer.of_view(view)


def version_of(view: PlanView | SessionView) -> int:
    """The version that `If-Match` is compared with."""
    return plan_answer.version(view) if isinstance(view, PlanView) else view.version
