"""`docs/api.md` tells the truth: every command is run, in order, against a real server, and its answer compared.

`make examples` runs the same and writes what has changed into the page; an empty block after a command is filled.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from api_stub import door
from api_stub.app import create_app
from config.settings import Settings
from db import engine as database
from launcher.place import PROJECT
from services import alive, heartbeat
from tests.integration.api_stub import examples
from tests.integration.api_stub.examples import EXPORT, Example, Names

PAGE = PROJECT / "docs" / "api.md"
REWRITE = os.environ.get("REWRITE_EXAMPLES") == "1"
PRINTED = "http://127.0.0.1:8000"  # the address in the page
GIVEN = "export API="  # what `sessionbeat up` prints
PATIENCE_S = 10  # a change is told once all older transactions of the server have ended
CALL = re.compile(r'curl -s(?: -i)?(?: -X (\w+))?.*?[" ](\$API|http://127\.0\.0\.1:8000)(/[^"?\s]*)')
BY_HAND = ("/docs", "/openapi", "/metrics")  # pages for people and programs, told in words
KINDS_ALIKE = re.compile("/api/v1/(routines|programs|timelines|spaces|subjects)")  # all work as users do


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and when the commands run, and the names that they use."""

    server: str
    folder: Path
    days: int
    values: dict[str, str]
    names: Names = field(default_factory=Names)


def run(command: str, place: Place) -> str:
    """What a command prints, in the time of the test; answers in the time of the page."""
    done = subprocess.run(
        ["bash", "-euc", examples.shifted(command, place.days).replace(PRINTED, place.server)],
        cwd=place.folder,
        env=os.environ | place.values,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = examples.shifted(done.stdout, -place.days).replace(place.server, PRINTED)
    assert "Internal error" not in printed, f"{command}\n{printed}"
    return printed.replace("\r\n", "\n")


def answered(example: Example, place: Place) -> tuple[str, str]:
    """What a command prints, and the answer as the page should have it; a change is waited for."""
    assert example.answer is not None, f"line {example.line} of docs/api.md: no answer is told"
    deadline = time.monotonic() + (PATIENCE_S if "/changes?cursor" in example.command else 0)
    while True:
        printed = run(example.command, place)
        fresh = examples.told_anew(example.answer, printed, place.names)
        if fresh == example.answer or time.monotonic() > deadline:
            return printed, fresh


@pytest.fixture
def everybody_seen(module_engine: Engine) -> None:
    """All processes have said that they are alive."""
    with database.transaction(module_engine) as (tx, now):
        for kind in alive.KINDS:
            heartbeat.beat(tx, f"{kind}@docs", now + timedelta(minutes=5))


@pytest.mark.usefixtures("everybody_seen")
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not there")
def test_every_command_of_the_page_is_answered_as_the_page_says(
    server: str, clients: dict[str, httpx.Client], now: datetime, tmp_path: Path
) -> None:
    page, told, got = PAGE.read_text(), "", ""
    key = clients["admin"].headers["Authorization"].removeprefix("Bearer ")
    values = {"API": f"{server}/api/v1", "KEY": key}
    place = Place(server=server, folder=tmp_path, days=examples.weeks_from(now), values=values)
    anew, grown = page, 0

    for example in examples.of_page(page):
        if example.command.startswith(GIVEN):
            continue
        if exported := EXPORT.match(example.command):
            found = examples.value_at(examples.read(told), examples.read(got), exported[2])
            assert found is not None, f"line {example.line}: the answer before has no {exported[2]}"
            values[exported[1]] = examples.shifted(found, place.days)
            continue
        got, fresh = answered(example, place)
        told = example.answer or ""
        if not REWRITE:
            assert fresh == told, f"line {example.line} of docs/api.md: make examples\n{fresh}"
        start, end = example.place
        anew = anew[: start + grown] + fresh + anew[end + grown :]
        grown += len(fresh) - (end - start)
    if REWRITE:
        PAGE.write_text(anew)


def test_every_call_has_a_command_in_the_page(module_database_url: str) -> None:
    app = create_app(Settings(database_url=module_database_url))
    calls = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.rule != "/" and not rule.rule.startswith(BY_HAND) and not KINDS_ALIKE.match(rule.rule)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    app.extensions[door.NAME].engine.dispose()

    shown = [used for example in examples.of_page(PAGE.read_text()) for used in used_by(example)]

    assert {call for call in calls if not any(same(call, used) for used in shown)} == set()


def used_by(example: Example) -> Iterator[tuple[str, str]]:
    """The methods and paths that a command asks for."""
    for method, base, path in CALL.findall(example.command.replace("\\\n", "")):
        sent = "POST" if " -d " in example.command else "GET"
        yield method or sent, ("/api/v1" if base == "$API" else "") + path


def same(call: tuple[str, str], used: tuple[str, str]) -> bool:
    """Whether a path of a command is one of a rule of the app."""
    return call[0] == used[0] and re.fullmatch(re.sub(r"<[^>]+>", r"\\$\\w+", call[1]), used[1]) is not None
