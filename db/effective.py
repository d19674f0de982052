"""The effective state of a session, in SQL: what its row would say if every due step had been applied at `now`.

Reads use these expressions, so that a client never sees how far the workers have come.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, literal, null

from db.models import Session
from lifecycle import State, Step


def state(now: datetime) -> ColumnElement[Any]:
    """The effective state; null for a session that is not tracked."""
    due = Session.next_due_at <= now
    return case(
        (~Session.tracked, null()),
        (and_(due, Session.next_step == Step.START, Session.end_due_at <= now), literal(State.COMPLETED)),
        (and_(due, Session.next_step == Step.START), literal(State.IN_PROGRESS)),
        (
            and_(due, Session.next_step == Step.END, Session.state == State.IN_PROGRESS),
            literal(State.COMPLETED),
        ),
        (and_(due, Session.next_step == Step.END), literal(State.MISSED)),
        else_=Session.state,
    )


def started_at(now: datetime) -> ColumnElement[Any]:
    """The effective instant it started."""
    return case(
        (and_(Session.next_step == Step.START, Session.next_due_at <= now), Session.next_due_at),
        else_=Session.started_at,
    )


def ended_at(now: datetime) -> ColumnElement[Any]:
    """The effective instant it ended."""
    ended_by_step = and_(
        Session.end_due_at <= now,
        case((Session.next_step == Step.START, True), else_=Session.state == State.IN_PROGRESS),
        Session.next_step.in_([Step.START, Step.END]),
    )
    return case((ended_by_step, Session.end_due_at), else_=Session.ended_at)
