"""What one process has seen of the work, and where it begins to look again for starts.

The index of starts holds running sessions too, so a look from its beginning costs as much as runs. A look that found
nothing waiting raises the floor to shortly before its instant, `MARGIN`: who plans a session reads the clock first and
commits later. What comes to lie below the floor all the same (an outage of the materializer, a row that was held) is
found by a look from the beginning: each `SWEEP_EVERY`, and a worker's also when it was sent and found nothing.
History and what lies ahead are never walked through.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from db.moved import FIRST, Place

MARGIN = timedelta(seconds=10)  # longer than a write of the API may take
SWEEP_EVERY = timedelta(seconds=5)
TRUSTED_S = 1.0  # for so long nobody has to look again, even if the database's clock steps back


def is_time(last: datetime | None, now: datetime, every: timedelta) -> bool:
    """Whether it is time again: it never was, or so long ago, or the database's clock was set back behind it."""
    return last is None or not last <= now < last + every


@dataclass(slots=True)
class Seen:
    """When a process last saw that nothing was left of a step (the database's clock); lost with it without harm."""

    at: datetime | None = None
    told_s: float = field(default=0.0, compare=False)  # on a clock that only counts on

    def for_look(self, now: datetime) -> Place:
        """Where to begin to look at an instant: at the beginning."""
        return FIRST

    def nothing_waits(self, now: datetime) -> None:
        """Nothing that was due at `now` waits any more."""
        self.at, self.told_s = now, time.monotonic()

    def is_spent(self, asked_at: datetime | None) -> bool:
        """Whether all was done lately that somebody could see at that instant: no need to look again for it."""
        is_seen = asked_at is not None and self.at is not None and asked_at <= self.at
        return is_seen and time.monotonic() - self.told_s < TRUSTED_S


@dataclass(slots=True)
class Floor(Seen):
    """The floor of one process: it begins without one."""

    swept_at: datetime | None = None

    def for_look(self, now: datetime) -> Place:
        """Where to begin this time; from time to time that is the beginning."""
        if is_time(self.swept_at, now, SWEEP_EVERY):
            self.swept_at = now
            return FIRST
        return Place(self.at - MARGIN) if self.at else FIRST
