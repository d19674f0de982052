"""The states a session can be in, and the events that move it from one to another."""

from enum import StrEnum


class State(StrEnum):
    """Where a session stands in its life."""

    SCHEDULED = "SCHEDULED"
    """Planned; it has not begun."""

    IN_PROGRESS = "IN_PROGRESS"
    """It has begun and not ended; progress and attendance may be written."""

    COMPLETED = "COMPLETED"
    """It took place and is over."""

    MISSED = "MISSED"
    """Its planned end passed and nobody had started it; or its start came too late, by the plan's own wish."""

    CANCELLED = "CANCELLED"
    """Called off by a person, before or during it; its place is free."""


class Event(StrEnum):
    """What happens to a session; each is one kind of row in the ledger."""

    START = "start"
    """It begins: at its planned start, at the first check-in, or by hand."""

    END = "end"
    """It is over: at its planned end, by hand, or at the longest overrun."""

    MISS = "miss"
    """Nobody started it by its end, or its start came too late."""

    CANCEL = "cancel"
    """A person calls it off."""

    REINSTATE = "reinstate"
    """A person takes the cancellation back."""

    CORRECT = "correct"
    """Staff put right afterwards what the ledger says."""
