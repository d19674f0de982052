"""How many requests a key may make: so many a second on average, and so many at once.

The count is in memory that all processes of one gunicorn share: it is made when the app is (`--preload`), before they
are forked, and needs no server. A lock of the operating system keeps them apart; it ends with its process, so one that
is killed holds up nobody. What a machine counts, another one does not know of: behind a balancer each has its own.

Of each key one instant is kept (the generic cell rate algorithm): when it will have used up what it asked for so far,
if each request takes its share of a second. A request that would put this instant too far ahead has to wait. There is
room for `SLOTS` keys; one that finds no room takes the place of the one beside it that was idle for longest.
"""

import fcntl
import mmap
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

SLOTS = 4096
NEIGHBOURS = 8
ROUNDING_S = 1e-6
SLOT = struct.Struct("=16sd")  # who, and the instant (seconds of the machine's steady clock)


class Limiter:
    """The counts of one gunicorn. `per_s`: requests a second on average; 0: without limit. `burst`: at once."""

    def __init__(self, per_s: float, burst: int) -> None:
        self.share_s = 1 / per_s if per_s else 0.0
        self.ahead_s = burst * self.share_s
        self.file = os.memfd_create("sessionbeat-limiter")
        os.ftruncate(self.file, SLOTS * SLOT.size)
        self.memory = mmap.mmap(self.file, SLOTS * SLOT.size)
        self.threads = threading.Lock()

    def ask(self, who: bytes, take: bool = True) -> float:
        """How long `who` (16 bytes) has to wait before it may ask again (seconds); 0: it may ask now.

        `take`: it does ask, and is counted, if it may.
        """
        if not self.share_s:
            return 0.0
        now = time.monotonic()
        with self.alone():
            place, used_up_at = self.find(who)
            used_up_at = max(used_up_at, now) + self.share_s
            wait_s = used_up_at - self.ahead_s - now
            if wait_s > ROUNDING_S:
                return wait_s
            if take:
                SLOT.pack_into(self.memory, place, who, used_up_at)
        return 0.0

    def find(self, who: bytes) -> tuple[int, float]:
        """Where `who` is counted, and its instant; of somebody new the place that is idle for longest, and 0."""
        first = int.from_bytes(who[:4], "big")
        places = [(first + step) % SLOTS * SLOT.size for step in range(NEIGHBOURS)]
        found = [(place, *SLOT.unpack_from(self.memory, place)) for place in places]
        for place, known, used_up_at in found:
            if known == who:
                return place, used_up_at
        return min(found, key=lambda slot: slot[2])[0], 0.0

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else counts meanwhile: no thread of this process, and no other process."""
        with self.threads:
            fcntl.lockf(self.file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self.file, fcntl.LOCK_UN)
