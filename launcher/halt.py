"""How the launcher is asked to stop: Ctrl-C, SIGTERM, or the terminal going away.

The first time, KeyboardInterrupt is raised wherever the main thread is. From then on (`listen` was told that
the end has begun) a signal only says that there is a hurry. `held` keeps the signals off while a process is
being started, so that none is started and forgotten.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Halt:
    """What was asked so far."""

    __slots__ = ("ending", "hurried")

    def __init__(self) -> None:
        self.ending = False
        self.hurried = False

    def listen(self) -> None:
        """Take over the signals; from the main thread alone."""
        for number in SIGNALS:
            signal.signal(number, self._asked)

    def begin(self) -> None:
        """The end has begun: raise no more."""
        self.ending = True

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if self.ending:
            self.hurried = True
            return
        self.ending = True
        raise KeyboardInterrupt


@contextmanager
def held() -> Iterator[None]:
    """Signals that ask to stop wait until the block is done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
