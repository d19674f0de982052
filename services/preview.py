"""What a plan would give, before it is made: its first sessions, and what planning it would say. Writes nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from sqlalchemy.orm import Session as Tx

import recurrence
from config.settings import Settings
from db.bookings import Taken
from services import clash, plan, plan_draft, references
from services.plan_draft import PlanDraft

EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The series as it would be kept, its first sessions, whether it has more, notes, and what is in the way."""

    series: recurrence.Series
    sessions: tuple[recurrence.Occurrence, ...]
    more: bool
    notes: tuple[str, ...]
    clashes: tuple[Taken, ...]


def preview(tx: Tx, tenant_id: UUID, draft: PlanDraft, limit: int, now: datetime, settings: Settings) -> Preview:
    """The first `limit` sessions of a draft.

    Raises what `plan.create` does, but for clashes.
    """
    references.check_new(tx, tenant_id, plan_draft.referred(draft))
    plan_draft.check_misfire(draft)
    series, notes = plan_draft.checked(draft, settings)
    found = list(islice(recurrence.expand(series, EARLIEST), limit + 1))
    met = plan.in_the_way(tx, tenant_id, draft, series, now, settings)
    notes += [*plan.untracked(series, now), *clash.notes(met.until)]
    return Preview(
        series=series,
        sessions=tuple(found[:limit]),
        more=len(found) > limit,
        notes=tuple(notes),
        clashes=tuple(met.taken),
    )
