"""What a run showed: lines for people, or JSON."""

import json
from dataclasses import asdict

from tests.chaos.run import Result

MOST_TOLD = 12


def told(result: Result) -> str:
    """A run in some lines: what it was, how late, and what did not hold."""
    head = f"{result.scenario}  seed {result.seed}  {result.seconds} s"
    if result.skipped is not None:
        return f"{head}  skipped: {result.skipped}"
    asked = ", ".join(f"{number} {verdict}" for verdict, number in sorted(result.requests.items()))
    backlog = "over 15" if result.backlog_s is None else f"{result.backlog_s:.1f}"
    behind = f"clients at most {result.behind_s:.2f} s behind (p99)"
    lines = [f"{head}  {result.lives} whole lives; requests: {asked}; {behind}; backlog zero {backlog} s after healing"]
    lines += [f"  {kind:6} {late.times:6} times, late p50 {late.p50 * 1000:.0f} ms, p99 {late.p99 * 1000:.0f} ms, "
              f"at most {late.max * 1000:.0f} ms" for kind, late in result.late.items()]  # fmt: skip
    if result.points:
        lines.append(f"  {len(result.points)} fault points killed a process (--json names them)")
    lines += [f"  {note}" for note in result.notes]
    lines += [f"  VIOLATION {one}" for one in result.violations[:MOST_TOLD]]
    if len(result.violations) > MOST_TOLD:
        lines.append(f"  VIOLATION {len(result.violations) - MOST_TOLD} more")
    lines.append(
        f"  {'all invariants held' if not result.violations else f'{len(result.violations)} VIOLATIONS'}; again: "
        f'make chaos ARGS="--seed {result.seed} --seconds {result.seconds} --faults {result.scenario}"'
    )
    return "\n".join(lines)


def as_json(results: list[Result]) -> str:
    """All runs, as JSON."""
    return json.dumps([{**asdict(one), "late": {kind: late._asdict() for kind, late in one.late.items()},
                        "violations": one.violations} for one in results], indent=1)  # fmt: skip
