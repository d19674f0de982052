"""Who has a data folder: a living launcher, or what a killed one left behind."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher import lock
from launcher.errors import AlreadyRunning
from launcher.place import PROJECT
from tests.integration.launcher import waiting

# A launcher in small: takes the folder, keeps a program that listens to nothing and one that does, waits for its death.
LAUNCHER = """
import os, pathlib, sys
from launcher import lock
from launcher.program import Program
from launcher.supervisor import Supervisor

data = pathlib.Path(sys.argv[1])
hold, orphans = lock.take(data)
keeper = Supervisor(hold.children, print)
deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
for name, code in (("deaf", deaf), ("obedient", "")):
    code += f"import os, time; os.fork(); open('{name}', 'w'); time.sleep(120)"
    keeper.start(Program(name=name, argv=(sys.executable, "-c", code), log=data / "log", folder=data,
                         environment=dict(os.environ)))
while True:
    keeper.turn(60)
"""


@pytest.fixture
def launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[bytes]]:
    monkeypatch.setattr(lock, "ASKED_S", 0.3)
    with subprocess.Popen([sys.executable, "-c", LAUNCHER, str(tmp_path)], cwd=PROJECT) as process:
        try:
            waiting.until(lambda: (tmp_path / "deaf").exists() and (tmp_path / "obedient").exists())
            waiting.until(lambda: len(lock.holders(tmp_path / "children.lock")) == 5)
            yield process
        finally:
            process.kill()
    lock.end(lambda: lock.holders(tmp_path / "children.lock"))


def test_a_folder_with_a_living_launcher_is_refused(launcher: subprocess.Popen[bytes], tmp_path: Path) -> None:
    with pytest.raises(AlreadyRunning, match=f"pid {launcher.pid}, address http://here"):
        lock.take(tmp_path, api="http://here")

    assert len(lock.holders(tmp_path / "children.lock")) == 5
    assert lock.is_running(tmp_path)


def test_programs_hear_of_their_launchers_death(launcher: subprocess.Popen[bytes], tmp_path: Path) -> None:
    launcher.kill()

    # the obedient program goes; its forked child, and the deaf two, do not hear
    waiting.until(lambda: len(lock.holders(tmp_path / "children.lock")) == 3)
    assert not lock.is_running(tmp_path)


def test_what_a_killed_launcher_left_is_found_and_ended(launcher: subprocess.Popen[bytes], tmp_path: Path) -> None:
    launcher.kill()
    launcher.wait()
    left = lock.holders(tmp_path / "children.lock")

    hold, orphans = lock.take(tmp_path)

    assert orphans >= 3
    assert not any(map(waiting.is_alive, left))
    assert hold.left_over() == []
    hold.release()


def test_a_free_folder_is_taken_and_given_back(tmp_path: Path) -> None:
    hold, orphans = lock.take(tmp_path)
    assert lock.is_running(tmp_path)

    hold.release()

    assert orphans == 0
    assert not lock.is_running(tmp_path)


def test_a_pid_in_a_file_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "up.lock").write_text(str(os.getpid()))

    hold, orphans = lock.take(tmp_path)

    assert orphans == 0
    hold.release()


def test_what_cannot_be_seen_any_more_is_waited_for() -> None:
    """An ending process of ours shows its files to root alone for a moment, and still holds its locks."""
    looks = iter([True, True, False])

    ended = lock.end(list, is_left=lambda: next(looks))

    assert ended == 0
    assert list(looks) == []


def test_a_command_that_only_looks_is_not_taken_for_a_living_launcher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([False])
    free = lock._try
    monkeypatch.setattr(lock, "_try", lambda descriptor: next(looks, True) and free(descriptor))

    hold, orphans = lock.take(tmp_path)

    assert orphans == 0
    hold.release()
