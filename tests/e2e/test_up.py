"""`sessionbeat up`: from nothing to READY, stopped, killed, and on again where it was."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx

from launcher import lock
from launcher.place import PROJECT
from tests.e2e import house as houses
from tests.e2e.house import House
from tests.integration.launcher import waiting


def run(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "launcher", *arguments],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def series(house: House) -> list[str]:
    with house.client() as api:
        found = api.get("/sessions", params={"view": "plans"}).raise_for_status().json()["data"]
    return sorted(plan["id"] for plan in found)


def plan(house: House) -> None:
    weekly = {
        "title": "Pilates",
        "scheduledAt": "2030-01-07T18:00:00",
        "timeZone": "Asia/Seoul",
        "duration": "PT50M",
        "recurrence": {"rrule": "FREQ=WEEKLY;BYDAY=MO"},
    }
    with house.client() as api:
        api.post("/sessions", json=weekly).raise_for_status()


def test_it_goes_on_where_it_was(data_dir: Path, house_environment: dict[str, str]) -> None:
    first = houses.enter(data_dir, "--no-demo", environment=house_environment)
    plan(first)
    planned = series(first)
    assert planned

    first_pids = first.all_pids()
    assert first.stop(signal.SIGTERM) < 10.0
    assert first.process.returncode == 0
    assert not any(map(waiting.is_alive, first_pids))

    second = houses.enter(data_dir, "--no-demo", environment=house_environment)
    assert (second.key, second.api, second.flower) == (first.key, first.api, first.flower)
    assert series(second) == planned

    second.process.kill()
    second.process.wait()

    third = houses.enter(data_dir, "--no-demo", environment=house_environment)
    assert series(third) == planned
    third_pids = third.all_pids()
    assert third.stop() < 10.0
    assert not any(map(waiting.is_alive, third_pids))


def test_a_second_one_on_the_same_data_is_refused(house: House, house_environment: dict[str, str]) -> None:
    refused = run("up", "--data-dir", str(house.data), environment=house_environment)

    assert refused.returncode == 1
    assert f"already running: pid {house.process.pid}, address {house.api}" in refused.stderr
    assert house.process.poll() is None


def test_a_taken_port_is_replaced_and_that_is_said(data_dir: Path, house_environment: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wanted = taken.getsockname()[1]

        house = houses.enter(data_dir, "--no-demo", "--port", str(wanted), environment=house_environment)

    assert f"port {wanted} is taken: the API gets {httpx.URL(house.api).port}" in house.said()
    house.stop()


def test_flower_wants_its_password(house: House) -> None:
    told = httpx.URL(house.flower)
    bare = f"http://127.0.0.1:{told.port}/api/tasks"

    assert httpx.get(bare).status_code == httpx.codes.UNAUTHORIZED
    assert httpx.get(bare, auth=(told.username, told.password)).status_code == httpx.codes.OK


def test_a_process_that_is_killed_comes_back(house: House) -> None:
    (beat,) = house.pids(" beat ")

    os.kill(beat, signal.SIGKILL)

    waiting.until(lambda: house.pids(" beat ") not in ([beat], []))
    assert "beat ended (signal SIGKILL); starting it again" in house.said()


def test_a_key_is_made_for_the_running_house(house: House, house_environment: dict[str, str]) -> None:
    made = run("key", "create", "--role", "viewer", "--tenant", "Elsewhere", "--data-dir", str(house.data),
               environment=house_environment)  # fmt: skip

    assert made.returncode == 0, made.stderr
    bearer = {"Authorization": f"Bearer {made.stdout.strip()}"}
    assert httpx.get(f"{house.api}/api/v1/sessions", headers=bearer).status_code == httpx.codes.OK


def test_a_command_without_a_database_says_what_to_do(data_dir: Path, house_environment: dict[str, str]) -> None:
    without = {name: value for name, value in house_environment.items() if name != "DATABASE_URL"}

    refused = run("key", "create", "--tenant", "Nobody", "--data-dir", str(data_dir), environment=without)

    assert refused.returncode == 1
    assert "run `sessionbeat up` first" in refused.stderr


def test_a_killed_make_takes_everything_along(data_dir: Path, house_environment: dict[str, str]) -> None:
    makefile = data_dir.parent / "Makefile"
    command = f'exec "{sys.executable}" -m launcher up --no-demo --data-dir "{data_dir}"'
    makefile.write_text(f"up:\n\t@{command}\n")
    make = subprocess.Popen(
        ["make", "-f", str(makefile), "up"],
        cwd=PROJECT,
        env=house_environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert make.stdout is not None
    ready = next(line for line in make.stdout if line.startswith("READY"))
    pids = lock.holders(data_dir / "children.lock")

    make.kill()
    make.wait()

    waiting.until(lambda: not any(map(waiting.is_alive, pids)))
    make.stdout.close()
    assert ready
    assert not lock.is_running(data_dir)
