"""Processes of the machine, by their pid: their children, signals to them, and waiting for what becomes of them."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

LOOK_EVERY_S = 0.05


def children(parent: int) -> list[int]:
    """The processes whose parent this is."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                after_name = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
            except OSError:  # it ended while we looked
                continue
            if int(after_name[1]) == parent and after_name[0] != "Z":
                found.append(int(entry.name))
    return sorted(found)


def send(pid: int, what: signal.Signals) -> None:
    """Send a signal to a process that may be gone by now."""
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return


def send_group(pid: int, what: signal.Signals) -> None:
    """Send a signal to a process group that may be gone by now."""
    try:
        os.killpg(pid, what)
    except ProcessLookupError:
        return


def wait_until(met: Callable[[], object], within_s: float) -> None:
    """Return as soon as the condition holds. Raises TimeoutError when it does not within so many seconds."""
    deadline = time.monotonic() + within_s
    while not met():
        if time.monotonic() > deadline:
            raise TimeoutError(f"it did not come true within {within_s:g} s")
        time.sleep(LOOK_EVERY_S)
