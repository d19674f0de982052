"""The one table of transitions.

SCHEDULED --start--> IN_PROGRESS --end--> COMPLETED
SCHEDULED --miss---> MISSED --correct--> COMPLETED --correct--> COMPLETED
SCHEDULED, IN_PROGRESS --cancel--> CANCELLED --reinstate--> SCHEDULED (IN_PROGRESS, if it had begun)
"""

from types import MappingProxyType

from lifecycle.errors import IllegalTransition
from lifecycle.states import Event, State

TRANSITIONS = MappingProxyType(
    {
        (State.SCHEDULED, Event.START): State.IN_PROGRESS,
        (State.SCHEDULED, Event.MISS): State.MISSED,
        (State.SCHEDULED, Event.CANCEL): State.CANCELLED,
        (State.IN_PROGRESS, Event.END): State.COMPLETED,
        (State.IN_PROGRESS, Event.CANCEL): State.CANCELLED,
        (State.CANCELLED, Event.REINSTATE): State.SCHEDULED,
        (State.MISSED, Event.CORRECT): State.COMPLETED,
        (State.COMPLETED, Event.CORRECT): State.COMPLETED,
    }
)


def next_state(state: State, event: Event, *, started: bool = False) -> State:
    """The state that `event` leads to from `state`; `started`: it has begun, which a reinstatement goes on from.

    Raises IllegalTransition when the table has no such row.
    """
    following = TRANSITIONS.get((state, event))
    if following is None:
        raise IllegalTransition(state, event)
    return State.IN_PROGRESS if started and event is Event.REINSTATE else following
