"""Where data are kept, and who can get there."""

import os
from pathlib import Path

import pytest

from launcher import account as accounts
from launcher import place
from launcher.account import Account
from launcher.errors import Unusable
from launcher.place import Place

STRANGER = Account(name="stranger", uid=65_533, gid=65_533)


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "for_servers", lambda: STRANGER)
    monkeypatch.setattr(accounts, "reaches", lambda account, path: False)


def test_data_are_where_they_are_wished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "for_servers", lambda: None)

    assert place.choose(tmp_path / "a b").root == tmp_path / "a b"
    assert place.choose(None).root == place.PROJECT / ".sessionbeat"


@pytest.mark.usefixtures("unreachable")
def test_data_are_elsewhere_when_the_servers_cannot_get_there(tmp_path: Path) -> None:
    chosen = place.choose(tmp_path / "data")

    assert chosen.root.parent == place.ELSEWHERE
    assert chosen == place.choose(tmp_path / "data")
    assert chosen != place.choose(tmp_path / "other")


def test_the_folder_can_be_entered_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        place.make(Place(root=tmp_path / "above" / "data", account=None))
    finally:
        os.umask(before)

    modes = {
        path: (tmp_path / "above" / path).stat().st_mode & 0o777
        for path in (".", "data", "data/binaries", "data/log", "data/postgres", "data/valkey")
    }
    assert modes == {
        ".": 0o755,
        "data": 0o711,
        "data/binaries": 0o755,
        "data/log": 0o700,
        "data/postgres": 0o700,
        "data/valkey": 0o700,
    }


def test_folders_above_keep_their_permissions(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    place.make(Place(root=tmp_path / "data", account=None))

    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Unusable, match="data folder"):
        place.make(Place(root=tmp_path / "file" / "data", account=None))
