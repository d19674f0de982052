"""What the system does to a session by itself, one after the other.

A session carries the step that comes next and the instant it is due; both are null when nothing comes next.
"""

from datetime import timedelta
from enum import StrEnum

MAX_OVERRUN = timedelta(hours=12)
"""How long after its planned end a session without automatic end stays open."""


class Step(StrEnum):
    """The four things done to a session in time."""

    START = "START"
    """Begin it."""

    END = "END"
    """End it, or mark it missed when nobody started it."""

    CLOSE = "CLOSE"
    """Mark those still expected as absent."""

    MEASURE = "MEASURE"
    """Compute its completion record."""
