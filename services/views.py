"""What reads answer: one session, one plan. Instants are aware UTC, wall times naive."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import recurrence
from db.models import Segment
from lifecycle import State


class SessionView(NamedTuple):
    """One session as a client sees it: its own edits over what its segment says, its state effective at `now`.

    A tuple, because pages make them by the hundred.
    """

    series_id: UUID
    recurrence_id: datetime
    one_time: bool
    type: str
    title: str
    description: str | None
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    state: State | None
    started_at: datetime | None
    ended_at: datetime | None
    removed_at: datetime | None
    tracked: bool
    materialized: bool
    progress: float | None
    routine_id: UUID | None
    program_id: UUID | None
    timeline_id: UUID | None
    space_id: UUID | None
    subject_id: UUID | None
    instructor_id: UUID | None
    capacity: int | None
    clash: str | None
    set_aside: str | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """One plan: its series, its segments from first to last, who is enrolled; and for a one-time plan its session.

    `segment` is the last one that is not removed: how the plan goes on; `series` and the times are that one's.
    """

    series_id: UUID
    type: str
    segment: Segment
    segments: tuple[Segment, ...]
    series: recurrence.Series
    starts_at: datetime
    ends_at: datetime
    participants: tuple[UUID, ...]
    tracked_from: datetime
    created_at: datetime
    updated_at: datetime
    removed_at: datetime | None
    version: int
    session: SessionView | None = None
