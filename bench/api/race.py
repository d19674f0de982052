"""Two hundred clients at once want twenty slots of one space: ten want the same, and one gets it."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from statistics import quantiles
from typing import Any, Final, NamedTuple

from bench.api.client import Connection
from bench.api.stock import Stock, space

CLIENTS: Final = 200
SLOTS: Final = 20


class Race(NamedTuple):
    """How many calls had which status, and how long they took from the common start (seconds, in order)."""

    statuses: Counter[int]
    seconds: list[float]

    def p99_s(self) -> float:
        """What 99 of a hundred do not exceed."""
        return quantiles(self.seconds, n=100, method="inclusive")[98]


def run(port: int, stock: Stock) -> Race:
    """All of them, each with a connection and a thread of its own, from one start."""
    connections = [Connection(port, stock.key) for _ in range(CLIENTS)]
    start = threading.Barrier(CLIENTS + 1)
    found: list[tuple[int, float]] = []
    bodies = wishes(stock)
    threads = [
        threading.Thread(target=ask, args=(connection, body, start, found))
        for connection, body in zip(connections, bodies, strict=True)
    ]
    for thread in threads:
        thread.start()
    start.wait()
    for thread in threads:
        thread.join()
    for connection in connections:
        connection.close()
    return Race(Counter(status for status, _ in found), sorted(seconds for _, seconds in found))


def ask(connection: Connection, body: dict[str, Any], start: threading.Barrier, found: list[tuple[int, float]]) -> None:
    """One client."""
    start.wait()
    began = time.perf_counter()
    status = connection.send("POST", "/sessions", body).status
    found.append((status, time.perf_counter() - began))


def wishes(stock: Stock) -> Iterator[dict[str, Any]]:
    """What each client wants: a weekly hour without end in the first space, in the last week that is stored."""
    for number in range(CLIENTS):
        start = stock.week + timedelta(days=42, hours=number % SLOTS)
        yield {
            "title": "Pilates",
            "timeZone": "UTC",
            "scheduledAt": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "duration": "PT1H",
            "spaceId": str(space(1)),
            "recurrence": {"rrule": "FREQ=WEEKLY"},
        }
