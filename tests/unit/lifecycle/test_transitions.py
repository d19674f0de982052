"""The table of transitions says what may happen, and nothing else may."""

from itertools import product

import pytest

import lifecycle
from lifecycle import Event, IllegalTransition, State

ALLOWED = {
    ("SCHEDULED", "start", "IN_PROGRESS"),
    ("SCHEDULED", "miss", "MISSED"),
    ("SCHEDULED", "cancel", "CANCELLED"),
    ("IN_PROGRESS", "end", "COMPLETED"),
    ("IN_PROGRESS", "cancel", "CANCELLED"),
    ("CANCELLED", "reinstate", "SCHEDULED"),
    ("MISSED", "correct", "COMPLETED"),
    ("COMPLETED", "correct", "COMPLETED"),
}


def test_exactly_the_documented_transitions_are_allowed() -> None:
    found = {(state, event, following) for (state, event), following in lifecycle.TRANSITIONS.items()}

    assert found == ALLOWED


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_other_event_is_refused_by_name(state: State, event: Event) -> None:
    expected = {following for one, other, following in ALLOWED if (one, other) == (state, event)}

    if expected:
        assert {lifecycle.next_state(state, event)} == expected
    else:
        with pytest.raises(IllegalTransition, match=f"cannot {event} a session that is {state}"):
            lifecycle.next_state(state, event)


def test_what_had_begun_is_under_way_again_after_its_reinstatement() -> None:
    assert lifecycle.next_state(State.CANCELLED, Event.REINSTATE, started=True) is State.IN_PROGRESS
    assert lifecycle.next_state(State.COMPLETED, Event.CORRECT, started=True) is State.COMPLETED
