"""`sessionbeat health`: whether this machine's own process was seen lately."""

import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from config import process_name
from db import engine as database
from launcher import cli
from services import alive, heartbeat


@pytest.fixture(autouse=True)
def given(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command stands on this test's database."""
    monkeypatch.setenv("DATABASE_URL", database_url)


def seen(engine: Engine, name: str, age: timedelta) -> None:
    with database.transaction(engine) as (tx, now):
        heartbeat.beat(tx, name, now - age)


@pytest.mark.parametrize("kind", alive.KINDS)
def test_a_process_that_was_seen_lately_is_healthy(
    engine: Engine, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    seen(engine, process_name.of_kind(kind), timedelta(seconds=2))

    status = cli.main(["health", kind])

    assert status == 0
    assert capsys.readouterr().out.startswith(f"{process_name.of_kind(kind)}: seen 2.")


def test_one_that_was_not_seen_for_long_is_not(engine: Engine) -> None:
    seen(engine, process_name.of_kind("beat"), timedelta(seconds=11))

    assert cli.main(["health", "beat"]) == 1


def test_another_machines_process_does_not_answer_for_this_one(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    seen(engine, "beat@elsewhere", timedelta(0))

    assert cli.main(["health", "beat"]) == 1
    assert capsys.readouterr().out == f"{process_name.of_kind('beat')}: never seen\n"


def test_the_check_loads_neither_tables_nor_settings(engine: Engine) -> None:
    seen(engine, process_name.of_kind("beat"), timedelta(0))
    asked = "import sys; from launcher import cli; cli.main(['health', 'beat']); print(*sys.modules, sep='\\n')"

    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=60, check=True)

    lines = told.stdout.splitlines()
    assert ": seen " in lines[0]
    assert {"sqlalchemy", "pydantic", "recurrence", "structlog"}.isdisjoint(lines)


def test_a_database_that_does_not_answer_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/sessions")

    assert cli.main(["health", "beat"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("sessionbeat: ")
    assert (told.count("\n"), "secret" in told) == (1, False)
