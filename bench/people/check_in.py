"""A check-in over HTTP, beside the same statements by hand in the same server: calls in turn, medians compared."""

import time
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

import psycopg

from bench.api import serving
from bench.api.client import Connection
from bench.people import ground
from bench.report import Figure

CLASSES: Final = 1_000
CALLS: Final = 600  # of each
WARM: Final = 60  # of them are not counted: two processes of eight threads each have to wake
SERVERS: Final = ("ours", "check_in")

COMING: Final = f"SELECT series_id, recurrence_id, {ground.WHO} FROM {ground.SEATS} ORDER BY seat, class"


def measured(url: str, _: int) -> Sequence[Figure]:
    """The figure: our median by theirs."""
    with ground.running(url, CLASSES) as place:
        with psycopg.connect(place.url) as sql:
            [[starts_at]] = sql.execute("SELECT min(starts_at) FROM session").fetchall()
            people = iter(sql.execute(COMING.encode(), {"starts_at": starts_at, "people": ground.PEOPLE}).fetchall())
        bodies = ((f"/sessions/{series}_{wall:%Y%m%dT%H%M%S}/check-in", {"userId": str(user)})
                  for series, wall, user in people)  # fmt: skip
        with serving.serving(place.url, SERVERS) as ports:
            clients = {name: Connection(listening, place.key) for name, listening in ports.items()}
            found = in_turn(clients, bodies)
            for client in clients.values():
                client.close()
    ours, hand = (median(found[name][WARM:]) for name in SERVERS)
    parts = {"checkin_p50_ms": 1000 * ours, "checkin_by_hand_p50_ms": 1000 * hand}
    words = "a check-in over HTTP, p50, against the same statements by hand"
    return [Figure(key="checkin_vs_raw", value=ours / hand, least=2, aim=1.3, ceiling=True, words=words, parts=parts)]


def in_turn(clients: dict[str, Connection], bodies: Iterator[tuple[str, dict[str, str]]]) -> dict[str, list[float]]:
    """Seconds of each call, by server."""
    found: dict[str, list[float]] = {name: [] for name in clients}
    for _ in range(CALLS):
        for name, client in clients.items():
            path, body = next(bodies)
            began = time.perf_counter()
            answer = client.send("POST", path, body)
            found[name].append(time.perf_counter() - began)
            assert answer.status == 200, answer.body[:300]
    return found
