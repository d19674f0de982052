"""The table tells of every invariant and of every run."""

import json
from pathlib import Path

from tests.chaos import invariants, report, run, table
from tests.chaos.lateness import Late
from tests.chaos.run import Result

ASKED = (run.HEALED, run.ENDED, run.SAME, run.LEDGER, run.WRITES, run.ROWS, run.ON_TIME, *invariants.NEVER,
         invariants.REFUSES)  # fmt: skip


def result(**found: list[str]) -> Result:
    """A run of a minute of killed workers in which every invariant was asked; `found`: what did not hold."""
    exceptions: dict[str, list[str]] = {rule: [] for rule in ASKED}
    return Result(scenario="worker", seed=7, seconds=60, lives=2500, late={"start": Late(10, 0.012, 0.5, 1.25)},
                  backlog_s=0.21, found=exceptions | found)  # fmt: skip


def test_every_invariant_has_its_column() -> None:
    assert sorted(rule for rules in table.HEADS.values() for rule in rules) == sorted(ASKED)


def test_a_row_tells_what_held_how_late_it_was_and_how_to_do_it_again(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(report.as_json([result(**{run.LEDGER: ["a row too many", "a row too few"]})]))

    head, _, row = table.table([file]).splitlines()

    cells = dict(zip(head.strip("| ").split(" | "), row.strip("| ").split(" | "), strict=True))
    assert (cells["ledger"], cells["once"]) == ("**2**", "·")
    assert cells["late start, ms"] == "12 / 500 / 1250"
    assert cells["again: `make chaos`"] == '`ARGS="--seed 7 --seconds 60 --faults worker"`'


def test_an_invariant_that_nobody_asked_is_not_said_to_hold(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(report.as_json([Result(scenario="worker", seed=7, seconds=60)]))

    assert "| ? |" in table.table([file])


def test_a_scenario_that_ran_again_counts_as_it_was_last(tmp_path: Path) -> None:
    first, last = tmp_path / "first.json", tmp_path / "last.json"
    first.write_text(report.as_json([result(**{run.SAME: ["worker2 has another one now, or none"]})]))
    last.write_text(report.as_json([result()]))

    assert "**1**" in table.table([first])
    assert "**1**" not in table.table([first, last])
    assert json.loads(first.read_text())[0]["violations"] == [f"{run.SAME}; but: worker2 has another one now, or none"]
