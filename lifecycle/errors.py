"""Errors of the life cycle.

ValueError
└── IllegalTransition
"""

from lifecycle.states import Event, State


class IllegalTransition(ValueError):
    """cannot {event} a session that is {state}"""

    def __init__(self, state: State, event: Event) -> None:
        self.state = state
        self.event = event
        super().__init__(f"cannot {event.value} a session that is {state.value}")
