"""Waiting for what is going to be true."""

import time
from collections.abc import Callable

from launcher.supervisor import Supervisor

PATIENCE_S = 15.0


def until(condition: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Return as soon as the condition holds; fail when it does not within the patience (seconds)."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"did not come true within {patience_s:g} s"
        time.sleep(0.02)


def while_supervised(supervisor: Supervisor, condition: Callable[[], object]) -> None:
    """Likewise, while the supervisor does its work."""

    def turned() -> object:
        supervisor.turn(0.1)
        return condition()

    until(turned)


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not fetched yet does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
