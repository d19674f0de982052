"""`expand=`: what an answer carries along, read with one statement a kind for all items of a page.

Expanded parts stand beside the ids under their own names: `space` beside `spaceId`. `participants` becomes a list of
users instead of a list of ids.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from api_stub import reference_answer, session_answer
from api_stub.filters import Expand
from db.sessions import SessionKey
from services import enrolments, measured, references
from services.views import PlanView, SessionView

KINDS = {
    Expand.ROUTINE: ("routines", "routine_id"),
    Expand.PROGRAM: ("programs", "program_id"),
    Expand.TIMELINE: ("timelines", "timeline_id"),
    Expand.SPACE: ("spaces", "space_id"),
    Expand.SUBJECT: ("subjects", "subject_id"),
    Expand.INSTRUCTOR: ("users", "instructor_id"),
}
"""What is named by one id: its kind, and the field that holds the id."""

View = SessionView | PlanView


def into(
    tx: Tx, tenant_id: UUID, views: Sequence[View], answers: Sequence[dict[str, Any]], wanted: Iterable[Expand]
) -> None:
    """Add the wanted parts to the answers, which stand for the views, in the same order."""
    for part in wanted:
        if part is Expand.METRICS:
            add_metrics(tx, tenant_id, views, answers)
        elif part is Expand.PARTICIPANTS:
            add_participants(tx, tenant_id, views, answers)
        else:
            add_named(tx, tenant_id, views, answers, part)


def add_named(tx: Tx, tenant_id: UUID, views: Sequence[View], answers: Sequence[dict[str, Any]], part: Expand) -> None:
    """Add the one thing of a kind that each view refers to; null where it refers to none."""
    kind, field = KINDS[part]
    ids = [getattr(shown(view), field) for view in views]
    rows = references.many(tx, tenant_id, kind, {id_ for id_ in ids if id_ is not None})
    for answer, id_ in zip(answers, ids, strict=True):
        answer[part.value] = reference_answer.of_row(rows[id_]) if id_ in rows else None


def add_participants(tx: Tx, tenant_id: UUID, views: Sequence[View], answers: Sequence[dict[str, Any]]) -> None:
    """Add the users who are expected at each session, and at each plan as it goes on."""
    enrolled = enrolments.of_plans(tx, [view.series_id for view in views if isinstance(view, SessionView)])
    expected = [
        view.participants
        if isinstance(view, PlanView)
        else enrolments.people_at(enrolled.get(view.series_id, ()), view.recurrence_id)
        for view in views
    ]
    users = references.many(tx, tenant_id, "users", {user_id for ids in expected for user_id in ids})
    for answer, ids in zip(answers, expected, strict=True):
        answer["participants"] = [reference_answer.of_row(users[user_id]) for user_id in ids if user_id in users]


def add_metrics(tx: Tx, tenant_id: UUID, views: Sequence[View], answers: Sequence[dict[str, Any]]) -> None:
    """Add the completion record of each session; null where there is none."""
    keys = [key_of(tenant_id, view) for view in views]
    records = measured.of_sessions(tx, [key for key in keys if key is not None])
    for answer, key in zip(answers, keys, strict=True):
        answer["metrics"] = session_answer.metrics(records.get(key)) if key is not None else None


def key_of(tenant_id: UUID, view: View) -> SessionKey | None:
    """The key of the session that a view shows; None for a plan of many."""
    session = view.session if isinstance(view, PlanView) else view
    return None if session is None else SessionKey(tenant_id, session.series_id, session.recurrence_id)


def shown(view: View) -> Any:
    """What holds the ids of a view: its session's own first, else its plan's segment."""
    if isinstance(view, SessionView):
        return view
    return view.session or view.segment
