"""The effective state of a session, in SQL: what its row would say if every due step had been applied at `now`.

Reads use these expressions, so that a client never sees how far the workers have come. They follow the statements of
`db.due` step by step: a start that comes too late is a miss there, and so it is here.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, null

from db.models import Session
from lifecycle import State, Step


def state(now: datetime) -> ColumnElement[Any]:
    """The effective state; null for a session that is not tracked."""
    ending = and_(Session.next_step == Step.END, Session.next_due_at <= now)
    return case(
        (~Session.tracked, null()),
        (too_late(now), literal(State.MISSED)),
        (and_(starting(now), Session.end_due_at <= now), literal(State.COMPLETED)),
        (starting(now), literal(State.IN_PROGRESS)),
        (and_(ending, Session.state == State.IN_PROGRESS), literal(State.COMPLETED)),
        (ending, literal(State.MISSED)),
        else_=Session.state,
    )


def started_at(now: datetime) -> ColumnElement[Any]:
    """The effective instant it started."""
    return case((and_(starting(now), ~too_late(now)), Session.next_due_at), else_=Session.started_at)


def ended_at(now: datetime) -> ColumnElement[Any]:
    """The effective instant it ended."""
    ended_by_step = and_(
        Session.end_due_at <= now,
        case((Session.next_step == Step.START, ~too_late(now)), else_=Session.state == State.IN_PROGRESS),
        Session.next_step.in_([Step.START, Step.END]),
    )
    return case((ended_by_step, Session.end_due_at), else_=Session.ended_at)


def starting(now: datetime) -> ColumnElement[bool]:
    """Whether its start is due."""
    return and_(Session.next_step == Step.START, Session.next_due_at <= now)


def too_late(now: datetime) -> ColumnElement[bool]:
    """Whether its start is due, and too late for its misfire grace."""
    return and_(
        Session.next_step == Step.START, func.coalesce(Session.next_due_at + Session.misfire_grace < now, False)
    )
