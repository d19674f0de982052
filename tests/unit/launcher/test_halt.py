"""Being asked to stop: once, and again."""

import os
import signal
from collections.abc import Iterator

import pytest

from launcher import halt
from launcher.halt import Halt


@pytest.fixture(autouse=True)
def handlers_given_back() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in halt.SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", halt.SIGNALS)
def test_the_first_signal_interrupts_and_the_second_hurries(number: signal.Signals) -> None:
    asked = Halt()
    asked.listen()

    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
    assert not asked.hurried
    os.kill(os.getpid(), number)

    assert asked.hurried


def test_nothing_is_raised_once_the_end_has_begun() -> None:
    asked = Halt()
    asked.listen()

    asked.begin()
    os.kill(os.getpid(), signal.SIGTERM)

    assert asked.hurried


def test_a_signal_waits_while_a_process_is_being_started() -> None:
    asked = Halt()
    asked.listen()
    done: list[str] = []

    with pytest.raises(KeyboardInterrupt):
        start_something(done)

    assert done == ["started", "kept"]


def start_something(done: list[str]) -> None:
    with halt.held():
        done.append("started")
        signal.raise_signal(signal.SIGTERM)  # to this thread, whatever others the process has
        done.append("kept")
    done.append("never reached")
