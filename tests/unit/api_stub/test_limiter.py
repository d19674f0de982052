"""How many requests a key may make: counted once for all processes that were forked after it was made."""

import os
import signal

import pytest

from api_stub.limiter import NEIGHBOURS, SLOTS, Limiter

ME, YOU = b"m" * 16, b"y" * 16
RARELY = 1e-6  # a second: nobody gets another turn while a test runs


def test_a_burst_is_let_in_and_then_one_has_to_wait() -> None:
    limiter = Limiter(RARELY, burst=3)

    waits = [limiter.ask(ME) for _ in range(4)]

    assert waits[:3] == [0, 0, 0]
    assert waits[3] == pytest.approx(1 / RARELY, rel=0.01)


def test_each_is_counted_alone() -> None:
    limiter = Limiter(RARELY, burst=1)

    assert [limiter.ask(ME), limiter.ask(YOU)] == [0, 0]
    assert limiter.ask(ME) > 0


def test_a_look_is_not_counted() -> None:
    limiter = Limiter(RARELY, burst=1)

    assert [limiter.ask(ME, take=False) for _ in range(3)] == [0, 0, 0]
    assert limiter.ask(ME) == 0
    assert limiter.ask(ME, take=False) > 0


def test_who_waits_as_told_may_ask_again() -> None:
    limiter = Limiter(per_s=2, burst=1)
    limiter.ask(ME)
    asked = 0

    while limiter.ask(ME) > 0:
        asked += 1

    assert asked > 0


def test_without_a_rate_nobody_waits() -> None:
    limiter = Limiter(0, burst=1)

    assert not any(limiter.ask(ME) for _ in range(100))


def test_processes_count_together() -> None:
    limiter = Limiter(RARELY, burst=1000)

    let_in = sum(in_a_child_each(4, lambda: sum(limiter.ask(ME) == 0 for _ in range(240))))

    assert let_in == 960
    assert sum(limiter.ask(ME) == 0 for _ in range(100)) == 40


def test_a_process_that_is_killed_while_it_counts_holds_up_nobody() -> None:
    limiter = Limiter(RARELY, burst=1)
    holds, told = os.pipe()
    child = os.fork()
    if child == 0:
        with limiter.alone():
            os.write(told, b"x")
            signal.pause()
    os.read(holds, 1)
    os.kill(child, signal.SIGKILL)

    assert limiter.ask(ME) == 0

    os.waitpid(child, 0)
    os.close(holds)
    os.close(told)


def test_there_is_always_room_for_one_more() -> None:
    limiter = Limiter(RARELY, burst=1)
    crowd = [bytes(4) + number.to_bytes(12, "big") for number in range(1, 3 * NEIGHBOURS)]

    assert [limiter.ask(one) for one in crowd] == [0] * len(crowd)
    assert limiter.ask(crowd[-1]) > 0
    assert limiter.ask((SLOTS - 1).to_bytes(4, "big") + ME[4:]) == 0


def in_a_child_each(number: int, count: "object") -> list[int]:
    """What `count()` answers in each of so many processes at once; at most 255."""
    assert callable(count)
    children = []
    for _ in range(number):
        child = os.fork()
        if child == 0:
            os._exit(count())
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
