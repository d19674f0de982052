"""Programs that die, and programs that will not."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from launcher import supervisor as supervisors
from launcher.program import Program
from launcher.supervisor import Supervisor
from tests.integration.launcher import waiting

WRITE_PID = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid()));"


def sleeper(folder: Path, name: str = "sleeper", code: str = "", stage: int = 0, patience_s: float = 5.0) -> Program:
    return Program(
        name=name,
        argv=(sys.executable, "-c", f"{WRITE_PID} {code or 'pass'}; time.sleep(60)", str(folder / f"{name}.pid")),
        log=folder / f"{name}.log",
        folder=folder,
        environment=dict(os.environ),
        stage=stage,
        patience_s=patience_s,
    )


def started(folder: Path, name: str = "sleeper") -> int:
    file = folder / f"{name}.pid"
    waiting.until(lambda: file.exists() and file.read_text())
    return int(file.read_text())


def test_a_program_that_dies_is_started_again_at_once(supervisor: Supervisor, told: list[str], tmp_path: Path) -> None:
    supervisor.start(sleeper(tmp_path))
    first = started(tmp_path)

    os.kill(first, signal.SIGKILL)
    began = time.monotonic()
    waiting.while_supervised(supervisor, lambda: supervisor.pids()["sleeper"] != first)

    assert time.monotonic() - began < 2.0
    assert waiting.is_alive(supervisor.pids()["sleeper"])
    assert told == ["sleeper ended (signal SIGKILL); starting it again"]


def test_a_program_that_keeps_dying_is_started_after_growing_pauses(
    supervisor: Supervisor, told: list[str], tmp_path: Path
) -> None:
    supervisor.start(sleeper(tmp_path, code="sys.exit(3)"))

    waiting.while_supervised(supervisor, lambda: len(told) == 4)

    assert told[1:] == [
        "sleeper ended (status 3); starting it again in 0.5 s",
        "sleeper ended (status 3); starting it again in 1 s",
        "sleeper ended (status 3); starting it again in 2 s",
    ]


def test_a_program_that_does_not_listen_is_killed_with_its_children(supervisor: Supervisor, tmp_path: Path) -> None:
    fork = "pathlib.Path('child').write_text('') if os.fork() else 0"
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {fork}"
    supervisor.start(sleeper(tmp_path, name="last"))
    supervisor.start(sleeper(tmp_path, code=deaf, stage=1, patience_s=0.3))
    pid = started(tmp_path)
    waiting.until((tmp_path / "child").exists)
    group = [
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and os.getpgid(int(process.name)) == pid
    ]

    supervisor.stop()

    assert len(group) == 2
    waiting.until(lambda: not any(map(waiting.is_alive, group)))


def test_stages_end_from_the_highest_to_the_lowest(supervisor: Supervisor, tmp_path: Path) -> None:
    write = "open('order', 'a').write(sys.argv[1][-5] + ' ')"
    note = f"import signal; signal.signal(signal.SIGTERM, lambda *_: ({write}, sys.exit()))"
    for stage in (0, 2, 1):
        supervisor.start(
            sleeper(tmp_path, name=f"stage{stage}", code=note + f"; open('ready{stage}', 'w')", stage=stage)
        )
        waiting.until((tmp_path / f"ready{stage}").exists)

    supervisor.stop()

    assert (tmp_path / "order").read_text().split() == ["2", "1", "0"]


def test_a_hurry_ends_all_patience(supervisor: Supervisor, tmp_path: Path) -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open('ready', 'w')"
    supervisor.start(sleeper(tmp_path, code=deaf, patience_s=30.0))
    waiting.until((tmp_path / "ready").exists)
    began = time.monotonic()

    supervisor.stop(hurried=lambda: True)

    assert time.monotonic() - began < 2.0


def test_a_program_that_recovered_is_started_at_once_again(
    supervisor: Supervisor, told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisors, "RECOVERED_S", 0.0)
    supervisor.start(sleeper(tmp_path, code="sys.exit(3)"))

    waiting.while_supervised(supervisor, lambda: len(told) == 3)

    assert set(told) == {"sleeper ended (status 3); starting it again"}
