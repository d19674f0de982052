"""What one run remembers for the next."""

from pathlib import Path

import pytest

from launcher import facts
from launcher.errors import Unusable
from launcher.facts import Facts


def test_facts_come_back_as_they_were_written(tmp_path: Path) -> None:
    written = Facts(api="http://127.0.0.1:8000", key="sb_1", postgres_port=5433)

    facts.write(tmp_path, written)

    assert facts.read(tmp_path) == written


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    facts.write(tmp_path, Facts(key="sb_1"))

    assert (tmp_path / "facts.json").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["facts.json"]


def test_there_are_none_before_the_first_run(tmp_path: Path) -> None:
    assert facts.read(tmp_path) == Facts()


def test_facts_of_another_version_are_read_as_far_as_known(tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text('{"key": "sb_1", "colour": "blue"}')

    assert facts.read(tmp_path) == Facts(key="sb_1")


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "facts.json").write_text("{")

    with pytest.raises(Unusable, match=r"facts\.json cannot be read"):
        facts.read(tmp_path)
