"""Plans that are made in a full room, and series that are cut in two: how long a call takes."""

import time
from collections.abc import Iterable
from datetime import timedelta
from statistics import median
from typing import Any, Final

from bench.api.client import Answer, Connection
from bench.api.stock import IN_THE_ROOM, OLD, ROOM, SLOT_S, Stock, plan

POSTS: Final = 40
WARM: Final = 3  # calls that are not counted


class Refused(Exception):
    """a call that is measured was not answered as it ought to be"""


def posts(port: int, stock: Stock) -> float:
    """Milliseconds of planning a weekly session without end into a free slot of the full room: the median."""
    bodies = [weekly(stock, 2 * (IN_THE_ROOM - 1 - number) + 1) for number in range(POSTS + WARM)]
    return timed(port, stock, (("POST", "/sessions", body) for body in bodies), 201)


def weekly(stock: Stock, slot: int) -> dict[str, Any]:
    """A plan for one slot of the week; the slots with an odd number are free."""
    start = stock.week + timedelta(seconds=slot * SLOT_S)
    return {
        "title": "Pilates",
        "timeZone": "UTC",
        "scheduledAt": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "duration": f"PT{SLOT_S // 60}M",
        "spaceId": ROOM,
        "recurrence": {"rrule": "FREQ=WEEKLY"},
    }


def splits(port: int, stock: Stock) -> float:
    """Milliseconds of editing this and all following of a series with five years behind it: the median."""
    calls = [
        ("PATCH", f"/sessions/{plan(5, number)}_{at:%Y%m%dT%H%M%S}?scope=following", {"title": "Yoga"})
        for number in range(1, OLD + 1)
        for at in [stock.week + timedelta(hours=number, weeks=2)]
    ]
    return timed(port, stock, calls, 200)


def timed(port: int, stock: Stock, calls: Iterable[tuple[str, str, dict[str, Any]]], status: int) -> float:
    """Milliseconds of these calls, one after the other: the median. Raises Refused."""
    connection = Connection(port, stock.key)
    found = []
    for method, path, body in calls:
        began = time.perf_counter()
        answer: Answer = connection.send(method, path, body)
        found.append(1000 * (time.perf_counter() - began))
        if answer.status != status:
            raise Refused(f"{method} was answered {answer.status}: {answer.body[:300].decode()}")
    connection.close()
    return median(found[WARM:])
