"""How a transition came about, as the ledger tells it."""

from datetime import timedelta
from enum import StrEnum

ON_TIME_WITHIN = timedelta(seconds=10)
"""Lateness (applied minus effective) up to which a transition counts as on time; above it was caught up.

Ten seconds: the longest lateness promised with broker or beat gone is six.
"""

MISFIRE_GRACE = timedelta(minutes=15)
"""How late a session may be started that is to be missed rather than caught up, unless its plan says otherwise."""


class Outcome(StrEnum):
    """Why a transition stands in the ledger."""

    ON_TIME = "on_time"
    """Applied by the system when it was due."""

    CAUGHT_UP = "caught_up"
    """Applied by the system later, after an outage; the effective instant is still the planned one."""

    BY_HAND = "by_hand"
    """A person asked for it."""

    OVERRUN = "overrun"
    """Nobody ended it by hand within the longest overrun."""

    MISFIRE = "misfire"
    """Too late to start, by the plan's own wish (`MISFIRE_GRACE`)."""
