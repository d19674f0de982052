"""How the benches measure time: on a clock that only the calls move."""

import gc
from collections.abc import Callable, Iterator

import pytest

from bench import timing
from bench.timing import Subject


class Clock:
    """Shows what was spent."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def spend(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that the timing reads."""
    clock = Clock()
    monkeypatch.setattr(timing, "process_time", clock)
    return clock


def spending(clock: Clock, times: Iterator[float]) -> Callable[[object], None]:
    return lambda _: clock.spend(next(times))


def test_the_figure_is_the_median_of_the_samples(clock: Clock) -> None:
    call = spending(clock, iter([9.0, 1.0, 70.0, 2.0, 3.0, 1.0]))  # the first warms up

    found = timing.compare({"it": timing.constant(call, None)}, repeats=5)

    assert found == {"it": 2.0}


def test_subjects_take_turns_in_changing_order(clock: Clock) -> None:
    order: list[str] = []

    def called(name: str) -> None:
        order.append(name)
        clock.spend(1)

    timing.compare({name: timing.constant(called, name) for name in "ab"}, repeats=3)

    assert "".join(order) == "ab" + "ab" + "ba" + "ab"  # the first two warm up


def test_a_short_call_is_repeated_until_a_sample_can_be_told_from_noise(clock: Clock) -> None:
    subject = timing.constant(lambda _: clock.spend(0.0001), None)

    rounds = timing.calibrated(subject, 0.005)

    assert 50 <= rounds <= 100
    assert timing.timed(subject, rounds) == pytest.approx(0.0001)


def test_every_call_gets_its_own_supply_made_before_the_clock_starts(clock: Clock) -> None:
    given: list[object] = []

    def supply() -> object:
        clock.spend(100)
        return object()

    def call(supplied: object) -> None:
        given.append(supplied)
        clock.spend(1)

    assert timing.timed(Subject(call=call, supply=supply), 7) == 1
    assert len(set(map(id, given))) == 7


def test_garbage_is_not_collected_while_the_clock_runs() -> None:
    seen: list[bool] = []

    timing.compare({"it": timing.constant(lambda _: seen.append(gc.isenabled()), None)}, sample=0)

    assert set(seen) == {False}
    assert gc.isenabled()


def test_garbage_is_collected_again_after_a_call_that_failed() -> None:
    with pytest.raises(ZeroDivisionError):
        timing.compare({"it": timing.constant(lambda _: 1 // 0, None)})

    assert gc.isenabled()
