"""`docs/api.md` tells the truth: every command is run, in order, against a real server, and its answer compared.

`make examples` runs the same and writes what has changed into the page; an empty block after a command is filled.
"""

import json
import os
import re
import shutil
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from db import engine as database
from launcher.place import PROJECT
from services import heartbeat
from tests.integration.api_stub import examples
from tests.integration.api_stub.examples import EXPORT, Example, Names

PAGE = PROJECT / "docs" / "api.md"
REWRITE = os.environ.get("REWRITE_EXAMPLES") == "1"
PRINTED = "http://127.0.0.1:8000"  # the address in the page
GIVEN = {"API", "KEY"}  # names whose values `sessionbeat up` prints
CALL = re.compile(r'curl -s(?: -i)?(?: -X (\w+))?.*?"\$API(/[^"?]*)')
KINDS_ALIKE = ("routines", "programs", "timelines", "spaces", "subjects")  # as the page says: all work as users do


def run(example: Example, values: dict[str, str], days: int, server: str, folder: Path) -> str:
    """What a command prints, in the time of the test; answers in the time of the page."""
    command = examples.shifted(example.command, days).replace(PRINTED, server)
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=folder,
        env=os.environ | values,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"line {example.line}: {done.stderr}"
    return examples.shifted(done.stdout, -days).replace(server, PRINTED)


@pytest.fixture
def everybody_seen(module_engine: Engine) -> None:
    """All processes have said that they are alive."""
    with database.transaction(module_engine) as (tx, now):
        for kind in heartbeat.KINDS:
            heartbeat.beat(tx, f"{kind}@docs", now + timedelta(minutes=5))


@pytest.mark.usefixtures("everybody_seen")
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not there")
def test_every_command_of_the_page_is_answered_as_the_page_says(
    server: str, clients: dict[str, httpx.Client], now: datetime, tmp_path: Path
) -> None:
    page, days, names = PAGE.read_text(), examples.weeks_from(now), Names()
    values = {"API": f"{server}/api/v1", "KEY": clients["admin"].headers["Authorization"].removeprefix("Bearer ")}
    anew, told, got = page, "", ""
    grown = 0

    for example in examples.of_page(page):
        if exported := EXPORT.match(example.command):
            if not GIVEN & {exported[1]}:
                found = examples.value_at(examples.read(told), examples.read(got), exported[2])
                assert found is not None, f"line {example.line}: the answer before has no {exported[2]}"
                values[exported[1]] = examples.shifted(found, days)
            continue
        printed = run(example, values, days, server, tmp_path)
        if example.answer is not None:
            told, got = example.answer, printed.replace("\r\n", "\n")
            fresh = examples.told_anew(told, printed, names)
            if not REWRITE:
                assert fresh == told, f"line {example.line} of docs/api.md: make examples\n{fresh}"
            start, end = example.place
            anew = anew[: start + grown] + fresh + anew[end + grown :]
            grown += len(fresh) - (end - start)
    if REWRITE:
        PAGE.write_text(anew)


def test_every_call_has_a_command_in_the_page() -> None:
    document = json.loads((PROJECT / "docs" / "openapi.json").read_text())
    shown = set()
    for example in examples.of_page(PAGE.read_text()):
        for method, path in CALL.findall(example.command.replace("\\\n", "")):
            shown.add((method or ("POST" if " -d " in example.command else "GET"), "/api/v1" + path))

    missing = [
        f"{method.upper()} {path}"
        for path, item in document["paths"].items()
        for method in item
        if path.split("/")[3] not in KINDS_ALIKE
        and not any(
            method.upper() == used and re.fullmatch(re.sub(r"\{\w+\}", r"\\$\\w+", path), at) for used, at in shown
        )
    ]

    assert missing == []
