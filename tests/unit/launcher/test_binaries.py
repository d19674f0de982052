"""The binaries: where they lie, or in a copy that their account can read."""

import os
import subprocess
from pathlib import Path

import pytest

from launcher import account as accounts
from launcher import binaries
from launcher.account import Account
from launcher.errors import Unusable

STRANGER = Account(name="stranger", uid=65_533, gid=65_533)


def test_they_are_used_where_they_lie_when_they_can_be_read(tmp_path: Path) -> None:
    folder = binaries.postgres(None, tmp_path)

    assert (folder / "initdb").is_file()
    assert list(tmp_path.iterdir()) == []


def test_a_copy_runs_and_can_be_read_by_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "reaches", lambda *_: False)
    before = os.umask(0o077)
    try:
        folder = binaries.postgres(STRANGER, tmp_path)
        server = binaries.valkey(STRANGER, tmp_path)
    finally:
        os.umask(before)

    for program in (folder / "postgres", folder / "initdb", server):
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
        assert told
        assert tmp_path in program.parents
    assert all(path.stat().st_mode & 0o004 for path in (tmp_path / "postgres").rglob("[!.]*"))


def test_a_copy_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "reaches", lambda *_: False)
    made = binaries.valkey(STRANGER, tmp_path).stat()

    again = binaries.valkey(STRANGER, tmp_path).stat()

    assert again.st_ino == made.st_ino


def test_given_binaries_that_cannot_be_run_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="SESSIONBEAT_PG_BIN"):
        binaries.postgres(None, tmp_path, given=tmp_path)


def test_a_wheel_that_is_not_installed_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="embedded-nothing is not installed"):
        binaries._site("embedded_nothing", "embedded-nothing")
