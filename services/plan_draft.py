"""A plan that is to be made, and what can be said of it by itself: what it refers to and takes, and what is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import recurrence
from config.settings import Settings
from db.models import AutoStart, PlanType
from lifecycle import ON_TIME_WITHIN
from services import references
from services.errors import InvalidField, InvalidRecurrence

LONGEST = timedelta(days=365)
"""The longest session that can be planned; windows look back a day further, for the clocks (`stored.LONGEST`)."""

YEARS = range(2, 9999)
"""The years of all dates of a plan: no conversion between zones leaves the calendar."""

EXCLUSIVE = frozenset({"space", "instructor", "participants"})
"""What of a plan may be exclusive; what is booked is space and instructor, participants are looked up."""

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


def check_years(series: recurrence.Series) -> None:
    """Refuse what lies at the edge of the calendar, where conversions between zones leave it. Raises InvalidField."""
    given = {"dtstart": (series.dtstart,), "rdates": series.rdates, "exdates": series.exdates}
    for name, moments in given.items():
        for moment in moments:
            start = moment.start if isinstance(moment, recurrence.Period) else moment
            if start.year not in YEARS:
                message = f"got the year {start.year}, expected one from {YEARS.start} to {YEARS.stop - 1}"
                raise InvalidField(name, message)


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
    check_years(series)
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
