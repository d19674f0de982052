"""What goes wrong is told in one line, and the status says whose fault it was."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from launcher import cli, port


def test_every_command_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        cli.main(["--help"])

    told = capsys.readouterr().out
    assert all(f"\n    {name} " in told for name in ("up", "preview", "import", "key", "migrate", "rezone", "health"))


@pytest.mark.parametrize(
    "words",
    [
        ["up", "--port", "0"],
        ["up", "--port", "many"],
        ["key", "create", "--tenant", "Studio", "--role", "owner"],
        ["key", "create", "--tenant", "Studio", "--time-zone", "Mars/Olympus"],
        ["health", "nobody"],
        ["preview", "--dtstart", "2026-01-05T09:00", "--limit", "x"],
        ["preview", "--dtstart", "2026-01-05T09:00", "--until", "2027-01-01"],
        ["nothing"],
        [],
    ],
)
def test_a_wrong_request_is_one_line_and_status_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(words)

    told = capsys.readouterr().err
    assert "error: " in told
    assert told.count("\n") == 1


def test_a_wrong_setting_is_status_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://127.0.0.1/sessions")

    assert cli.main(["key", "create", "--tenant", "Studio"]) == 2
    assert capsys.readouterr().err.startswith("sessionbeat: wrong settings: DATABASE_URL: got 'mysql://127.0.0.1/")


def test_a_database_that_is_down_is_one_line_and_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://me:secret@127.0.0.1:{port.any_free()}/sessions")

    assert cli.main(["migrate"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "secret" not in told


def test_a_command_without_a_running_house_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)

    assert cli.main(["health", "beat", "--data-dir", str(tmp_path)]) == 1
    assert "run `sessionbeat up` first" in capsys.readouterr().err


PREVIEW = ["preview", "--dtstart", "2026-01-05T09:00", "--rrule", "FREQ=DAILY", "--limit"]


@pytest.mark.parametrize(
    "words, unbuffered",
    [([*PREVIEW, "1"], ""), ([*PREVIEW, "2000"], ""), ([*PREVIEW, "2000"], "1"), (["--help"], "")],
    ids=["told at the end", "more than a buffer holds", "told at once", "the help"],
)
def test_a_reader_that_is_gone_ends_it_quietly(words: list[str], unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = launched(words, {"PYTHONUNBUFFERED": unbuffered}, writer)
    finally:
        os.close(writer)

    assert (done.stderr, done.returncode) == ("", 128 + signal.SIGPIPE)


def test_a_command_without_a_standard_output_does_its_work() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-m", "launcher", *PREVIEW, "1"],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    assert (done.stderr, done.returncode) == ("", 0)


def launched(words: list[str], environment: dict[str, str], output: int) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "launcher", *words],
        env=os.environ | environment,
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
