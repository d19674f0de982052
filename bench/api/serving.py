"""gunicorn as `sessionbeat up` starts it, with an app of ours: the API, or a handler to compare it with."""

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from launcher import port, processes, program
from launcher.place import PROJECT
from launcher.program import Program
from launcher.supervisor import Supervisor

APPS: Final = {
    "ours": processes.API[1],
    "by_hand": "bench.api.by_hand:app",
    "usual": "bench.api.usual:app",
    "check_in": "bench.people.by_hand:app",
}
WEEKS: Final = ("ours", "by_hand", "usual")  # whoever answers a person's week
READY_WITHIN_S: Final = 60.0


@contextmanager
def serving(url: str, names: tuple[str, ...] = WEEKS) -> Iterator[Mapping[str, int]]:
    """The port of each app, all of them on the database of `url`."""
    with tempfile.TemporaryDirectory(prefix="sessionbeat-bench-") as folder:
        keeper = Supervisor(lock=None, say=lambda _: None)
        try:
            ports = {name: port.any_free() for name in names}
            for name, listening in ports.items():
                keeper.start(server(name, listening, url, Path(folder)))
            for name, listening in ports.items():
                wait(keeper, name, listening)
            yield ports
        finally:
            keeper.stop()


def server(name: str, listening: int, url: str, folder: Path) -> Program:
    """One app at that port; its log is not kept."""
    words = [APPS[name] if word == APPS["ours"] else word for word in processes.API]
    bind = ("--bind", f"{port.LOOPBACK}:{listening}", "--graceful-timeout", "1", "--keep-alive", "30")
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONUNBUFFERED": "1", "SESSIONBEAT_LOG_LEVEL": "WARNING",
                   "SESSIONBEAT_RATE_PER_S": "0"}  # fmt: skip
    return Program(
        name=name,
        argv=program.python(*words, *bind),
        log=folder / f"{name}.log",
        folder=PROJECT,
        environment=environment,
        patience_s=1.3,
    )


def wait(keeper: Supervisor, name: str, listening: int) -> None:
    """Wait until somebody listens. Raises TimeoutError."""
    deadline = time.monotonic() + READY_WITHIN_S
    while port.is_free(listening):
        if time.monotonic() > deadline or keeper.has_ended(name):
            raise TimeoutError(f"{name} did not start")
        time.sleep(0.05)
