"""Sessions that the rules give where no row is kept: before a plan was tracked, and beyond its watermark.

They are told as their rows would be. When rows were not written in time, some that lie beyond the watermark have
begun, and a write of one of them would settle it: so reads tell that life too.
"""

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session as Tx

import recurrence
from db import segments, statements
from db.models import Enrolment, PlanType, Segment, Series, Session
from db.sessions import SessionKey
from db.statements import Kept, asked, keep
from lifecycle import State, Step
from services import counted, enrolments, materialize, outside, stored, unreadable
from services import filters as wanted
from services.errors import InvalidField
from services.filters import Filters, Page, Position
from services.outside import ZONE_SLACK
from services.views import SessionView

MOST_PLANS = 10_000  # plans expanded for one answer; above, a filter by series, place or person is asked for


def stream(tx: Tx, tenant_id: UUID, filters: Filters, page: Page, now: datetime) -> Iterable[SessionView]:
    """The sessions of the window that no row stands for, in the page's order, from its position on; mostly none: `()`.

    Raises InvalidField when more than `MOST_PLANS` plans would have to be expanded.
    """
    if not reach_outside(tx, tenant_id, filters, now):
        return ()
    plans = tx.execute(outside.plans(tenant_id, filters, outside.until(filters, now)).limit(MOST_PLANS + 1)).all()
    if len(plans) > MOST_PLANS:
        raise InvalidField(
            "series_id",
            f"more than {MOST_PLANS} plans reach outside what is stored: filter by series, place or person",
        )
    kept = kept_keys(tx, tenant_id, filters, [row.Segment.series_id for row in plans])
    stays = enrolments.of_person(tx, tenant_id, filters.user_id)
    streams = [with_person(of_plan(row, filters, page, kept, now), row.Segment, filters, stays) for row in plans]
    if page.descending:
        return iter(sorted((view for views in streams for view in views), key=wanted.position_of, reverse=True))
    return heapq.merge(*streams, key=wanted.position_of)


def reach_outside(tx: Tx, tenant_id: UUID, filters: Filters, now: datetime) -> bool:
    """Whether there are such plans: mostly there are none, and this is all that is asked."""
    values = stored.given(filters)
    statement = any_outside(frozenset(values), filters.include_removed)
    values |= {"tenant_id": tenant_id, "until": outside.until(filters, now)}
    return bool(statements.fetch(tx, statement, values)[0][0])


@lru_cache(stored.KINDS_OF_QUESTION)
def any_outside(names: frozenset[str], include_removed: bool) -> Kept:
    """The statement that looks for one, with these filters."""
    filters = stored.as_asked(names, include_removed)
    return keep(select(outside.some(asked("tenant_id"), filters)))


def one(tx: Tx, key: SessionKey, now: datetime) -> SessionView | None:
    """The session of this key if its plan's rule gives it, whether or not a row stands for it; else None."""
    statement = (
        select(Segment, Series)
        .join(Series, (Series.tenant_id == Segment.tenant_id) & (Series.id == Segment.series_id))
        .where(Segment.tenant_id == key.tenant_id, Segment.series_id == key.series_id)
        .where(Segment.from_local <= key.recurrence_id)
        .where(or_(Segment.rrule.is_not(None), func.cardinality(Segment.rdates) > 0, Segment.exdates == []))
        .order_by(Segment.from_local.desc())
        .limit(1)
    )
    plan = tx.execute(statement).one_or_none()
    if plan is None:
        return None
    given = counted.occurrence_at(plan.Segment, segments.series_of(plan.Segment), key.recurrence_id)
    return None if given is None else view(plan.Segment, plan.Series, given, now)


def kept_keys(tx: Tx, tenant_id: UUID, filters: Filters, series_ids: list[UUID]) -> set[tuple[UUID, datetime]]:
    """The keys of rows that stand for an occurrence outside the stored stretch of these plans."""
    if not series_ids:
        return set()
    until = func.timezone("UTC", Segment.materialized_until)
    tracked = func.timezone("UTC", Series.tracked_from)
    statement = (
        select(Session.series_id, Session.recurrence_id)
        .join(
            Segment,
            (Segment.tenant_id == Session.tenant_id)
            & (Segment.series_id == Session.series_id)
            & (Segment.from_local == Session.segment_from),
        )
        .join(Series, (Series.tenant_id == Session.tenant_id) & (Series.id == Session.series_id))
        .where(Session.tenant_id == tenant_id, Session.series_id.in_(series_ids))
        .where(or_(Session.recurrence_id > until - ZONE_SLACK, Session.recurrence_id < tracked + ZONE_SLACK))
    )
    return {(row.series_id, row.recurrence_id) for row in tx.execute(statement)}


def of_plan(
    plan: Row[*tuple[Any, ...]], filters: Filters, page: Page, kept: set[tuple[UUID, datetime]], now: datetime
) -> Iterator[SessionView]:
    """The sessions of one plan in the window that no row stands for, by their start; none when it can't be read."""
    segment, series = plan.Segment, plan.Series
    rule = unreadable.series(segment)
    if rule is None:
        return
    begin = stored.before(filters.from_, longest(rule))
    if page.after is not None and not page.descending:
        begin = max(begin, page.after.starts_at)
    before = counted.expand(segment, rule, begin, min(filters.to, series.tracked_from))
    begin = max(begin, segment.materialized_until, series.tracked_from)
    beyond = counted.expand(segment, rule, begin, outside.until(filters, now))
    for one in beyond if filters.state is not None else chain(before, beyond):
        if one.ends_at <= filters.from_ or (segment.series_id, one.recurrence_id) in kept:
            continue
        if page.after is None or follows(one, segment.series_id, page):
            found = view(segment, series, one, now)
            if filters.state in (None, found.state):
                yield found


def with_person(
    views: Iterator[SessionView], segment: Segment, filters: Filters, stays: Mapping[UUID, Sequence[Enrolment]]
) -> Iterator[SessionView]:
    """Those of a plan's sessions that the person of the filters gives or is expected at; without one, all of them."""
    if filters.user_id is None or segment.instructor_id == filters.user_id:
        return views
    own = stays.get(segment.series_id, ())
    return (view for view in views if enrolments.people_at(own, view.recurrence_id))


def follows(one: recurrence.Occurrence, series_id: UUID, page: Page) -> bool:
    """Whether an occurrence comes after the page's position, in the page's order."""
    here = Position(one.starts_at, series_id, one.recurrence_id)
    return page.after is None or (here < page.after if page.descending else here > page.after)


def longest(series: recurrence.Series) -> timedelta:
    """A bound on how long a session of the series lasts, RDATE's periods included, whatever the clocks do meanwhile."""
    periods = [moment for moment in series.rdates if isinstance(moment, recurrence.Period)]
    lengths = [period.duration.longest for period in periods if period.duration is not None]
    told = [period.end - period.start for period in periods if period.end is not None]
    return max(timedelta(seconds=max([series.duration.longest, *lengths])), *told, timedelta(0)) + ZONE_SLACK


class Life(NamedTuple):
    """What became of a session: its state, and the instants at which it started and ended."""

    state: State | None
    started_at: datetime | None = None
    ended_at: datetime | None = None


def life(segment: Segment, series: Series, one: recurrence.Occurrence, now: datetime) -> Life:
    """What `db.effective` would make of its row at `now`."""
    if one.starts_at < series.tracked_from:
        return Life(None)
    step, due_at = materialize.first_step(segment.auto_start, one.starts_at, one.ends_at)
    if due_at > now or removed_at(segment, series) is not None:
        return Life(State.SCHEDULED)
    too_late = segment.misfire_grace is not None and due_at + segment.misfire_grace < now
    if step is not Step.START or too_late:
        return Life(State.MISSED)
    end_at = materialize.end_due_at(segment, one.ends_at)
    may_be_missed = segment.misfire_grace is not None
    return Life(State.IN_PROGRESS, due_at) if end_at > now or may_be_missed else Life(State.COMPLETED, due_at, end_at)


def removed_at(segment: Segment, series: Series) -> datetime | None:
    """When the plan, or this stretch of it, was removed; None: it was not."""
    return series.removed_at or segment.removed_at


def view(segment: Segment, series: Series, one: recurrence.Occurrence, now: datetime) -> SessionView:
    """An occurrence as a client sees it; without a state when it was never tracked."""
    lived = life(segment, series, one, now)
    return SessionView(
        series_id=segment.series_id,
        recurrence_id=one.recurrence_id,
        one_time=series.type == PlanType.ONE_TIME,
        type=series.type,
        title=segment.title,
        description=segment.description,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        time_zone=segment.time_zone,
        state=lived.state,
        started_at=lived.started_at,
        ended_at=lived.ended_at,
        removed_at=removed_at(segment, series),
        tracked=lived.state is not None,
        materialized=False,
        progress=None,
        routine_id=segment.routine_id,
        program_id=segment.program_id,
        timeline_id=segment.timeline_id,
        space_id=segment.space_id,
        subject_id=segment.subject_id,
        instructor_id=segment.instructor_id,
        capacity=segment.capacity,
        clash=None,
        set_aside=None,
        version=segment.version,
    )
