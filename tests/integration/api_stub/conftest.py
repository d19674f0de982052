"""A real server over real HTTP, on a database of the module's own; a client a role, and one of another tenant."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Engine

from db import engine as database
from db.models import Role
from launcher import processes
from services import keys

STARTS_WITHIN_S = 120
ROOT = Path(__file__).parents[3]
LISTENING = re.compile(r"Listening at: (http://127\.0\.0\.1:\d+)")

Make = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def module_engine(module_database_url: str) -> Iterator[Engine]:
    """An engine on the database that the server uses."""
    engine = database.connect(module_database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the server writes down."""
    return tmp_path_factory.mktemp("api") / "api.log"


@pytest.fixture(scope="module")
def server(module_database_url: str, log: Path) -> Iterator[str]:
    """The address of the API, served by gunicorn."""
    with serving(module_database_url, log) as address:
        yield address


@contextmanager
def serving(database_url: str, log: Path, **more: str) -> Iterator[str]:
    """The address of an API on a database, with more in its environment; it ends with the block."""
    command = [sys.executable, "-m", *processes.API, "--bind", "127.0.0.1:0"]
    environment = os.environ | {"DATABASE_URL": database_url} | more
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        yield address(process, log)
    finally:
        process.terminate()
        process.wait(timeout=30)


def address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where the server listens, once it says so."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        found = LISTENING.search(log.read_text())
        if found:
            return found[1]
        time.sleep(0.05)
    raise AssertionError(f"the API did not start: {log.read_text()}")


@pytest.fixture(scope="module")
def clients(server: str, module_engine: Engine) -> Iterator[dict[str, httpx.Client]]:
    """A client for each role of one tenant in Seoul, and `stranger`, an admin of another tenant."""
    with database.transaction(module_engine) as (tx, now):
        held = {role.value: keys.create(tx, "studio", role, now, "Asia/Seoul") for role in Role}
        held["stranger"] = keys.create(tx, "another", Role.ADMIN, now)
    opened = {
        name: httpx.Client(base_url=f"{server}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=30)
        for name, key in held.items()
    }
    yield opened
    for client in opened.values():
        client.close()


@pytest.fixture
def admin(clients: dict[str, httpx.Client]) -> httpx.Client:
    """May do everything in its tenant."""
    return clients["admin"]


@pytest.fixture
def staff(clients: dict[str, httpx.Client]) -> httpx.Client:
    """Runs sessions."""
    return clients["staff"]


@pytest.fixture
def viewer(clients: dict[str, httpx.Client]) -> httpx.Client:
    """Reads."""
    return clients["viewer"]


@pytest.fixture
def stranger(clients: dict[str, httpx.Client]) -> httpx.Client:
    """Admin of another tenant."""
    return clients["stranger"]


@pytest.fixture
def now(module_engine: Engine) -> datetime:
    """The database's clock, to the second."""
    with database.transaction(module_engine) as (_, now):
        return now.replace(microsecond=0)


@pytest.fixture
def make(admin: httpx.Client) -> Make:
    """Make one of a kind: `make("spaces")`."""

    def one(kind: str, **fields: Any) -> dict[str, Any]:
        name = f"{kind} {uuid4().hex[:8]}"
        body = {"name": name} | ({"email": f"{uuid4().hex}@example.org"} if kind == "users" else {}) | fields
        return checked(admin.post(f"/{kind}", json=body), 201)

    return one


@pytest.fixture
def plan(admin: httpx.Client, now: datetime) -> Make:
    """Make a plan of an hour, by default once, tomorrow: `plan(spaceId=id, start=timedelta(days=2))`."""

    def one(start: timedelta = timedelta(days=1), **fields: Any) -> dict[str, Any]:
        body = {"title": "Pilates", "scheduledAt": instant(now + start), "duration": "PT1H"} | fields
        return checked(admin.post("/sessions", json=body), 201)

    return one


def instant(value: datetime) -> str:
    """An instant as the API writes it."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def checked(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The body of an answer that has this status."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    if status >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert (body["status"], body["requestId"]) == (status, answer.headers["X-Request-Id"])
    return body


def pointers(problem: dict[str, Any]) -> set[str]:
    """The fields that a problem names."""
    return {fault["pointer"] for fault in problem["errors"]}
