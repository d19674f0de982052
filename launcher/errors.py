"""What can keep the launcher from its work; each is told in one line and ends with status 1.

LaunchError (RuntimeError)
├── AlreadyRunning     another `sessionbeat up` has this data folder
├── StillHeld          processes of an earlier run cannot be ended
├── StartFailed        a process ended, or did not answer in time, while starting
├── NotRunning         a command needs a database, and none is given and none runs
├── NoSuchKey          a key that is to be revoked is not there
└── Unusable           a folder, a binary or an account is not there or not ours
"""

from pathlib import Path
from uuid import UUID


class LaunchError(RuntimeError):
    """the launcher cannot do what was asked"""


class AlreadyRunning(LaunchError):
    """another `sessionbeat up` has this data folder"""

    def __init__(self, *, pid: int | None, data: Path, api: str | None) -> None:
        who = f"pid {pid}" if pid else "of another user"
        where = f", address {api}" if api else ""
        super().__init__(f"already running: {who}{where}, data in {data}")


class StillHeld(LaunchError):
    """processes of an earlier run cannot be ended"""

    def __init__(self, *, data: Path, pids: list[int]) -> None:
        named = ", ".join(map(str, pids)) or "of another user"
        super().__init__(f"{data} is still used by processes that could not be ended: {named}")


class StartFailed(LaunchError):
    """a process ended, or did not answer in time, while starting"""

    def __init__(self, name: str, reason: str, log: Path | None = None) -> None:
        super().__init__(f"{name} did not start: {reason}" + (f"; see {log}" if log else ""))


class NotRunning(LaunchError):
    """a command needs a database, and none is given and none runs"""

    def __init__(self, data: Path) -> None:
        super().__init__(f"no DATABASE_URL is given and nothing was started in {data}: run `sessionbeat up` first")


class NoSuchKey(LaunchError):
    """a key that is to be revoked is not there"""

    def __init__(self, key_id: UUID) -> None:
        super().__init__(f"there is no key {key_id}: `sessionbeat key list` tells all")


class Unusable(LaunchError):
    """a folder, a binary or an account is not there or not ours"""
