"""What whole runs showed as a table for the docs: the faults, what held, how late it was, and how to do it again.

Made from what `make chaos ARGS="--json"` printed: `make chaos ARGS="--table FILE…"`.
"""

import json
from pathlib import Path
from typing import Any

from tests.chaos import invariants, run
from tests.chaos.scenarios import BY_NAME

Shown = dict[str, Any]

HEADS = {
    "ledger": (run.LEDGER, "a session's transitions are counted without a gap", "the outcome says how late it was"),
    "once": ("a transition has one row", invariants.REFUSES),
    "order": ("nothing ends before it starts",),
    "early": ("nothing is applied before its instant",),
    "state": ("the state is what the ledger says", "what took place is measured, and what did not is not",
              "the completion record counts the marks"),
    "due": ("what is not over has something due", "no good row is set aside"),
    "rows": (run.ROWS, "every plan has its segment"),
    "kept": (run.WRITES,),
    "healed": (run.HEALED, run.ENDED),
    "same": (run.SAME,),
    "on time": (run.ON_TIME,),
}  # fmt: skip
"""The columns, and which of the invariants each one stands for."""

KINDS = ("start", "end")


def table(files: list[Path]) -> str:
    """The results in these files, as a table in Markdown; a scenario that ran again counts as it was last."""
    results: dict[str, Shown] = {one["scenario"]: one for file in files for one in json.loads(file.read_text())}
    columns = ["fault", *HEADS, "lives", *(f"late {kind}, ms" for kind in KINDS), "backlog, s", "again: `make chaos`"]
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    order = [name for name in BY_NAME if name in results]
    return "\n".join([*lines, *("| " + " | ".join(row(results[name])) + " |" for name in order)])


def row(result: Shown) -> list[str]:
    """One scenario."""
    again = f'`ARGS="--seed {result["seed"]} --seconds {result["seconds"]} --faults {result["scenario"]}"`'
    what = BY_NAME[result["scenario"]].what
    if result["skipped"] is not None:
        return [what, *("" for _ in HEADS), "skipped", *("" for _ in KINDS), "", again]
    held = [broken(result, rules) for rules in HEADS.values()]
    backlog = "over 15" if result["backlog_s"] is None else f"{result['backlog_s']:.1f}"
    return [what, *held, str(result["lives"]), *(late(result, kind) for kind in KINDS), backlog, again]


def broken(result: Shown, rules: tuple[str, ...]) -> str:
    """How many exceptions these invariants had; a point when there was none, a question mark when nobody asked."""
    if any(rule not in result["found"] for rule in rules):
        return "?"
    exceptions = sum(len(result["found"][rule]) for rule in rules)
    return f"**{exceptions}**" if exceptions else "·"


def late(result: Shown, kind: str) -> str:
    """Lateness of one kind: p50 / p99 / max in milliseconds."""
    found = result["late"].get(kind)
    return "" if found is None else " / ".join(f"{found[name] * 1000:.0f}" for name in ("p50", "p99", "max"))
