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
GLIMPSE_S = 0.3  # seconds; another command that only looks whether an `up` lives has the lock for an instant
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
    if not _gone(lambda: not _try(up), GLIMPSE_S):
        os.close(up)
        pids = holders(data / "up.lock")
        raise AlreadyRunning(pid=pids[0] if pids else None, data=data, api=api)
    hold = Hold(data, up, _open(data / "children.lock"))
    orphans = 0 if _try(hold.children) else end(hold.left_over, lambda: not _try(hold.children))
    if not _try(hold.children):
        left = hold.left_over()
        hold.release()
        raise StillHeld(data=data, pids=left)
    return hold, orphans


def is_running(data: Path) -> bool:
    """Whether an `up` lives in the folder."""
    if not (data / "up.lock").exists():
        return False
    probe = _open(data / "up.lock")
    free = _try(probe)
    os.close(probe)
    return not free


def end(remaining: Callable[[], list[int]], is_left: Callable[[], object] | None = None) -> int:
    """Ask the remaining processes to end, then kill them; answers how many there were.

    is_left: whether something is left, where that is more than the processes that can be seen: one that is just
    ending shows its files to root alone, and still holds its locks.
    """
    is_left = is_left or remaining
    found = remaining()
    heads = [pid for pid in found if _parent(pid) not in found]
    for pid in heads:
        _send(pid, _farewell(pid))
    if not _gone(is_left, ASKED_S):
        for pid in remaining():
            _send(pid, signal.SIGKILL)
        _gone(is_left, KILLED_S)
    return len(found)


def holders(lock: Path) -> list[int]:
    """The processes that have the file open, by pid; those of other users are seen by root alone."""
    wanted = lock.stat()
    processes = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return sorted(int(process.name) for process in processes if _has_open(process, wanted))


def _has_open(process: Path, wanted: os.stat_result) -> bool:
    try:
        files = list((process / "fd").iterdir())
    except OSError:  # it ended while we looked, or it is another user's
        return False
    return any(_is(file, wanted) for file in files)


def _is(file: Path, wanted: os.stat_result) -> bool:
    try:
        return os.path.samestat(file.stat(), wanted)
    except OSError:  # it was closed while we looked
        return False


def _open(lock: Path) -> int:
    return os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _gone(is_left: Callable[[], object], within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while is_left():
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
