"""The page about the life of a session says what the code says."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

import lifecycle
from lifecycle import Event, Outcome, State, Step

PAGE = (Path(__file__).parents[3] / "docs" / "lifecycle.md").read_text()


def table(heading: str) -> list[list[str]]:
    """The words in code style of each row of the table under a heading."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    return [re.findall(r"`([^`]+)`", row) for row in rows]


@pytest.mark.parametrize(("heading", "enum"), [("States", State), ("Steps", Step), ("Outcomes", Outcome)])
def test_the_page_lists_every_member(heading: str, enum: type[StrEnum]) -> None:
    assert [row[0] for row in table(heading)] == [member.value for member in enum]


def test_the_page_lists_exactly_the_table_of_transitions() -> None:
    documented = {(State(before), Event(event)): State(after) for before, event, after in table("Transitions")}

    assert documented == dict(lifecycle.TRANSITIONS)
