"""Pause a plan for some days, and resume it.

A pause takes whole local days out of the plan (EXDATE): its sessions of those days that are ahead and that nobody
touched are removed, and what they took is free; who has a place there keeps it. What runs, or was started, cancelled,
removed or edited on its own, stays as it is. Resuming gives the days back, with those sessions: the same rows, as they
were, in their places; when somebody else has one by then, nothing is done. Days before today are history, and stay as
they are.

What was removed on its own before stays out: meanwhile its start is an EXDATE. Any other session of those days that is
removed, and otherwise as its plan made it, was removed by the pause.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session as Tx

import recurrence
from db import bookings, carry, editions, places, segments, sessions, tails
from db.models import PlanType, Segment, Series, Session
from db.sessions import SessionKey
from services import clash, counted, difference, materialize, remove, restore, settled, successor, takes, waitlist
from services.asked import Stretch
from services.errors import Clash, Conflict, InvalidField, NotFound
from services.remove import Target

DAY = timedelta(days=1)
MOST_DAYS = 366  # of one pause


@dataclass(frozen=True, slots=True)
class Days:
    """Whole local days, the first and the last of them."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Done:
    """How many sessions went or came back, and how many of those days stay because somebody touched them."""

    moved: int
    stay: int = 0


def hold(tx: Tx, tenant_id: UUID, series_id: UUID, now: datetime) -> Series:
    """The plan, locked with its segments, its sessions that are ahead, and the places they take.

    Raises NotFound; Conflict when it is removed, or a plan of one session.
    """
    plans = restore.hold(tx, tenant_id, Target(series_id), now)
    if series_id not in plans:
        raise NotFound("session", series_id)
    series = plans[series_id]
    if series.removed_at is not None:
        raise Conflict("the plan is removed: restore it first")
    if series.type == PlanType.ONE_TIME:
        raise Conflict("this is a plan of one session: cancel or move that")
    return series


def pause(tx: Tx, series: Series, days: Days, now: datetime) -> Done:
    """Take days out of a plan that the caller holds. Raises InvalidField."""
    going: list[SessionKey] = []
    stay = 0
    parts = stretches(tx, series, days, now)
    there = rows(tx, series, {day for _, left_out in parts for day in left_out}, now)
    for row in there:
        if is_untouched(row, now):
            going.append(settled.key_of(row))
        elif row.state in remove.OPEN and row.removed_at is None:
            stay += 1
    for segment, left_out in parts:
        fresh = set(left_out) - set(segment.excluded_days)
        alone = {
            recurrence.format_moment(row.recurrence_id)
            for row in there
            if row.removed_at is not None and row.recurrence_id.date() in fresh
        }
        segment.exdates = [*segment.exdates, *sorted(alone - set(segment.exdates))]
        exclude(tx, segment, sorted({*segment.excluded_days, *left_out}))
    if going:
        taken = update(Session).where(sessions.among(going)).execution_options(synchronize_session=False)
        tx.execute(taken.values(removed_at=now, set_aside=None, next_step=None, next_due_at=None))
        bookings.release(tx, going)
        places.look_at(tx, series.tenant_id, series.id, now)
    edited(series, now)
    tx.flush()
    return Done(len(going), stay)


def resume(tx: Tx, series: Series, days: Days, now: datetime) -> Done:
    """Give days back to a plan that the caller holds. Raises InvalidField; Clash when a place was taken meanwhile."""
    back: list[SessionKey] = []
    for segment, given in stretches(tx, series, days, now):
        returned = sorted(set(given) & set(segment.excluded_days))
        if returned:
            exclude(tx, segment, sorted(set(segment.excluded_days) - set(returned)))
            segment.next_materialize_at = now
            tx.flush()
            refuse_taken(tx, segment, returned, now)
            back += give_back(tx, segment, rows(tx, series, set(returned), now), returned, now)
    editions.doubt(tx, back)
    lost = bookings.book(tx, back)
    if lost:
        raise Clash(bookings.in_the_way(tx, lost))
    edited(series, now)
    tx.flush()
    waitlist.promote(tx, series.tenant_id, series.id, waitlist.BACK, now)
    return Done(len(back))


def refuse_taken(tx: Tx, segment: Segment, days: Sequence[date], now: datetime) -> None:
    """Raise Clash when somebody has by now what the sessions of these days would take, stored or not."""
    ahead = [one for one in occurrences(segment, days) if one.starts_at > now]
    if not ahead:
        return
    first, *others = [one.recurrence_id for one in ahead]
    series = replace(segments.series_of(segment), dtstart=first, rule=None, rdates=tuple(others), exdates=())
    asked = Stretch(
        series=series,
        resources=takes.of_segment(tx, segment),
        since=now,
        but=[segment.series_id],
        stays=takes.stays(tx, segment, now),
    )
    restore.refuse(clash.check(tx, segment.tenant_id, asked, ahead[-1].ends_at).met)


def stretches(tx: Tx, series: Series, days: Days, now: datetime) -> list[tuple[Segment, list[date]]]:
    """The segments that give sessions, each with those of the days that lie in it and are not over.

    Raises InvalidField.
    """
    locked = sorted(segments.lock(tx, series.tenant_id, [series.id]), key=lambda one: one.from_local)
    held = [one for one in locked if not segments.is_empty(one)] or locked
    first = max(days.first, recurrence.wall_time(now, held[-1].time_zone).date())
    if days.last < days.first:
        raise InvalidField("until", f"got {days.last}, expected {days.first} or later")
    if days.last < first:
        raise InvalidField("until", f"got {days.last}, expected a day that is not over: the past stays as it was")
    if (days.last - first).days >= MOST_DAYS:
        raise InvalidField("until", f"got {(days.last - first).days + 1} days, expected at most {MOST_DAYS}")
    ends = [*(later.from_local.date() for _, later in pairwise(held)), date.max]
    wanted = [first + n * DAY for n in range((days.last - first).days + 1)]
    return [
        (segment, [day for day in wanted if segment.from_local.date() <= day <= end])
        for segment, end in zip(held, ends, strict=True)
        if segment.removed_at is None
    ]


def exclude(tx: Tx, segment: Segment, days: Sequence[date]) -> None:
    """Let these days, and no others, be out of a segment. Raises InvalidField when they are too many."""
    segment.excluded_days = list(days)
    segment.version += 1
    try:
        segments.series_of(segment)
    except recurrence.RecurrenceError as error:
        raise InvalidField("until", str(error)) from None
    tx.flush()


def rows(tx: Tx, series: Series, days: Collection[date], now: datetime) -> list[Session]:
    """The stored sessions of a plan on these local days, settled; whatever segment they belong to.

    An edit leaves a session that was paused at an emptied segment, or at the one before.
    """
    if not days:
        return []
    statement = select(Session.tenant_id, Session.series_id, Session.recurrence_id).where(
        Session.tenant_id == series.tenant_id,
        Session.series_id == series.id,
        Session.recurrence_id >= midnight(min(days)),
        Session.recurrence_id < midnight(max(days)) + DAY,
    )
    keys = [SessionKey(*row) for row in tx.execute(statement) if row.recurrence_id.date() in days]
    return [session for session, _ in settled.several(tx, keys, now)]


def is_untouched(row: Session, now: datetime) -> bool:
    """Whether a session is ahead, and as its plan made it."""
    return row.starts_at > now and row.tracked and difference.touched(row) is None


def is_paused(row: Session, segment: Segment) -> bool:
    """Whether a session of days that are given back was removed by the pause."""
    alone = recurrence.format_moment(row.recurrence_id) in segment.exdates
    return row.removed_at is not None and row.tracked and difference.by_itself(row) is None and not alone


def give_back(
    tx: Tx, segment: Segment, stored: Sequence[Session], days: Sequence[date], now: datetime
) -> list[SessionKey]:
    """Let the sessions of these days that are ahead be there again; the keys of those that want their places.

    What would have begun today is left out: it did not take place.
    """
    there = {row.recurrence_id: row for row in stored}
    given = occurrences(segment, days)
    begun = [one.recurrence_id for one in given if one.starts_at <= now and one.recurrence_id not in there]
    own = [row for row in stored if row.removed_at is not None and row.segment_from == segment.from_local]
    alone = {recurrence.format_moment(row.recurrence_id) for row in own}
    ahead = [one for one in given if one.starts_at > now]
    paused = {row.recurrence_id for row in stored if is_paused(row, segment)}
    kept = [one for one in segment.exdates if one not in alone]  # a removed row says so itself
    segment.exdates = [*kept, *map(recurrence.format_moment, begun)]
    back = [one for one in ahead if one.recurrence_id in paused]
    for one in back:
        there[one.recurrence_id].removed_at = None
    tx.flush()
    again = [materialize.row_of(segment, one) for one in back]
    tails.replan(tx, again)
    heirs = successor.heirs_of(paused, given, now)
    taken_over = set(heirs.values())
    written = [one for one in ahead if one.starts_at < segment.materialized_until or one.recurrence_id in taken_over]
    new = sessions.insert(tx, [materialize.row_of(segment, one) for one in written])
    carry.put(tx, carry.lift(tx, segment.tenant_id, segment.series_id, heirs, heirs))
    tails.forget(tx, [SessionKey(segment.tenant_id, segment.series_id, wall) for wall in heirs])
    return [*(SessionKey(*row[:3]) for row in again), *new]


def occurrences(segment: Segment, days: Sequence[date]) -> list[recurrence.Occurrence]:
    """What a segment gives on these days; it has them."""
    series, wanted = segments.series_of(segment), set(days)
    first, end = (
        recurrence.localize(wall, series.zone) for wall in (midnight(days[0]) - DAY, midnight(days[-1]) + 2 * DAY)
    )
    assert first is not None
    assert end is not None
    return [one for one in counted.expand(segment, series, first, end) if one.recurrence_id.date() in wanted]


def edited(series: Series, now: datetime) -> None:
    """Somebody edited the plan."""
    series.updated_at = now
    series.version += 1


def midnight(day: date) -> datetime:
    """The wall time at which a day begins."""
    return datetime.combine(day, datetime.min.time())
