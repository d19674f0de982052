"""Texts written to hurt (`attacks.py`): how long until an answer or an error, and how much memory on the way.

The answer may be anything, or a RecurrenceError; only its price counts. Memory is what is allocated at the peak beyond
what was there before; it is measured in a run of its own, because watching slows everything down.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import recurrence
from bench.expand import memory
from bench.expand.attacks import Attack, attacks
from bench.expand.row import Row
from bench.timing import compare, constant
from recurrence import RecurrenceError, Series

REPEATS: Final = 3
PATIENCE: Final = 2.0  # seconds of the processor; forty times what an answer may take


def hostile(repeats: int = REPEATS) -> list[Row]:
    """One row an attack: seconds to its answer, and megabytes at the peak."""
    return [row(attack, repeats) for attack in attacks()]


def row(attack: Attack, repeats: int = REPEATS) -> Row:
    """One attack; one that has no answer after PATIENCE counts as PATIENCE."""
    try:
        with patience():
            answer(attack)
    except TimeoutError:
        return Row(measure="hostile", rule=attack.name, seconds={"ours": PATIENCE}, megabytes={})
    times = compare({"ours": constant(answer, attack)}, repeats=repeats)
    return Row(measure="hostile", rule=attack.name, seconds=times, megabytes={"peak": memory.peak(answer, attack)})


def answer(attack: Attack) -> int:
    """How many sessions (none or one) the text gives after the instant; none as well where it is refused, or another
    question was asked.
    """
    try:
        series = Series.from_ical(attack.text, gap=attack.gap)
        if attack.ask is None:
            return len(recurrence.next_after(series, attack.after, 1))
        attack.ask(series, attack.after)
    except RecurrenceError:
        pass
    return 0


@contextmanager
def patience() -> Iterator[None]:
    """Raises TimeoutError inside after PATIENCE. Only in the main thread, which is where a bench runs."""
    before = signal.signal(signal.SIGVTALRM, lose_patience)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def lose_patience(*_: object) -> None:
    """What the alarm does."""
    raise TimeoutError
