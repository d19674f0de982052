"""Import a calendar: every VEVENT becomes a plan, changed sessions become rows of their own.

* An entry is known by its UID. One that is there already is left alone, also when it was edited or removed since:
  importing twice changes nothing, and importing one's own feed neither. An entry without a UID is known by what it
  says.
* The feed tells a later stretch of a plan as an entry with a UID of its own, beside that of the plan
  (`identity.format_uid`). It comes in as a stretch of that plan, when the plan comes in with it.
* An entry that can't be imported is listed with its reason, and nothing of it is kept; the others come in. All of
  it is one transaction.
* Imported plans take no space and no instructor for themselves, so that what overlaps in real life all comes in.
* Tracking begins now. Sessions before are answered on request; changed ones among them are rows that are never due.
  A changed session is judged by its own start.
* LOCATION, attendees and alarms are not read.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session as Tx

import recurrence
from config.settings import Settings
from db import bookings
from db import segments as stretches
from db.models import PlanType, Segment, Series, Tenant
from services import (
    calendar_entry,
    calendar_event,
    calendar_rows,
    calendar_series,
    calendar_zone,
    changes,
    identity,
    materialize,
    plan,
    plan_draft,
)
from services.calendar_entry import Entry
from services.calendar_event import CannotImport
from services.calendar_rows import Row
from services.calendar_text import Component
from services.calendar_zone import CalendarZones
from services.errors import InvalidField, InvalidRecurrence
from services.plan_draft import PlanDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An entry that was not imported: its title and UID as far as they are known, the line it begins in, and why."""

    title: str
    uid: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """How many plans were made, how many of their sessions stand on their own, how many entries were there."""

    plans: int
    sessions_overridden: int
    unchanged: int
    refused: tuple[Refusal, ...]


class Source(NamedTuple):
    """A VEVENT and the zones of its calendar."""

    component: Component
    zones: CalendarZones


class Stretch(NamedTuple):
    """A segment that was made, and the local starts among its RDATEs that only a changed session asks for."""

    segment: Segment
    added: frozenset[datetime]


def import_calendars(
    tx: Tx,
    tenant_id: UUID,
    calendars: Sequence[Component],
    now: datetime,
    settings: Settings,
    actor: str = changes.SYSTEM,
) -> Imported:
    """Make the plans of all entries that are not there yet. `calendars` is what `calendar_text.read` answers."""
    hold(tx, tenant_id)
    refused = [refusal(one, f"got a {one.name}, expected a VEVENT") for one in others(calendars)]
    sources = by_uid(calendars, tx.get_one(Tenant, tenant_id).time_zone)
    there = known(tx, tenant_id, list(sources))
    segments: list[Segment] = []
    rows: list[Row] = []
    latest: dict[str, Stretch] = {}
    cut = {identity.of_plan(uid) for uid in sources if identity.of_plan(uid) != uid}
    for uid, versions in sources.items():
        if uid in there:
            continue
        try:
            entry, superseded = read(versions)
            draft = drafted(uid, entry, settings, is_first=uid in cut)
        except (CannotImport, recurrence.RecurrenceError, InvalidField, InvalidRecurrence) as error:
            refused.append(refusal(versions[0].component, str(error)))
            continue
        refused += superseded
        earlier = latest.get(identity.of_plan(uid))
        into = None if earlier is None else joined(draft.series, earlier)
        segment = plan.segment_of(tenant_id, draft, draft.series, now, into=into)
        plan.write(tx, draft, segment, now, into)
        if into or uid in cut:
            latest[identity.of_plan(uid)] = Stretch(segment, entry.added)
        segments.append(segment)
        rows += [Row(segment, change) for change in entry.changes]
    materialize.fill(tx, segments, now, settings)
    calendar_rows.write(tx, rows, actor, now)
    note(tx, tenant_id, actor, segments)
    return Imported(
        plans=len({segment.series_id for segment in segments}),
        sessions_overridden=len(rows),
        unchanged=len(there),
        refused=tuple(sorted(refused, key=lambda one: one.line)),
    )


def note(tx: Tx, tenant_id: UUID, actor: str, segments: Sequence[Segment]) -> None:
    """Write down who made these plans."""
    made = [("create", identity.format_id(id_)) for id_ in dict.fromkeys(one.series_id for one in segments)]
    changes.note(tx, tenant_id, actor, changes.SESSIONS, made)


def hold(tx: Tx, tenant_id: UUID) -> None:
    """Let two imports into one tenant take turns."""
    bookings.lock(tx, [tenant_id])


def others(calendars: Sequence[Component]) -> Iterator[Component]:
    """The entries that are no VEVENTs."""
    for calendar in calendars:
        yield from (one for one in calendar.inside if one.name not in ("VEVENT", "VTIMEZONE"))


def by_uid(calendars: Sequence[Component], tenant_zone: str) -> dict[str, list[Source]]:
    """The VEVENTs by what identifies them, in the order of the file; later stretches of a plan after the plans."""
    found: defaultdict[str, list[Source]] = defaultdict(list)
    for calendar in calendars:
        zones = calendar_zone.of_calendar(calendar, tenant_zone)
        for component in calendar.inside:
            if component.name == "VEVENT":
                found[calendar_event.uid_of(component)].append(Source(component, zones))
    return dict(sorted(found.items(), key=lambda one: one[0] if identity.of_plan(one[0]) != one[0] else ""))


def known(tx: Tx, tenant_id: UUID, uids: list[str]) -> set[str]:
    """Those of these UIDs that the tenant has, removed ones too: imported before, or of its own plans' feed."""
    plans = {uid: identity.of_plan(uid) for uid in uids}
    ours = {uid: series_id for uid in uids if (series_id := identity.series_of(uid)) is not None}
    named = or_(Series.uid == func.any([*plans.keys(), *plans.values()]), Series.id == func.any(list(ours.values())))
    there = tx.execute(select(Series.id, Series.uid).where(Series.tenant_id == tenant_id, named)).all()
    known_ids, known_uids = {row.id for row in there}, {row.uid for row in there}
    return {uid for uid in uids if ours.get(uid) in known_ids or {uid, plans[uid]} & known_uids}


def read(versions: Sequence[Source]) -> tuple[Entry, list[Refusal]]:
    """What the VEVENTs of one UID mean together, and those of them that another one supersedes.

    Raises CannotImport, RecurrenceError.
    """
    events = []
    for component, zones in versions:
        try:
            events.append(calendar_event.read(component, zones))
        except (CannotImport, recurrence.RecurrenceError) as error:
            raise CannotImport(f"line {component.line}: {error}") from error
    try:
        entry = calendar_entry.build(events, versions[0].zones)
    except OverflowError as error:
        raise CannotImport("it reaches beyond the years 1 to 9999") from error
    return entry, [
        refusal(one.component, f"the entry of line {entry.line} has the same UID and stands for it")
        for one, event in zip(versions, events, strict=True)
        if event.recurrence_id is None and event.line != entry.line
    ]


def joined(series: recurrence.Series, earlier: Stretch) -> UUID | None:
    """The series of an earlier stretch of a plan, if this one can be its next: all of it comes after that one.

    A session that was changed on its own may lie where this one is. It has a row, and the earlier stretch no longer
    gives its date.
    """
    segment, added = earlier
    begins, whole = stretches.first_local(series), stretches.series_of(segment)
    passed = {calendar_series.entry(wall, whole) for wall in added if wall >= begins}
    whole = replace(whole, rdates=tuple(one for one in whole.rdates if one not in passed))
    start = recurrence.localize(begins, whole.zone)
    goes_on = start is None or next(recurrence.expand(whole, start), None) is not None
    if goes_on or begins <= segment.from_local:
        return None
    segment.rdates = [recurrence.format_moment(one) for one in whole.rdates]
    return segment.series_id


def drafted(uid: str, entry: Entry, settings: Settings, is_first: bool = False) -> PlanDraft:
    """The plan of an entry. Its start is kept as the calendar has it, though the rule alone may not give it.

    `is_first`: there are later stretches of it, so that it is a plan of many sessions, whatever its first rule gives.
    Raises InvalidField, InvalidRecurrence.
    """
    draft = PlanDraft(
        series=entry.series,
        title=entry.title,
        description=entry.description,
        type=PlanType.RECURRING if is_first else None,
        exclusive=frozenset(),
        uid=uid,
    )
    plan_draft.checked(draft, settings)
    return draft


def refusal(component: Component, reason: str) -> Refusal:
    """An entry that is not imported."""
    uid = component.value("UID") or ""
    return Refusal(title=calendar_event.title_of(component), uid=uid, line=component.line, reason=reason)
