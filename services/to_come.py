"""How many sessions are still to come for people: stored ones, and beyond these what the rules give.

A session is to come that has not ended, is neither called off nor removed, expects the person by then, and has not been
excused. Windows and filters are those of a report. Where neither the window nor the plan nor the enrolment ends, there
is no number.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, func, select
from sqlalchemy.orm import Session as Tx

import recurrence
from db import effective
from db.models import Attendance, Enrolment, Mark, Segment, Session
from lifecycle import State
from services import enrolments, outside, unreadable, virtual
from services.errors import InvalidField
from services.filters import Filters, Page
from services.outside import ZONE_SLACK

MOST = 10_000  # sessions of one plan that are counted ahead; an earlier end is asked for then

AHEAD = (State.SCHEDULED, State.IN_PROGRESS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """Of which tenant, which people, and which sessions: those that start in the filters' window, and have not ended by
    `now`. `endless`: the window has no end; the filters have the end of the calendar then."""

    tenant_id: UUID
    user_ids: Collection[UUID]
    filters: Filters
    endless: bool
    instructor_id: UUID | None
    now: datetime


def of_people(tx: Tx, ahead: Ahead) -> dict[UUID, int | None]:
    """How many are to come for each of these people; None: without end.

    Raises InvalidField when a plan gives more than `MOST`, or when too many plans go on.
    """
    found: dict[UUID, int | None] = dict.fromkeys(ahead.user_ids, 0)
    if ahead.filters.to <= ahead.now:
        return found
    found |= dict(rows(tx, ahead))
    for user_id, count in beyond(tx, ahead):
        before = found[user_id]
        found[user_id] = None if count is None or before is None else before + count
    return found


def rows(tx: Tx, ahead: Ahead) -> list[tuple[UUID, int]]:
    """How many of each person's sessions that are to come are stored."""
    filters = ahead.filters
    covers = and_(
        Enrolment.tenant_id == Session.tenant_id,
        Enrolment.series_id == Session.series_id,
        Enrolment.from_local <= Session.recurrence_id,
        Enrolment.until_local.is_(None) | (Enrolment.until_local > Session.recurrence_id),
    )
    of_it = and_(
        Segment.tenant_id == Session.tenant_id,
        Segment.series_id == Session.series_id,
        Segment.from_local == Session.segment_from,
    )
    marked = and_(
        Attendance.tenant_id == Session.tenant_id,
        Attendance.series_id == Session.series_id,
        Attendance.recurrence_id == Session.recurrence_id,
        Attendance.user_id == Enrolment.user_id,
    )
    statement = (
        select(Enrolment.user_id, func.count())
        .join(Session, covers)
        .join(Segment, of_it)
        .outerjoin(Attendance, marked)
        .where(Session.tenant_id == ahead.tenant_id, Enrolment.user_id.in_(ahead.user_ids))
        .where(Session.starts_at >= filters.from_, Session.starts_at < filters.to, not_over(ahead.now))
        .where(effective.state(ahead.now).in_(AHEAD), Session.tracked, Session.removed_at.is_(None))
        .where(func.coalesce(Attendance.mark, Mark.EXPECTED) != Mark.EXCUSED)
        .where(*asked(ahead, own=True))
        .group_by(Enrolment.user_id)
    )
    return [(user_id, count) for user_id, count in tx.execute(statement)]


def not_over(now: datetime) -> ColumnElement[bool]:
    """Whether a session has not ended: one that runs ends when it is due to, which may be long after its plan."""
    return case((effective.state(now) == State.IN_PROGRESS, Session.end_due_at), else_=Session.ends_at) > now


def asked(ahead: Ahead, own: bool) -> list[Any]:
    """The filters on a segment; `own`: on what a session has of its own first."""
    filters = ahead.filters
    places: dict[str, UUID | None] = {"space_id": filters.space_id, "instructor_id": ahead.instructor_id}
    kinds = ("series_id", "routine_id", "program_id", "timeline_id", "subject_id")
    wanted = [getattr(Segment, name) == getattr(filters, name) for name in kinds if getattr(filters, name) is not None]
    for name, value in places.items():
        planned = getattr(Segment, name)
        if value is not None:
            wanted.append((func.coalesce(getattr(Session, name), planned) if own else planned) == value)
    return wanted


def beyond(tx: Tx, ahead: Ahead) -> Iterator[tuple[UUID, int | None]]:
    """How many more each plan gives a person where no rows are; None: without end."""
    filters = replace(ahead.filters, from_=max(ahead.now, ahead.filters.from_), state=State.SCHEDULED)
    enrolled = select(Enrolment.series_id).where(
        Enrolment.tenant_id == ahead.tenant_id, Enrolment.user_id.in_(ahead.user_ids)
    )
    goes_on = outside.plans(ahead.tenant_id, filters, filters.to)
    goes_on = goes_on.where(Segment.series_id.in_(enrolled), *asked(ahead, own=False))
    plans = tx.execute(goes_on.limit(virtual.MOST_PLANS + 1)).all()
    if len(plans) > virtual.MOST_PLANS:
        raise InvalidField("to", f"more than {virtual.MOST_PLANS} plans go on: ask about less")
    series_ids = [plan.Segment.series_id for plan in plans]
    kept = virtual.kept_keys(tx, ahead.tenant_id, filters, series_ids)
    stays = enrolments.of_plans(tx, series_ids)
    for plan in plans:
        own = [stay for stay in stays.get(plan.Segment.series_id, ()) if stay.user_id in ahead.user_ids]
        yield from of_plan(plan, own, ahead, filters, kept)


def of_plan(
    plan: Row[*tuple[Any, ...]],
    stays: Sequence[Enrolment],
    ahead: Ahead,
    filters: Filters,
    kept: set[tuple[UUID, datetime]],
) -> Iterator[tuple[UUID, int | None]]:
    """What one plan gives to those who are enrolled in it."""
    bounded = list(stays)
    series = unreadable.series(plan.Segment)
    if series is None:
        return
    if ahead.endless and endless(series):
        yield from ((stay.user_id, None) for stay in stays if stay.until_local is None)
        bounded = [stay for stay in stays if stay.until_local is not None]
        last = max((stay.until_local for stay in bounded if stay.until_local is not None), default=None)
        if last is None:
            return
        filters = replace(filters, to=min(filters.to, last.replace(tzinfo=filters.to.tzinfo) + ZONE_SLACK))
    views = virtual.of_plan(plan, filters, Page(limit=0), kept, ahead.now)
    walls = [view.recurrence_id for view in islice(views, MOST + 1) if view.starts_at >= filters.from_]
    if len(walls) > MOST:
        raise InvalidField("to", f"a plan gives more than {MOST:,} sessions until then, expected an earlier end")
    for stay in bounded:
        yield stay.user_id, sum(enrolments.covers(stay, wall) for wall in walls)


def endless(series: recurrence.Series) -> bool:
    """Whether a plan goes on for ever."""
    return series.rule is not None and series.rule.count is None and series.rule.until is None
