"""Plans as views: the series, its segments, who is enrolled; and for a one-time plan its session.

A plan is shown as its last segment that is not removed has it: how it goes on.
"""

import functools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session as Tx
from sqlalchemy.orm import aliased

import recurrence
from db import segments, statements
from db.models import Enrolment, PlanType, Segment, Series
from db.sessions import SessionKey
from db.statements import asked
from services import enrolments, stored, unreadable, virtual
from services import filters as wanted
from services.errors import Conflict, NotFound
from services.filters import Filters, Page, Position
from services.views import PlanView, SessionView

ORDER = (Segment.dtstart, Segment.series_id)
EARLIEST = datetime.min.replace(tzinfo=UTC)

KIND = statements.written("""
    SELECT s.type, (SELECT min(g.dtstart) FROM segment g WHERE (g.tenant_id, g.series_id) = (s.tenant_id, s.id))
    FROM series s WHERE s.tenant_id = :tenant_id AND s.id = :series_id
""")


class Plan(NamedTuple):
    """A series beside the segment that it is shown by; rows have the same names."""

    Series: Series
    Segment: Segment


Beside = Row[*tuple[Any, ...]] | Plan


def one(tx: Tx, tenant_id: UUID, series_id: UUID, now: datetime) -> PlanView:
    """The plan of this series.

    Raises NotFound when the tenant has none.
    """
    found = tx.execute(of_series(), {"tenant_id": tenant_id, "series_id": series_id}).all()
    if not found:
        raise NotFound("session", series_id)
    living = [row for row in found if row.Segment.removed_at is None]
    last = (living or found)[-1]
    return views(tx, [last], {series_id: [row.Segment for row in found]}, now)[0]


def of_new(tx: Tx, series: Series, segment: Segment, now: datetime) -> PlanView:
    """A plan that was just made of these."""
    return views(tx, [Plan(series, segment)], {series.id: [segment]}, now)[0]


def page(tx: Tx, tenant_id: UUID, filters: Filters, page: Page, now: datetime) -> list[PlanView]:
    """The plans of one page and one more, by local start of their first session."""
    statement = rows(tenant_id).where(*wanted.of_plan(filters), *at_place(tx, tenant_id, filters, now))
    if page.after is not None:
        here = tuple_(*ORDER)
        after = (page.after.recurrence_id, page.after.series_id)
        statement = statement.where(here < after if page.descending else here > after)
    order = [column.desc() for column in ORDER] if page.descending else list(ORDER)
    found = tx.execute(statement.order_by(*order).limit(page.limit + 1)).all()
    return views(tx, found, all_segments(tx, [row.Series.id for row in found]), now)


def count(tx: Tx, tenant_id: UUID, filters: Filters, now: datetime) -> int:
    """How many plans meet the filters."""
    statement = rows(tenant_id).where(*wanted.of_plan(filters), *at_place(tx, tenant_id, filters, now))
    series = statement.with_only_columns(Series.id).distinct().subquery()
    return tx.scalar(select(func.count()).select_from(series)) or 0


def at_place(tx: Tx, tenant_id: UUID, filters: Filters, now: datetime) -> list[ColumnElement[bool]]:
    """The conditions on place and people: a plan is a person's who gives it, or has a place in it from now on."""
    if filters.user_id is None:
        return wanted.near_place(filters)
    own = (Segment.tenant_id == tenant_id, Segment.series_id.in_(wanted.enrolled(filters.user_id)))
    zones = {"UTC", *tx.scalars(select(Segment.time_zone).distinct().where(*own))}
    heres = {zone: recurrence.wall_time(now, unreadable.zone(zone)) for zone in zones}
    has_place = exists().where(
        Enrolment.tenant_id == Segment.tenant_id,
        Enrolment.series_id == Segment.series_id,
        Enrolment.user_id == filters.user_id,
        or_(~Enrolment.drop_in, Series.type == PlanType.ONE_TIME),
        or_(
            Enrolment.until_local.is_(None),
            Series.type == PlanType.ONE_TIME,
            Enrolment.until_local > case(heres, value=Segment.time_zone),
        ),
    )
    return [*wanted.near_place(filters), or_(Segment.instructor_id == filters.user_id, has_place)]


def position_of(plan: PlanView) -> Position:
    """Where a plan stands in the order of pages."""
    return Position(plan.starts_at, plan.series_id, plan.segment.dtstart)


def rows(tenant_id: UUID) -> Select[*tuple[Any, ...]]:
    """Every plan of the tenant: its series beside the segment that it is shown by."""
    return shown().where(Series.tenant_id == tenant_id)


@functools.cache
def shown() -> Select[*tuple[Any, ...]]:
    """Every series beside its last segment that is not removed; the last of all, when every one is."""
    other = aliased(Segment)
    latest = select(func.max(other.from_local)).where(other.tenant_id == Series.tenant_id, other.series_id == Series.id)
    living = latest.where(other.removed_at.is_(None)).scalar_subquery()
    return stretches().where(Segment.from_local == func.coalesce(living, latest.scalar_subquery()))


@functools.cache
def of_series() -> Select[*tuple[Any, ...]]:
    """One series beside each of its segments, from first to last."""
    own = (Series.tenant_id == asked("tenant_id"), Series.id == asked("series_id"))
    return stretches().where(*own).order_by(Segment.from_local)


def stretches() -> Select[*tuple[Any, ...]]:
    """Every series beside each of its segments."""
    on = (Segment.tenant_id == Series.tenant_id) & (Segment.series_id == Series.id)
    return select(Series, Segment).join(Segment, on)


def views(
    tx: Tx, found: Sequence[Beside], segments_of: Mapping[UUID, Sequence[Segment]], now: datetime
) -> list[PlanView]:
    """The plans of these rows, with two more statements for all of them together."""
    enrolled = enrolments.of_plans(tx, [row.Series.id for row in found])
    sessions = only_sessions(tx, [row for row in found if row.Series.type == PlanType.ONE_TIME], now)
    return [
        view(
            row,
            segments_of[row.Series.id],
            enrolments.of_whole(enrolled.get(row.Series.id, ()), as_of(row, now)),
            sessions.get(row.Series.id),
        )
        for row in found
    ]


def as_of(row: Beside, now: datetime) -> datetime:
    """The local time as of which the participants of a plan are told: now, or when what is shown of it begins."""
    begins: datetime = row.Segment.from_local
    if row.Series.type == PlanType.ONE_TIME:
        return begins
    return max(begins, recurrence.wall_time(now, unreadable.zone(row.Segment.time_zone)))


def all_segments(tx: Tx, series_ids: Sequence[UUID]) -> defaultdict[UUID, list[Segment]]:
    """The segments of each of these series, from first to last; those that are kept for touched sessions alone too."""
    found: defaultdict[UUID, list[Segment]] = defaultdict(list)
    for segment in tx.scalars(select(Segment).where(Segment.series_id.in_(series_ids)).order_by(Segment.from_local)):
        found[segment.series_id].append(segment)
    return found


def only_sessions(tx: Tx, found: Sequence[Beside], now: datetime) -> dict[UUID, SessionView]:
    """The session of each one-time plan: its row, or what its segment says where there is none."""
    keys = [SessionKey(row.Series.tenant_id, row.Series.id, row.Segment.dtstart) for row in found]
    kept = {view.series_id: view for view in stored.of_keys(tx, keys, now)} if keys else {}
    for row in found:
        if row.Series.id not in kept:
            given = recurrence.occurrence_at(unreadable.shown(row.Segment), row.Segment.dtstart)
            if given is not None:
                kept[row.Series.id] = virtual.view(row.Segment, row.Series, given, now)
    return kept


def view(row: Beside, stretches: Sequence[Segment], enrolled: Sequence[UUID], session: SessionView | None) -> PlanView:
    """A plan as a client sees it; its start and end are DTSTART's, whatever was taken out or added since."""
    series = unreadable.shown(row.Segment)
    alone = replace(series, rule=None, rdates=(), exdates=(), gap=recurrence.Gap.SHIFT)
    first = next(recurrence.expand(alone, EARLIEST))
    shown = tuple(one for one in stretches if not segments.is_empty(one))
    return PlanView(
        series_id=row.Series.id,
        type=row.Series.type,
        segment=row.Segment,
        segments=shown or (row.Segment,),  # a plan may give nothing any more
        series=series,
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        participants=tuple(enrolled),
        tracked_from=row.Series.tracked_from,
        created_at=row.Series.created_at,
        updated_at=row.Series.updated_at,
        removed_at=row.Series.removed_at,
        version=row.Series.version,
        session=session,
    )


def kind_of(tx: Tx, tenant_id: UUID, series_id: UUID) -> tuple[str, datetime]:
    """What kind of plan this is, and its first local start: a one-time session's recurrence id.

    Raises NotFound when the tenant has none.
    """
    for kind, start in statements.fetch(tx, KIND, {"tenant_id": tenant_id, "series_id": series_id}):
        return kind, start
    raise NotFound("session", series_id)


def session_key(tx: Tx, tenant_id: UUID, series_id: UUID, recurrence_id: datetime | None) -> SessionKey:
    """The key of the one session that an id names: with a recurrence id, or a one-time plan's own.

    Raises NotFound for an unknown plan; Conflict for a plan of many sessions.
    """
    if recurrence_id is not None:
        return SessionKey(tenant_id, series_id, recurrence_id)
    kind, start = kind_of(tx, tenant_id, series_id)
    if kind != PlanType.ONE_TIME:
        raise Conflict("this is a plan of many sessions: name one of them, {plan}_{YYYYMMDDTHHMMSS}")
    return SessionKey(tenant_id, series_id, start)
