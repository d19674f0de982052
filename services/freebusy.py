"""When a space, an instructor or a person is busy: the intervals that sessions take, merged, however far ahead.

Busy is whom a session has for itself: a plan that shares its space (`exclusive` without it) leaves it free, and what is
cancelled or removed takes nothing. A person is busy with what they give and where they are expected; not where they
are excused. What took place before its plan was tracked is not looked at.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session as Tx

from db.models import Attendance, Enrolment, Mark, Segment, Session
from lifecycle import State
from services import enrolments, outside, query, references, stored, virtual
from services.errors import InvalidField
from services.filters import Filters, Page
from services.views import SessionView


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Who is asked about, at least one; of several, when any of them is busy."""

    space_id: UUID | None = None
    instructor_id: UUID | None = None
    user_id: UUID | None = None


class Interval(NamedTuple):
    """From an instant until before another."""

    start: datetime
    end: datetime


def busy(tx: Tx, tenant_id: UUID, wanted: Wanted, window: Interval, now: datetime) -> list[Interval]:
    """The intervals within the window in which one of them is busy, merged, in order.

    Raises InvalidField for an unknown id and for a window that is empty or too long.
    """
    filters = Filters(from_=window.start, to=window.end)
    query.check_window(filters)
    given = {"space_id": wanted.space_id, "instructor_id": wanted.instructor_id}
    references.check(tx, tenant_id, {name: (id_,) for name, id_ in given.items() if id_ is not None})
    if wanted.user_id is not None:
        check_person(tx, tenant_id, wanted.user_id)
    found = heapq.merge(of_rows(tx, tenant_id, wanted, filters), of_rules(tx, tenant_id, wanted, filters, now))
    return list(merged(found, window))


def check_person(tx: Tx, tenant_id: UUID, user_id: UUID) -> None:
    """Refuse an unknown person. Raises InvalidField."""
    try:
        references.check(tx, tenant_id, {"participants": (user_id,)})
    except InvalidField as error:
        raise InvalidField("user_id", str(error)) from None


def of_rows(tx: Tx, tenant_id: UUID, wanted: Wanted, filters: Filters) -> list[Interval]:
    """What stored sessions take, in order."""
    statement = (
        select(Session.starts_at, Session.ends_at)
        .join(
            Segment,
            (Segment.tenant_id == Session.tenant_id)
            & (Segment.series_id == Session.series_id)
            & (Segment.from_local == Session.segment_from),
        )
        .where(
            Session.tenant_id == tenant_id,
            Session.starts_at < filters.to,
            Session.starts_at > stored.before(filters.from_, stored.LONGEST),
            Session.ends_at > filters.from_,
            Session.removed_at.is_(None),
            Session.tracked,
            Session.state != State.CANCELLED,
            taking(
                wanted,
                func.coalesce(Session.space_id, Segment.space_id),
                func.coalesce(Session.instructor_id, Segment.instructor_id),
                is_expected(wanted.user_id),
            ),
        )
        .order_by(Session.starts_at, Session.ends_at)
    )
    return [Interval(*row) for row in tx.execute(statement)]


def taking(
    wanted: Wanted, space: SQLColumnExpression[Any], instructor: SQLColumnExpression[Any], expected: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Whether what has this space, this instructor and those people takes one of the wanted for itself."""
    has_space, has_instructor, has_people = (
        func.array_position(Segment.exclusive, kind).is_not(None) for kind in ("space", "instructor", "participants")
    )
    givers = [id_ for id_ in (wanted.instructor_id, wanted.user_id) if id_ is not None]
    met = [and_(has_instructor, instructor == id_) for id_ in givers]
    if wanted.space_id is not None:
        met.append(and_(has_space, space == wanted.space_id))
    return or_(*met, and_(has_people, expected))


def is_expected(user_id: UUID | None) -> ColumnElement[bool]:
    """Whether a person is enrolled at the time of a stored session, and not excused."""
    if user_id is None:
        return false()
    enrolled = enrolments.expects(user_id, Session, Session.recurrence_id)
    excused = exists().where(
        Attendance.tenant_id == Session.tenant_id,
        Attendance.series_id == Session.series_id,
        Attendance.recurrence_id == Session.recurrence_id,
        Attendance.user_id == user_id,
        Attendance.mark == Mark.EXCUSED,
    )
    return and_(enrolled, ~excused)


def of_rules(tx: Tx, tenant_id: UUID, wanted: Wanted, filters: Filters, now: datetime) -> Iterator[Interval]:
    """What sessions take that the rules give and that no row stands for, in order.

    Raises InvalidField when too many plans would have to be expanded.
    """
    enrolled = exists().where(
        Enrolment.tenant_id == Segment.tenant_id,
        Enrolment.series_id == Segment.series_id,
        Enrolment.user_id == wanted.user_id,
    )
    expected = false() if wanted.user_id is None else enrolled
    taken = taking(wanted, Segment.space_id, Segment.instructor_id, expected)
    reaching = outside.plans(tenant_id, filters, outside.until(filters, now)).where(taken)
    plans = tx.execute(reaching.limit(virtual.MOST_PLANS + 1)).all()
    if len(plans) > virtual.MOST_PLANS:
        raise InvalidField("to", f"more than {virtual.MOST_PLANS} plans reach outside what is stored: ask about less")
    kept = virtual.kept_keys(tx, tenant_id, filters, [row.Segment.series_id for row in plans])
    stays = enrolments.of_person(tx, tenant_id, wanted.user_id)
    return heapq.merge(
        *(of_plan(virtual.of_plan(row, filters, Page(limit=0), kept, now), row.Segment, wanted, stays) for row in plans)
    )


def of_plan(
    views: Iterable[SessionView], segment: Segment, wanted: Wanted, stays: dict[UUID, list[Enrolment]]
) -> Iterator[Interval]:
    """What the sessions of one plan take; one that takes only a person, while they are enrolled."""
    givers = (wanted.instructor_id, wanted.user_id)
    always = (
        "space" in segment.exclusive and segment.space_id is not None and segment.space_id == wanted.space_id
    ) or ("instructor" in segment.exclusive and segment.instructor_id is not None and segment.instructor_id in givers)
    for view in views:
        if view.tracked and (always or enrolments.people_at(stays.get(view.series_id, ()), view.recurrence_id)):
            yield Interval(view.starts_at, view.ends_at)


def merged(intervals: Iterable[Interval], window: Interval) -> Iterator[Interval]:
    """Intervals in order as few as possible, cut to the window: what overlaps or meets is one."""
    held: Interval | None = None
    for one in intervals:
        start, end = max(one.start, window.start), min(one.end, window.end)
        if held is None:
            held = Interval(start, end)
        elif start <= held.end:
            held = Interval(held.start, max(held.end, end))
        else:
            yield held
            held = Interval(start, end)
    if held is not None:
        yield held
