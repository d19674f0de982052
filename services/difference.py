"""What an edit of a plan makes different, as far as its sessions are rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from db.bookings import Taken
from db.models import Session
from lifecycle import State


class Slot(NamedTuple):
    """A session: its recurrence id (local), and the instants of its start and end."""

    recurrence_id: datetime
    starts_at: datetime
    ends_at: datetime


class Moved(NamedTuple):
    """A session before and after."""

    before: Slot
    after: Slot


class Kept(NamedTuple):
    """A session that stays where it is; `touched`: why the edit leaves it alone (None: it does not)."""

    slot: Slot
    touched: str | None


@dataclass(slots=True, kw_only=True)
class Difference:
    """Sessions up to the instant `until`, each list in order; `clashes` are the bookings in the way.

    skipped: the local starts that are left out instead, near and far, and what takes their places.
    """

    until: datetime
    added: list[Slot] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    removed: list[Slot] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    clashes: Sequence[Taken] = ()
    skipped: dict[datetime, Sequence[Taken]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def slot_of(row: Session) -> Slot:
    """A row as it stands."""
    return Slot(row.recurrence_id, row.starts_at, row.ends_at)


def touched(row: Session) -> str | None:
    """Why an edit of its plan leaves a session alone; None: it does not."""
    if row.removed_at is not None:
        return "removed"
    why = by_itself(row)
    if why is None and (row.next_step is None or row.set_aside is not None):
        return "untracked"
    return why


def by_itself(row: Session) -> str | None:
    """What became of a session on its own, whether it is removed or not; None: it is as its plan made it."""
    changed = (row.title, row.description, row.space_id, row.instructor_id, row.capacity)
    own = (row.moved_to_local, row.moved_duration, *changed)
    if row.state == State.CANCELLED:
        return "cancelled"
    if row.state != State.SCHEDULED or row.seq or row.progress is not None:
        return "started"
    if any(value is not None for value in own):
        return "edited"
    return None
