"""`make test` runs every test."""

import re

from launcher.place import PROJECT

FOLDERS = re.compile(r"^(?:BESIDE|ALONE) := (.+)$", re.MULTILINE)


def test_every_test_runs_once_side_by_side_or_alone() -> None:
    lists = FOLDERS.findall((PROJECT / "Makefile").read_text())
    folders = [PROJECT / name for found in lists for name in found.split()]

    tests = [*(PROJECT / "tests").rglob("test_*.py")]

    assert len(tests) > len(folders) > 0
    assert [test for test in tests if sum(test.is_relative_to(folder) for folder in folders) != 1] == []
