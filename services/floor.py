"""Where whoever looks again and again begins to look for starts.

The index of starts holds running sessions too, so a look from its beginning costs as much as runs. A look that found
nothing waiting raises the floor to shortly before its instant, `MARGIN`: who plans a session reads the clock first and
commits later. What comes to lie below the floor all the same (an outage of the materializer, a row that was held) is
found by a look from the beginning: each `SWEEP_EVERY`, and a worker's also when it was sent and found nothing.
History and what lies ahead are never walked through.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from db.moved import FIRST, Place

MARGIN = timedelta(seconds=10)  # longer than a write of the API may take
SWEEP_EVERY = timedelta(seconds=5)


@dataclass(slots=True)
class Floor:
    """The floor of one process: it begins without one, and nothing is lost with it."""

    at: datetime | None = None
    swept_at: datetime | None = None

    def for_look(self, now: datetime) -> Place:
        """Where to begin this time; from time to time that is the beginning."""
        if self.swept_at is None or now - self.swept_at >= SWEEP_EVERY:
            self.swept_at = now
            return FIRST
        return Place(self.at) if self.at else FIRST

    def nothing_waits(self, now: datetime) -> None:
        """Nothing that was due at `now` waited, from the floor on: raise it."""
        self.at = now - MARGIN
