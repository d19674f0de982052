"""The whole house tells how it stands."""

import json
import os
import re
import subprocess
import sys
import time

import httpx
import pytest

from config import process_name
from launcher.place import PROJECT
from services import alive
from tests.e2e.house import House

SEEN_WITHIN_S = 20.0


def facts(house: House) -> dict[str, str]:
    known: dict[str, str] = json.loads((house.data / "facts.json").read_text())
    return known


def test_every_dependency_is_there_when_everything_runs(house: House) -> None:
    deadline = time.monotonic() + SEEN_WITHIN_S
    found: dict[str, str] = {}
    while time.monotonic() < deadline and set(found.values()) != {"ok"}:
        found = httpx.get(f"{house.api}/readyz").json()["dependencies"]
        time.sleep(0.1)

    assert found == dict.fromkeys(("database", "migrations", *alive.KINDS), "ok")


@pytest.mark.parametrize("kind", alive.KINDS)
def test_every_container_would_be_healthy(house: House, kind: str) -> None:
    command = [sys.executable, "-m", "launcher", "health", kind, "--data-dir", str(house.data)]
    deadline = time.monotonic() + SEEN_WITHIN_S
    while True:
        asked = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False)
        if asked.returncode == 0 or time.monotonic() > deadline:
            break

    assert (asked.returncode, asked.stderr) == (0, "")


def test_a_scrape_names_every_metric_of_the_page(house: House) -> None:
    page = (PROJECT / "docs" / "operations.md").read_text()
    listed = set(re.findall(r"^\| `(sessionbeat_\w+)`", page, re.MULTILINE))

    text = httpx.get(f"{house.api}/metrics").raise_for_status().text

    told = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    assert told == listed


def test_beat_answers_a_ping(house: House) -> None:
    environment = os.environ | {"BROKER_URL": facts(house)["broker_url"], "DATABASE_URL": facts(house)["database_url"]}
    beat = f"celerybeat@{process_name.of_kind('').removeprefix('@')}"

    asked = subprocess.run(
        [sys.executable, "-m", "celery", "-A", "worker.app", "inspect", "ping", "-d", beat, "--timeout", "5"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (asked.returncode, "pong" in asked.stdout) == (0, True), asked.stderr
