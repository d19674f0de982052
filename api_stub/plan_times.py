"""When the first session of a plan starts, and how long it lasts.

A start is a wall time in the plan's zone; one given as an instant is turned into the wall time that the zone's clock
shows then. If the clock shows it twice that night and the instant is the second of the two, the plan's `fold` becomes
SECOND, unless the client said FIRST: then the two contradict each other. A `recurringTime` beside an instant names the
wall time; it agrees when it means that instant, so a start in the clock's gap keeps the time that the clock skips.

The end comes from `duration`, `recurringDuration`, `scheduledEndAt` or `recurringEndTime`, in this order; those that
are given beside must agree. An end at the start's time of day, some days later, lasts nominal days; any other end lasts
exactly as long as it is away (RFC 5545 3.8.5.3). A `recurringEndTime` at or before the start is on the next day.

A daily range (`ONE_TIME_RANGE`) has `scheduledEndAt`'s date as its last day and its time of day as each day's end; that
must lie after the start's time of day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import recurrence
from api_stub import instants
from api_stub.errors import Invalid
from api_stub.faults import Fault
from api_stub.plan_body import PlanBody
from db.models import PlanType
from recurrence import Duration, Fold, Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Clockwork:
    """What turns the wall times of one plan into instants, and back."""

    zone: str
    gap: Gap
    fold: Fold

    def instant(self, local: datetime) -> datetime | None:
        """The instant of a wall time; None for one that the clock skips and the plan leaves out."""
        return recurrence.localize(local, self.zone, gap=self.gap, fold=self.fold)

    def local(self, moment: datetime) -> datetime:
        """The wall time of an instant; a wall time is taken as it is."""
        return moment if moment.tzinfo is None else recurrence.wall_time(moment, self.zone)

    def after(self, start: datetime, duration: Duration) -> datetime | None:
        """The instant at which a session that starts at the wall time `start` is over."""
        last = start + timedelta(days=duration.days)
        day = (
            recurrence.localize(last, self.zone, gap=Gap.SHIFT, fold=self.fold) if duration.days else self.instant(last)
        )
        return None if day is None else day + timedelta(seconds=duration.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """The first start (wall time) and the length of a plan; `last_day` is the last start of a daily range."""

    clockwork: Clockwork
    start: datetime
    duration: Duration
    last_day: datetime | None = None


def of_body(body: PlanBody, tenant_zone: str) -> Times:
    """The times that a body gives. Raises Invalid with the fields that contradict each other."""
    zone = zone_of(body, tenant_zone)
    clockwork, start = start_of(body, zone)
    if body.type is PlanType.ONE_TIME_RANGE:
        return of_range(body, clockwork, start)
    return Times(clockwork=clockwork, start=start, duration=duration_of(body, clockwork, start))


def zone_of(body: PlanBody, tenant_zone: str) -> str:
    """The zone of the plan: its own, else the tenant's."""
    if body.time_zone and body.recurring_time_zone and body.time_zone != body.recurring_time_zone:
        raise refused(
            "/recurringTimeZone", f"got {body.recurring_time_zone!r}, expected {body.time_zone!r}, as timeZone says"
        )
    return body.time_zone or body.recurring_time_zone or tenant_zone


def start_of(body: PlanBody, zone: str) -> tuple[Clockwork, datetime]:
    """The first start as a wall time, and the clockwork that leads back to the instant that was given."""
    given = body.scheduled_at
    gap = body.gap or Gap.SHIFT
    clockwork = Clockwork(zone=zone, gap=gap, fold=body.fold or Fold.FIRST)
    start = clockwork.local(given)
    if given.tzinfo is not None and clockwork.instant(start) != given:
        clockwork = Clockwork(zone=zone, gap=gap, fold=Fold.SECOND)
        if body.fold is Fold.FIRST:
            raise refused(
                "/scheduledAt", f"got the second {start:%H:%M} of that night, expected the first, as fold says"
            )
    if clockwork.instant(start) is None:
        raise refused(
            "/scheduledAt",
            f"got {start.isoformat()}, expected a time that the clock in {zone} shows: it skips this one",
        )
    if body.recurring_time is not None:
        named = datetime.combine(start.date(), body.recurring_time)
        start = named if clockwork.instant(named) == clockwork.instant(start) else start
    if body.recurring_time is not None and body.recurring_time != start.time():
        raise refused(
            "/recurringTime", f"got {body.recurring_time}, expected {start.time()}, as scheduledAt says in {zone}"
        )
    return clockwork, start


def duration_of(body: PlanBody, clockwork: Clockwork, start: datetime) -> Duration:
    """How long a session lasts, by the first field that says it; the others must agree."""
    lengths = list(said_lengths(body, clockwork, start))
    pointer, duration = lengths[0]
    if not duration:
        raise refused(pointer, "got no length, expected an end after the start")
    end = end_of(pointer, clockwork, start, duration)
    for other, length in lengths[1:]:
        if end_of(other, clockwork, start, length) != end:
            raise refused(other, f"got an end after {length}, expected after {duration}, as {pointer} says")
    check_end_time(body, clockwork, end)
    return duration


def end_of(pointer: str, clockwork: Clockwork, start: datetime, duration: Duration) -> datetime | None:
    """The instant of the first end. Raises Invalid for one that lies beyond the calendar."""
    try:
        end = clockwork.after(start, duration)
    except OverflowError:
        end = None
    if end is None or end.year > instants.LAST_YEAR:
        raise refused(pointer, f"got an end after the year {instants.LAST_YEAR}, expected one up to it")
    return end


def said_lengths(body: PlanBody, clockwork: Clockwork, start: datetime) -> Iterator[tuple[str, Duration]]:
    """The lengths that are given, each with the pointer to its field; at least one, by the body's own rules."""
    if body.duration is not None:
        yield "/duration", body.duration
    if body.recurring_duration is not None:
        yield "/recurringDuration", body.recurring_duration
    if body.scheduled_end_at is not None:
        yield "/scheduledEndAt", length_to(body.scheduled_end_at, clockwork, start)
    elif body.recurring_end_time is not None and body.duration is None and body.recurring_duration is None:
        yield "/recurringEndTime", length_to(next_at(body.recurring_end_time, start), clockwork, start)


def length_to(end: datetime, clockwork: Clockwork, start: datetime) -> Duration:
    """From the start to an end, given as an instant or a wall time. Raises Invalid for one at or before the start."""
    begins, ends = clockwork.instant(start), clockwork.instant(end) if end.tzinfo is None else end
    if begins is None or ends is None or ends <= begins:
        got = end.isoformat() if end.tzinfo is None else instants.show(end)
        raise refused("/scheduledEndAt", f"got {got}, expected an end after the start")
    local = clockwork.local(end)
    whole_days = (local - start).days
    if local.time() == start.time() and clockwork.after(start, Duration(days=whole_days)) == ends:
        return Duration(days=whole_days)
    return Duration.exactly(ends - begins)


def next_at(clock: time, start: datetime) -> datetime:
    """The first wall time after `start` at which the clock shows `clock`."""
    same_day = datetime.combine(start.date(), clock)
    return same_day if same_day > start else same_day + timedelta(days=1)


def check_end_time(body: PlanBody, clockwork: Clockwork, end: datetime | None) -> None:
    """A recurringEndTime beside another end must be its time of day."""
    if body.recurring_end_time is None or end is None:
        return
    shown = clockwork.local(end).time()
    if shown != body.recurring_end_time:
        raise refused("/recurringEndTime", f"got {body.recurring_end_time}, expected {shown}, as the end says")


def of_range(body: PlanBody, clockwork: Clockwork, start: datetime) -> Times:
    """The times of a daily range, from the first day's start to the last day's end."""
    if body.scheduled_end_at is None:
        raise refused("/scheduledEndAt", "got nothing, expected the end of the last day: a daily range needs it")
    end = clockwork.local(body.scheduled_end_at)
    if end <= start:
        raise refused("/scheduledEndAt", f"got {end.isoformat()}, expected an end after the start")
    if end.time() <= start.time():
        message = (
            f"got {end.time()}, expected a time of day after {start.time()}: a day of a range does not pass midnight"
        )
        raise refused("/scheduledEndAt", message)
    first_end = datetime.combine(start.date(), end.time())
    first_day = body.model_copy(update={"scheduled_end_at": first_end})
    duration = duration_of(first_day, clockwork, start)
    last_day = datetime.combine(end.date(), start.time())
    return Times(clockwork=clockwork, start=start, duration=duration, last_day=last_day)


def refused(pointer: str, message: str) -> Invalid:
    """One wrong field."""
    return Invalid([Fault(pointer=pointer, message=message)])
