"""However a run ends, what was seen is told."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.place import PROJECT
from tests.chaos import journal, run
from tests.chaos.run import Result


def test_a_run_that_breaks_off_ends_in_json_and_in_an_exit_status(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "tests.chaos", "--json", "--seed", "7", "--seconds", "12", "--faults", "calm"]

    done = subprocess.run(
        argv, cwd=PROJECT, env=os.environ | {"SESSIONBEAT_PG_BIN": str(tmp_path)}, capture_output=True, check=False
    )

    (result,) = json.loads(done.stdout)
    assert done.returncode == 1
    assert len(result["found"][run.ENDED]) == 1
    assert result["violations"][0].startswith(run.ENDED)


def test_clients_that_do_not_finish_are_told_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "CLIENTS_WITHIN_S", 0.1)
    result = Result(scenario="calm", seed=7, seconds=12, found={run.ENDED: []})
    clients = subprocess.Popen(["/bin/sleep", "60"])

    assert not run.await_clients(clients, result)
    assert clients.wait(5) != 0
    assert "had not finished" in result.found[run.ENDED][0]


def test_clients_that_fail_are_told() -> None:
    result = Result(scenario="calm", seed=7, seconds=12, found={run.ENDED: []})

    assert not run.await_clients(subprocess.Popen(["/bin/false"]), result)
    assert result.found[run.ENDED] == ["the clients ended with 1"]


def test_a_torn_line_of_a_journal_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "journal"
    file.write_text('{"verb": "create"}\n{"verb": "can')

    assert journal.read(file) == [{"verb": "create"}]
    assert journal.read(tmp_path / "none") == []
