"""Plan a series: one time or recurring. Its sessions up to the horizon exist when the transaction commits.

What is checked, in this order: what the draft refers to, its recurrence, clashes. Plans that want the same space or
person take turns. Sessions that begin before the plan is made are answered on request, never written: tracking
begins now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from sqlalchemy.orm import Session as Tx
from uuid_utils.compat import uuid7

import recurrence
from config.settings import Settings
from db import bookings, segments
from db.bookings import Taken
from db.models import AutoStart, Enrolment, PlanType, Segment, Series
from lifecycle import ON_TIME_WITHIN
from services import clash, materialize, references, skip, turn
from services.asked import Stretch
from services.clash import Found
from services.errors import Clash, InvalidField, InvalidRecurrence
from services.skip import Skipped

LONGEST = timedelta(days=365)
"""The longest session that can be planned; windows look back a day further, for the clocks (`stored.LONGEST`)."""

EXCLUSIVE = frozenset({"space", "instructor", "participants"})
"""What of a plan may be exclusive; what is booked is space and instructor, participants are looked up."""

NOTHING: Mapping[str, str] = MappingProxyType({})


LATE_AFTER = timedelta(minutes=5)
"""How long after the planned start somebody may come and is not late, unless the plan says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDraft:
    """A plan to be made. The series has a zone; the ids are those of the tenant's own.

    misfire_grace: a session that could not be started within it is missed; None: it is caught up, however late.
    capacity: how many may come to one session; None: any number. late_after: who comes so long after its start is late.
    completion_threshold: the part of its activities, above 0 and at most 1, that makes a session completed.
    skip_clashes: dates that clash are left out; else a clash refuses the plan.
    """

    series: recurrence.Series
    title: str
    description: str | None = None
    type: PlanType | None = None
    routine_id: UUID | None = None
    program_id: UUID | None = None
    timeline_id: UUID | None = None
    space_id: UUID | None = None
    subject_id: UUID | None = None
    instructor_id: UUID | None = None
    participants: tuple[UUID, ...] = ()
    exclusive: frozenset[str] = EXCLUSIVE
    capacity: int | None = None
    late_after: timedelta = LATE_AFTER
    completion_threshold: float = 1.0
    auto_start: AutoStart = AutoStart.SCHEDULED
    auto_end: bool = True
    misfire_grace: timedelta | None = None
    sync_dtstart: bool = True
    skip_clashes: bool = False
    uid: str | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """The new series, what was adjusted or noticed, in sentences, and what takes the dates that were left out."""

    series_id: UUID
    notes: tuple[str, ...]
    clashes: Sequence[Taken] = ()


def create(tx: Tx, tenant_id: UUID, draft: PlanDraft, now: datetime, settings: Settings) -> Created:
    """Make the plan and its sessions up to the horizon.

    Raises InvalidField for an unknown reference, an impossible duration or grace; InvalidRecurrence for a rule that
    never fires or fires too often; Clash when a space or person is taken, be it in years.
    """
    references.check_new(tx, tenant_id, referred(draft))
    check_misfire(draft)
    check_places(draft)
    series, notes = checked(draft, settings)
    hold(tx, draft)
    clear = without_clashes(tx, tenant_id, draft, series, now, settings)
    segment = write(tx, tenant_id, draft, clear.series, now, clear.left_out)
    _, lost = materialize.fill(tx, [segment], now, settings)
    if lost:
        raise Clash(bookings.in_the_way(tx, lost))
    return Created(segment.series_id, (*notes, *untracked(series, now), *clash.notes(clear.until)), clear.taken)


def without_clashes(
    tx: Tx, tenant_id: UUID, draft: PlanDraft, series: recurrence.Series, now: datetime, settings: Settings
) -> Skipped:
    """The series as it can be planned: without the dates that clash, where the draft asks for that.

    Raises Clash.
    """
    if draft.skip_clashes:
        asked = Stretch(series=series, resources=takes(draft), since=now)
        return skip.skip(tx, tenant_id, asked, now + timedelta(days=settings.horizon_days))
    found = in_the_way(tx, tenant_id, draft, series, now, settings)
    if found.met:
        raise Clash(found.taken)
    return Skipped(series, {}, (), found.until)


def in_the_way(
    tx: Tx, tenant_id: UUID, draft: PlanDraft, series: recurrence.Series, now: datetime, settings: Settings
) -> Found:
    """What stands in the way of a draft, if it were planned now with this series. Locks and writes nothing."""
    asked = Stretch(series=series, resources=takes(draft), since=now)
    return clash.check(tx, tenant_id, asked, now + timedelta(days=settings.horizon_days))


def hold(tx: Tx, draft: PlanDraft) -> None:
    """Wait until it is this draft's turn to take its space and people."""
    turn.take(tx, takes(draft))


def referred(draft: PlanDraft) -> Mapping[str, tuple[UUID, ...]]:
    """The ids that a draft gives, by field."""
    single = {name: getattr(draft, name) for name in references.FIELDS if name != "participants"}
    given = {name: (id_,) for name, id_ in single.items() if id_ is not None}
    return given | {"participants": draft.participants}


def check_places(draft: PlanDraft) -> None:
    """Refuse more participants than may come. Raises InvalidField."""
    people = len(set(draft.participants))
    if draft.capacity is not None and people > draft.capacity:
        raise InvalidField("participants", f"got {people} people, expected at most {draft.capacity}: the capacity")


def check_misfire(draft: PlanDraft) -> None:
    """Refuse a misfire grace that would miss what is on time, or that nothing is measured by. Raises InvalidField."""
    grace = draft.misfire_grace
    if grace is None:
        return
    if draft.auto_start is not AutoStart.SCHEDULED:
        raise InvalidField("misfire", f"got MISS beside autoStart {draft.auto_start}, which starts nothing by itself")
    if not ON_TIME_WITHIN <= grace <= LONGEST:
        least, most = ON_TIME_WITHIN.seconds, LONGEST.days
        raise InvalidField("misfire_grace", f"got {grace}, expected {least} seconds or more, at most {most} days")


def checked(draft: PlanDraft, settings: Settings) -> tuple[recurrence.Series, list[str]]:
    """The series to be kept, and notes on what was adjusted.

    Raises InvalidField, InvalidRecurrence.
    """
    series = draft.series
    found = recurrence.analyse(series)
    notes = [f"EXDATE {recurrence.format_moment(moment)} matches no session" for moment in found.unmatched]
    if found.never_fires:
        raise InvalidRecurrence("this never fires: no date meets every part of the rule")
    if found.per_day > settings.max_sessions_per_day:
        most = settings.max_sessions_per_day
        raise InvalidRecurrence(f"this fires {found.per_day:,} times a day, expected at most {most:,}")
    if not series.duration:
        raise InvalidField("duration", "got no length, expected an end after the start")
    if timedelta(days=series.duration.days, seconds=series.duration.seconds) > LONGEST:
        raise InvalidField("duration", f"got {series.duration}, expected at most {LONGEST.days} days")
    if found.overlap is not None and takes(draft):
        first, second = (f"{one.recurrence_id:%Y-%m-%dT%H:%M}" for one in found.overlap)
        raise InvalidRecurrence(f"the session of {second} begins before that of {first} has ended", "duration")
    given = found.dtstart_in_rule or recurrence.occurrence_at(series, series.dtstart) is not None
    if not given and found.rule_first is not None:
        if not draft.sync_dtstart:
            raise InvalidRecurrence(f"the rule does not give the start {series.dtstart.isoformat()}", "dtstart")
        notes.append(f"the start was moved to {found.rule_first.isoformat()}, the first that the rule gives")
        series = replace(series, dtstart=found.rule_first)
    return series, [*notes, *found.hints]


def takes(draft: PlanDraft) -> list[UUID]:
    """The space and the people that the sessions of a draft take for themselves."""
    single = {"space": draft.space_id, "instructor": draft.instructor_id}
    taken = [id_ for kind, id_ in single.items() if id_ is not None and kind in draft.exclusive]
    return [*taken, *(draft.participants if "participants" in draft.exclusive else ())]


def write(
    tx: Tx,
    tenant_id: UUID,
    draft: PlanDraft,
    series: recurrence.Series,
    now: datetime,
    left_out: Mapping[str, str] = NOTHING,
    into: UUID | None = None,
) -> Segment:
    """The rows of the series, its one segment, and its enrolments; `left_out` tells why of its EXDATEs some are.

    `into`: the series that it is another segment of.
    """
    series_id = into or uuid7()
    if into is None:
        derived = PlanType.ONE_TIME if series.rule is None and not series.rdates else PlanType.RECURRING
        kept = {"tenant_id": tenant_id, "created_at": now, "updated_at": now, "tracked_from": now}
        tx.add(Series(id=series_id, type=draft.type or derived, uid=draft.uid, version=1, **kept))
        tx.flush()
    segment = Segment(
        tenant_id=tenant_id,
        series_id=series_id,
        from_local=segments.first_local(series),
        **segments.columns_of(series),
        left_out=dict(left_out),
        **{
            name: getattr(draft, name)
            for name in (*references.FIELDS, "title", "description")
            if name != "participants"
        },
        exclusive=sorted(draft.exclusive),
        capacity=draft.capacity,
        late_after=draft.late_after,
        completion_threshold=draft.completion_threshold,
        auto_start=draft.auto_start,
        auto_end=draft.auto_end,
        misfire_grace=draft.misfire_grace,
        sync_dtstart=draft.sync_dtstart,
        materialized_until=now,
        next_materialize_at=now,
        tzdata_version=recurrence.tzdata_version(),
        version=1,
    )
    tx.add(segment)
    tx.add_all(
        Enrolment(tenant_id=tenant_id, series_id=series_id, user_id=user_id, from_local=segment.from_local)
        for user_id in dict.fromkeys(draft.participants)
    )
    tx.flush()
    return segment


def untracked(series: recurrence.Series, now: datetime) -> list[str]:
    """A note when the first session begins before now."""
    first = recurrence.occurrence_at(series, series.dtstart)
    if first is None or first.starts_at >= now:
        return []
    return ["sessions that began before the plan was made are not tracked: nothing is started, nobody is absent"]
