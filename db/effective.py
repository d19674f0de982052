"""The effective state of a session, in SQL: what its row would say if every due step had been applied at `now`.

Reads use these expressions, so that a client never sees how far the workers have come. They follow the statements of
`db.due` step by step: a start that comes too late is a miss there, and so it is here. Whether one that has a misfire
grace comes too late shows when it is applied: until then, or until the grace is over, it is IN_PROGRESS.

A page may be asked with the `now` of the first one of its list, and a row may be written while an answer is made: what
took effect after `now` is left out again. Only a call-off before the start has no instant; it is told at once.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, null, or_

from db.models import Session
from lifecycle import State, Step

Now = datetime | ColumnElement[datetime]
"""An instant, or the parameter of a statement that stands for one."""


def state(now: Now) -> ColumnElement[Any]:
    """The effective state; null for a session that is not tracked."""
    ending = and_(Session.next_step == Step.END, Session.next_due_at <= now)
    return case(
        (~Session.tracked, null()),
        (or_(Session.started_at > now, missed_after(now)), literal(State.SCHEDULED)),
        (Session.ended_at > now, literal(State.IN_PROGRESS)),
        (too_late(now), literal(State.MISSED)),
        (and_(starting(now), ending_too(now)), literal(State.COMPLETED)),
        (starting(now), literal(State.IN_PROGRESS)),
        (and_(ending, Session.state == State.IN_PROGRESS), literal(State.COMPLETED)),
        (ending, literal(State.MISSED)),
        else_=Session.state,
    )


def started_at(now: Now) -> ColumnElement[Any]:
    """The effective instant it started."""
    stored = case((Session.started_at <= now, Session.started_at))
    return case((and_(starting(now), ~too_late(now)), Session.next_due_at), else_=stored)


def ended_at(now: Now) -> ColumnElement[Any]:
    """The effective instant it ended."""
    ended_by_step = and_(
        Session.end_due_at <= now,
        case((Session.next_step == Step.START, ending_too(now)), else_=Session.state == State.IN_PROGRESS),
        Session.next_step.in_([Step.START, Step.END]),
    )
    return case((ended_by_step, Session.end_due_at), else_=case((Session.ended_at <= now, Session.ended_at)))


def closing(now: Now) -> ColumnElement[bool]:
    """Whether it is over, and whoever is still expected is absent, though the row may not say so yet."""
    return and_(
        Session.next_step.in_([Step.START, Step.END, Step.CLOSE]),
        Session.next_due_at <= now,
        state(now) == State.COMPLETED,
    )


def starting(now: Now) -> ColumnElement[bool]:
    """Whether its start is due."""
    return and_(Session.next_step == Step.START, Session.next_due_at <= now)


def ending_too(now: Now) -> ColumnElement[bool]:
    """Whether what has its start to come is over by then. Not with a misfire grace: until it has started, it may still
    be missed, and what was completed never is."""
    return and_(Session.end_due_at <= now, Session.misfire_grace.is_(None))


def missed_after(now: Now) -> ColumnElement[bool]:
    """Whether it was missed at its end, and that was after `now`; what misfired is missed from its start on.

    A row that waits for its end alone has no grace, so one that has a grace misfired.
    """
    at_end = and_(Session.state == State.MISSED, Session.misfire_grace.is_(None), Session.ends_at > now)
    return or_(at_end, and_(Session.state == State.MISSED, Session.starts_at > now))


def too_late(now: Now) -> ColumnElement[bool]:
    """Whether its start is due, and too late for its misfire grace."""
    return and_(
        Session.next_step == Step.START, func.coalesce(Session.next_due_at + Session.misfire_grace < now, False)
    )
