"""Plan a series: one time or recurring. Its sessions up to the horizon exist when the transaction commits.

What is checked, in this order: what the draft refers to, its recurrence, clashes. Plans that want the same space or
person take turns. Sessions that begin before the plan is made are answered on request, never written: tracking
begins now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice
from types import MappingProxyType
from uuid import UUID

from sqlalchemy.orm import Session as Tx
from uuid_utils.compat import uuid7

import recurrence
from config.settings import Settings
from db import bookings, plans, segments, stretches
from db.bookings import MOST_LISTED, Taken
from db.models import Enrolment, PlanType, Segment, Series
from services import clash, plan_draft, references, skip, stretch, turn
from services.asked import Stretch
from services.clash import Found
from services.errors import Clash
from services.plan_draft import PlanDraft
from services.skip import Skipped

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Created:
    """The new plan, what was adjusted or noticed, in sentences, and what takes the dates that were left out."""

    series: Series
    segment: Segment
    notes: tuple[str, ...]
    clashes: Sequence[Taken] = ()

    @property
    def series_id(self) -> UUID:
        """The id of the series."""
        return self.series.id


@dataclass(frozen=True, slots=True)
class Held:
    """A draft whose turn it is: the series that is to be kept, and notes on what was adjusted."""

    draft: PlanDraft
    series: recurrence.Series
    notes: Sequence[str]


def create(tx: Tx, tenant_id: UUID, draft: PlanDraft, now: datetime, settings: Settings) -> Created:
    """Wait for the draft's turn, and make the plan. Raises as `hold` and `make` do."""
    return make(tx, tenant_id, hold(tx, tenant_id, draft, now, settings), now, settings)


def hold(tx: Tx, tenant_id: UUID, draft: PlanDraft, now: datetime, settings: Settings) -> Held:
    """Look the draft over by itself, while nobody waits for it; then wait until it may take its space and people.

    Who would have to wait looks first whether they are taken already: many want one slot, and few have to queue.

    Raises InvalidField for an unknown reference, an impossible duration or grace; InvalidRecurrence for a rule that
    never fires or fires too often; Conflict for people who were erased; Clash when it is taken already; Busy.
    """
    named = plan_draft.referred(draft)
    references.check(tx, tenant_id, named)
    plan_draft.check_misfire(draft)
    plan_draft.check_places(draft)
    series, notes = plan_draft.checked(draft, settings)
    wanted = plan_draft.takes(draft)
    if not draft.skip_clashes and not bookings.is_free(tx, wanted):
        without_clashes(tx, tenant_id, draft, series, now, settings)
    turn.take(tx, wanted)
    references.refuse_erased(tx, tenant_id, named)
    return Held(draft, series, notes)


def make(tx: Tx, tenant_id: UUID, held: Held, now: datetime, settings: Settings) -> Created:
    """Make the plan and its sessions up to the horizon.

    Raises Clash when a space or person is taken, be it in years.
    """
    draft = held.draft
    clear = without_clashes(tx, tenant_id, draft, held.series, now, settings)
    segment = segment_of(tenant_id, draft, clear.series, now, clear.left_out)
    given = stretch.begin(segment, now, settings)
    series = series_of(draft, segment, now)
    plans.insert(tx, series, segment, list(dict.fromkeys(draft.participants)))
    _, lost = stretches.insert(tx, [given] if given.recurrence_ids else [])
    if lost:
        raise Clash(bookings.in_the_way(tx, lost))
    notes = (*held.notes, *untracked(held.series, now), *clash.notes(clear.until))
    return Created(series, segment, notes, clear.taken)


def without_clashes(
    tx: Tx, tenant_id: UUID, draft: PlanDraft, series: recurrence.Series, now: datetime, settings: Settings
) -> Skipped:
    """The series as it can be planned: without the dates that clash, where the draft asks for that.

    Raises Clash; all that is in the way is looked for when it is told.
    """
    asked = Stretch(series=series, resources=plan_draft.takes(draft), since=now)
    horizon = now + timedelta(days=settings.horizon_days)
    if draft.skip_clashes:
        return skip.skip(tx, tenant_id, asked, horizon)
    look = clash.look(tx, tenant_id, asked, horizon)
    first = next(look.met, None)
    if first is not None:
        raise Clash(met.taken for met in islice(chain([first], look.met), MOST_LISTED))
    return Skipped(series, {}, (), look.until)


def in_the_way(
    tx: Tx, tenant_id: UUID, draft: PlanDraft, series: recurrence.Series, now: datetime, settings: Settings
) -> Found:
    """What stands in the way of a draft, if it were planned now with this series. Locks and writes nothing."""
    asked = Stretch(series=series, resources=plan_draft.takes(draft), since=now)
    return clash.check(tx, tenant_id, asked, now + timedelta(days=settings.horizon_days))


def segment_of(
    tenant_id: UUID,
    draft: PlanDraft,
    series: recurrence.Series,
    now: datetime,
    left_out: Mapping[str, str] = NOTHING,
    into: UUID | None = None,
) -> Segment:
    """The one segment of a new plan, not yet written; `left_out` tells why of its EXDATEs some are.

    `into`: the series that it is another segment of.
    """
    return Segment(
        tenant_id=tenant_id,
        series_id=into or uuid7(),
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


def series_of(draft: PlanDraft, segment: Segment, now: datetime) -> Series:
    """The series of a new plan, not yet written."""
    derived = PlanType.ONE_TIME if segment.rrule is None and not segment.rdates else PlanType.RECURRING
    kept = {"tenant_id": segment.tenant_id, "created_at": now, "updated_at": now, "tracked_from": now}
    return Series(id=segment.series_id, type=draft.type or derived, uid=draft.uid, version=1, **kept)


def write(tx: Tx, draft: PlanDraft, segment: Segment, now: datetime, into: UUID | None = None) -> None:
    """The rows of the series (but for a segment of another), its segment, and its enrolments."""
    key = {"tenant_id": segment.tenant_id, "series_id": segment.series_id}
    if into is None:
        tx.add(series_of(draft, segment, now))
        tx.flush()
    tx.add(segment)
    tx.add_all(
        Enrolment(**key, user_id=user_id, from_local=segment.from_local)
        for user_id in dict.fromkeys(draft.participants)
    )
    tx.flush()


def untracked(series: recurrence.Series, now: datetime) -> list[str]:
    """A note when the first session begins before now."""
    first = recurrence.occurrence_at(series, series.dtstart)
    if first is None or first.starts_at >= now:
        return []
    return ["sessions that began before the plan was made are not tracked: nothing is started, nobody is absent"]
