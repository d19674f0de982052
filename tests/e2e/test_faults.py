"""Processes are killed and halted; every session still starts and ends exactly once."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e import house as houses
from tests.e2e.house import House
from tests.e2e.test_journeys import await_, late_s, soon, state, whole_ledger


@pytest.fixture
def api(house: House) -> Iterator[httpx.Client]:
    """The API, with an admin's key."""
    with house.client() as client:
        yield client


VICTIMS = {
    "the worker of the transitions": ("worker", "transitions"),
    "beat": ("worker", "beat"),
    "the lifeline": ("scheduler.lifeline",),
}


def kill(house: House, *words: str) -> list[int]:
    """Kills every process of the house with these words in its command line; returns which."""
    pids = house.pids(*words)
    assert pids, f"nothing to kill with {words} in its command line"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return pids


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_killed_process_comes_back_and_nothing_is_lost_or_doubled(
    house: House, api: httpx.Client, victim: str
) -> None:
    planned = [soon(api, after_s=after, lasts_s=2) for after in (1, 2, 3)]

    killed = kill(house, *VICTIMS[victim])

    for one in planned:
        entries = whole_ledger(api, one["id"])
        assert [entry["kind"] for entry in entries] == ["start", "end"]
        assert all(0 <= late_s(entry) < 6 for entry in entries)
    await_(lambda: set(house.pids(*VICTIMS[victim])) - set(killed))


@pytest.mark.skipif(bool(os.environ.get("BROKER_URL")), reason="the broker is not ours to kill: BROKER_URL names it")
def test_a_killed_broker_comes_back_and_nothing_is_lost_or_doubled(house: House, api: httpx.Client) -> None:
    planned = [soon(api, after_s=after, lasts_s=2) for after in (1, 2, 3)]

    kill(house, "valkey-server")

    for one in planned:
        entries = whole_ledger(api, one["id"])
        assert [entry["kind"] for entry in entries] == ["start", "end"]
        assert all(0 <= late_s(entry) < 6 for entry in entries)
    again = await_(lambda: soon(api, after_s=1, lasts_s=1) if house.pids("valkey-server") else None)
    whole_ledger(api, again["id"])


@pytest.mark.skipif(bool(os.environ.get("BROKER_URL")), reason="the broker is not ours to halt: BROKER_URL names it")
def test_with_the_broker_halted_sessions_start_at_most_six_seconds_late(house: House, api: httpx.Client) -> None:
    [broker] = house.pids("valkey-server")
    os.kill(broker, signal.SIGSTOP)
    try:
        planned = [soon(api, after_s=after, lasts_s=1) for after in (1, 4)]
        for one in planned:
            entries = whole_ledger(api, one["id"], within_s=30)
            assert all(0 <= late_s(entry) <= 6 for entry in entries)
    finally:
        os.kill(broker, signal.SIGCONT)


@pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="the database is not ours to stop: DATABASE_URL")
def test_a_database_that_is_down_is_a_503_and_recovers_by_itself(house: House, api: httpx.Client) -> None:
    planned = soon(api, after_s=4, lasts_s=2)
    [postmaster] = [pid for pid in house.pids("postgres", "-D") if parent(pid) == house.process.pid]
    os.kill(postmaster, signal.SIGQUIT)

    refused = await_(lambda: (answer := api.get("/sessions")).status_code == 503 and answer)

    assert refused.headers["content-type"] == "application/problem+json"
    await_(lambda: api.get("/sessions").status_code == 200, within_s=30)
    entries = whole_ledger(api, planned["id"])
    assert [entry["kind"] for entry in entries] == ["start", "end"]


def parent(pid: int) -> int:
    with open(f"/proc/{pid}/stat") as stat:
        return int(stat.read().rpartition(")")[2].split()[1])


def test_what_a_killed_house_left_undone_is_done_by_the_next(data_dir: Path, house_environment: dict[str, str]) -> None:
    first = houses.enter(data_dir, "--no-demo", environment=house_environment)
    with first.client() as api:
        planned = soon(api, after_s=3, lasts_s=1)
    first.process.kill()
    first.process.wait()

    second = houses.enter(data_dir, "--no-demo", environment=house_environment)

    try:
        with second.client() as api:
            assert second.key == first.key
            entries = whole_ledger(api, planned["id"])
            assert [entry["kind"] for entry in entries] == ["start", "end"]
            assert state(api, planned["id"]) == "COMPLETED"
    finally:
        second.stop()


@pytest.mark.skipif(bool(os.environ.get("DATABASE_URL")), reason="the database is not ours to halt: DATABASE_URL")
def test_a_database_that_hangs_is_a_503_and_recovers_by_itself(house: House, api: httpx.Client) -> None:
    servers = house.pids("postgres")
    for pid in servers:
        os.kill(pid, signal.SIGSTOP)
    try:
        refused = api.get("/sessions", timeout=20)
    finally:
        for pid in servers:
            os.kill(pid, signal.SIGCONT)

    assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
    await_(lambda: api.get("/sessions", timeout=20).status_code == 200, within_s=30)
