"""How long a call takes, compared fairly.

Whatever is compared takes turns: one sample of each, then again, in the opposite order every other time, so that a
machine that grows slower is slower for all. A sample is as many calls in a row as last SAMPLE seconds, and its time is
divided by their number; the figure is the median over the samples. Time is the processor's: what others do on the
machine does not count, and what is measured here neither waits nor uses a second processor. The garbage collector rests
meanwhile. What a call needs is supplied before the clock starts, anew for each call, so that nothing is warm that would
be cold in use.
"""

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import process_time
from typing import Any, Final

REPEATS: Final = 5  # samples of each subject
SAMPLE: Final = 0.005  # seconds: thousands of times what the clock can tell apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """`call` is timed with what `supply` made for it; every call gets one of its own."""

    call: Callable[[Any], object]
    supply: Callable[[], object]


def constant(call: Callable[[Any], object], asked: object) -> Subject:
    """A call that gets the same each time."""
    return Subject(call=call, supply=lambda: asked)


def compare(subjects: Mapping[str, Subject], *, repeats: int = REPEATS, sample: float = SAMPLE) -> dict[str, float]:
    """Seconds per call of each subject, by name: the median of `repeats` samples of at least `sample` seconds."""
    with quiet():
        rounds = {name: calibrated(subject, sample) for name, subject in subjects.items()}
        times: dict[str, list[float]] = {name: [] for name in subjects}
        for turn in range(repeats):
            for name in list(subjects) if turn % 2 == 0 else reversed(list(subjects)):
                times[name].append(timed(subjects[name], rounds[name]))
    return {name: median(found) for name, found in times.items()}


def calibrated(subject: Subject, sample: float) -> int:
    """How many calls in a row last at least `sample` seconds. The first call warms up, and may take longer."""
    if timed(subject, 1) > 10 * sample:
        return 1
    rounds = 1
    while (lasted := timed(subject, rounds) * rounds) < sample:
        rounds = max(rounds + 1, min(10 * rounds, int(1.2 * rounds * sample / lasted) + 1))
    return rounds


def timed(subject: Subject, rounds: int) -> float:
    """Seconds per call, over `rounds` calls in a row."""
    call = subject.call
    supplies = [subject.supply() for _ in range(rounds)]
    begin = process_time()
    for supply in supplies:
        call(supply)
    return (process_time() - begin) / rounds


@contextmanager
def quiet() -> Iterator[None]:
    """No garbage collection inside, one before; afterwards as it was."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
