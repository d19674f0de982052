"""What may happen to a session: states, events, steps, and the one table of transitions.

Pure: no database, no clock, no environment.
"""

from lifecycle.errors import IllegalTransition
from lifecycle.outcomes import MISFIRE_GRACE, ON_TIME_WITHIN, Outcome
from lifecycle.states import Event, State
from lifecycle.steps import MAX_OVERRUN, Step
from lifecycle.transitions import TRANSITIONS, next_state

__all__ = [
    "MAX_OVERRUN",
    "MISFIRE_GRACE",
    "ON_TIME_WITHIN",
    "TRANSITIONS",
    "Event",
    "IllegalTransition",
    "Outcome",
    "State",
    "Step",
    "next_state",
]
