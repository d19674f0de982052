"""Who has a data folder: a living `sessionbeat up`, or what a killed one left behind.

Two locks of the kernel (flock), never a number in a file:
* `up.lock` is held by `up` alone. While it is held, an `up` lives, and a second one ends with a message.
* `children.lock` is inherited by every process that `up` starts, and by theirs. While it is held although
  `up.lock` was free, the holders are orphans. They are found by looking through /proc for the open file, and
  ended: first asked, then killed. They were asked already when their launcher died; this is for those that
  did not listen.
"""

import fcntl
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from launcher.errors import AlreadyRunning, StillHeld

ASKED_S = 6.0  # seconds for orphans to end by themselves; PostgreSQL writes its checkpoint in them
KILLED_S = 3.0  # seconds for the killed to be gone
LOOK_EVERY_S = 0.05


class Hold:
    """Both locks of a data folder, held until `release` or the end of this process."""

    __slots__ = ("_up", "children", "data")

    def __init__(self, data: Path, up: int, children: int) -> None:
        self.data = data
        self._up = up
        self.children = children

    def left_over(self) -> list[int]:
        """The processes beside this one that inherited the lock."""
        return [pid for pid in holders(self.data / "children.lock") if pid != os.getpid()]

    def release(self) -> None:
        os.close(self.children)
        os.close(self._up)


def take(data: Path, api: str | None = None) -> tuple[Hold, int]:
    """Take the folder; answers the hold and how many orphans were ended for it.

    api: the address that a living `up` answers at, for the message.

    Raises AlreadyRunning when an `up` lives there, StillHeld when orphans do not end.
    """
    up = _open(data / "up.lock")
    if not _try(up):
        os.close(up)
        pids = holders(data / "up.lock")
        raise AlreadyRunning(pid=pids[0] if pids else None, data=data, api=api)
    children = _open(data / "children.lock")
    hold = Hold(data, up, children)
    orphans = 0
    if not _try(children):
        orphans = end(hold.left_over)
        if not _try(children):
            hold.release()
            raise StillHeld(data=data, pids=holders(data / "children.lock"))
    return hold, orphans


def is_running(data: Path) -> bool:
    """Whether an `up` lives in the folder."""
    if not (data / "up.lock").exists():
        return False
    probe = _open(data / "up.lock")
    free = _try(probe)
    os.close(probe)
    return not free


def end(remaining: Callable[[], list[int]]) -> int:
    """Ask the remaining processes to end, then kill them; answers how many there were."""
    found = remaining()
    heads = [pid for pid in found if _parent(pid) not in found]
    for pid in heads:
        _send(pid, _farewell(pid))
    if not _gone(remaining, ASKED_S):
        for pid in remaining():
            _send(pid, signal.SIGKILL)
        _gone(remaining, KILLED_S)
    return len(found)


def holders(lock: Path) -> list[int]:
    """The processes that have the file open, by pid; those of other users are seen by root alone."""
    wanted = lock.stat()
    processes = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return sorted(int(process.name) for process in processes if _has_open(process, wanted))


def _has_open(process: Path, wanted: os.stat_result) -> bool:
    try:
        return any(os.path.samestat(file.stat(), wanted) for file in (process / "fd").iterdir())
    except OSError:  # it ended while we looked, or it is another user's
        return False


def _open(lock: Path) -> int:
    return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _gone(remaining: Callable[[], list[int]], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while remaining():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_EVERY_S)
    return True


def _parent(pid: int) -> int:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2]
    except OSError:
        return 0
    return int(after_name.split()[1])


def _farewell(pid: int) -> signal.Signals:
    """SIGTERM, but SIGINT for PostgreSQL: there the former waits for clients to leave, the latter does
    not."""
    try:
        name = Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        name = ""
    return signal.SIGINT if name == "postgres" else signal.SIGTERM


def _send(pid: int, what: signal.Signals) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return
