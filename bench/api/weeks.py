"""One person's week of seventy sessions, from three servers in turn, and pages of everybody's sessions.

Every turn asks each server for the same weeks over as many connections, in another order; a server's figure is the
median of its turns. The answers are compared before anything is measured: ours and those by hand byte for byte.
"""

import sys
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import cycle, islice
from statistics import median
from typing import Final
from uuid import UUID

import psycopg

from api_stub import cursor, filters
from api_stub.cursor import Cursor
from api_stub.filters import ListQuery
from bench.api.client import Answer, Connection
from bench.api.stock import Stock, person

CONNECTIONS: Final = 4
TURN_S: Final = 4.0
TURNS: Final = 5
SESSIONS: Final = 70
WARM: Final = 200  # requests before the first turn
PAGES: Final = 60  # of each depth
OF_A_PAGE: Final = 100

FROM_THERE: Final = "SELECT count(*) FROM session WHERE starts_at >= %s"
AT: Final = """
    SELECT starts_at, series_id, recurrence_id FROM session
    WHERE starts_at >= %s ORDER BY starts_at, series_id, recurrence_id OFFSET %s LIMIT 1"""


class Disagreement(Exception):
    """two servers answered differently"""


def paths(stock: Stock, people: int) -> list[str]:
    """The week of each of so many people."""
    window = f"from={stock.week:%Y-%m-%dT%H:%M:%SZ}&to={stock.week + timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}"
    return [f"/sessions?{window}&userId={person(1 + number)}&limit={OF_A_PAGE}" for number in range(people)]


def agree(ports: Mapping[str, int], stock: Stock, asked: Sequence[str]) -> None:
    """Compare what the servers answer. Raises Disagreement."""
    answers: dict[str, list[Answer]] = {}
    for name, port in ports.items():
        connection = Connection(port, stock.key)
        answers[name] = [connection.get(path) for path in asked]
        connection.close()
    for ours, by_hand, usual in zip(*(answers[name] for name in ("ours", "by_hand", "usual")), strict=True):
        if ours.body != by_hand.body or len(ours.json()["data"]) != SESSIONS:
            raise Disagreement(f"ours: {ours.body[:1500]!r}\nby hand: {by_hand.body[:1500]!r}")
        if usual.json() != ours.json():
            raise Disagreement(f"ours: {ours.body[:1500]!r}\nthe usual way: {usual.body[:1500]!r}")


def rates(ports: Mapping[str, int], stock: Stock, asked: Sequence[str]) -> dict[str, list[float]]:
    """Requests a second of each server, turn by turn."""
    for port in ports.values():
        answered(port, stock.key, list(islice(cycle(asked), WARM)), 10 * TURN_S)
    found: dict[str, list[float]] = {name: [] for name in ports}
    for turn in range(TURNS):
        for name in list(ports) if turn % 2 == 0 else reversed(list(ports)):
            found[name].append(rate(ports[name], stock.key, asked))
        print(f"api: {', '.join(f'{name} {each[-1]:.0f}/s' for name, each in found.items())}", file=sys.stderr)
    return found


def rate(port: int, key: str, asked: Sequence[str]) -> float:
    """Requests a second over all connections, for one turn."""
    counts: list[int] = []
    parts = [list(asked[number::CONNECTIONS]) for number in range(CONNECTIONS)]
    threads = [
        threading.Thread(target=lambda part=part: counts.append(answered(port, key, part, TURN_S))) for part in parts
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


def answered(port: int, key: str, asked: Sequence[str], seconds: float) -> int:
    """How many of these paths, over and over, one connection is answered within this time."""
    connection = Connection(port, key)
    requests = [connection.request("GET", path) for path in asked]
    count, until = 0, time.perf_counter() + seconds
    for request in cycle(requests):
        if connection.ask(request).status != 200:
            raise Disagreement("a week was refused")
        count += 1
        if time.perf_counter() > until:
            break
    connection.close()
    return count


def depths(sql: psycopg.Connection, port: int, stock: Stock) -> tuple[float, float]:
    """Seconds of the first page of all sessions, and of a page behind (nearly) all of them: medians, taken in turn."""
    first = stock.week - timedelta(days=40)
    window = {"from": first, "to": stock.week + timedelta(days=60)}
    path = "/sessions?" + "&".join(f"{name}={value:%Y-%m-%dT%H:%M:%SZ}" for name, value in window.items())
    path += f"&limit={OF_A_PAGE}"
    deep = f"{path}&cursor={at_depth(sql, stock, first, path)}"
    connection = Connection(port, stock.key)
    times: dict[str, list[float]] = {path: [], deep: []}
    for turn in range(PAGES + 5):
        for one in (path, deep) if turn % 2 else (deep, path):
            began = time.perf_counter()
            page = connection.get(one)
            times[one].append(time.perf_counter() - began)
            if page.status != 200 or len(page.json()["data"]) != OF_A_PAGE:
                raise Disagreement(f"not a page: {page.body[:300]!r}")
    connection.close()
    return median(times[path][5:]), median(times[deep][5:])


def at_depth(sql: psycopg.Connection, stock: Stock, first: datetime, path: str) -> str:
    """The cursor of the page behind all sessions of the window but two pages."""
    [[sessions]] = sql.execute(FROM_THERE, [first]).fetchall()
    offset = sessions - 2 * OF_A_PAGE
    [[starts_at, series_id, recurrence_id]] = sql.execute(AT, (first, offset)).fetchall()
    query = ListQuery.model_validate(dict(part.split("=") for part in path.partition("?")[2].split("&")))
    position = (starts_at.isoformat(), str(UUID(str(series_id))), recurrence_id.isoformat())
    return cursor.write(
        Cursor(now=stock.week - timedelta(days=1), position=position), filters.binding(stock.tenant, query)
    )
