"""The harness tested: what keeps a promise is taken away, one thing at a time, and the harness has to see it.

Each mutation is made in a throw-away copy of the tree, which then runs one scenario. A mutation that finds nothing to
change, or a run that does not come to an end, is a failure of the self-test too.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from launcher.place import PROJECT
from launcher.progress import say
from tests.chaos import invariants, run

SEED = 11
RUN_WITHIN_S = 400.0
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".sessionbeat", "*_cache", "__pycache__", ".hypothesis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """What is taken away: in these files, each place where a pattern matches becomes the text beside it; and what must
    notice.
    """

    name: str
    files: str
    changes: tuple[tuple[str, str], ...]
    scenario: str
    seconds: int
    breaks: str  # the invariant that has to be seen broken


BY_KEY = "(s.tenant_id, s.series_id, s.recurrence_id) = (due.tenant_id, due.series_id, due.recurrence_id)"
"""A row that is found again after somebody moved it: one that is found by its place is not, which guards it too."""

MUTATIONS = (
    Mutation(name="the claim's guard", files="db/due.py",
             changes=((r"FOR UPDATE SKIP LOCKED", ""), (r"s\.ctid = due\.place", BY_KEY)),
             scenario="five-beats", seconds=25, breaks="a transition has one row"),
    Mutation(name="the claim's SKIP LOCKED", files="db/due.py", changes=((r"FOR UPDATE SKIP LOCKED", "FOR UPDATE"),),
             scenario="held", seconds=30, breaks=run.ON_TIME),
    Mutation(name="the ledger's key", files="db/migrations/versions/0016_*.py",
             changes=((r", ADD CONSTRAINT transition_pkey PRIMARY KEY \({}\)", ""),),
             scenario="calm", seconds=15, breaks=invariants.REFUSES),
    Mutation(name="ON CONFLICT of the sessions", files="db/sessions.py", changes=((r"ON CONFLICT DO NOTHING", ""),),
             scenario="materializing", seconds=25, breaks=run.WRITES),
    Mutation(name="the lifeline", files="scheduler/lifeline.py",
             changes=((r"(?m)^PATIENCE = .*$", "PATIENCE = timedelta(days=1)"),),
             scenario="no-beat", seconds=20, breaks=run.ON_TIME),
    Mutation(name="the last new session of an edited series", files="services/rewrite.py",
             changes=((r"(?m)list\(work\.new\.values\(\)\)\)$", r"list(work.new.values())[:-1])"),),
             scenario="instant", seconds=25, breaks=run.ROWS),
    Mutation(name="the due instant of a moved session", files="services/edit.py",
             changes=((r"(?m)^( +)session\.next_due_at = session\.starts_at if .*$", r"\1pass"),),
             scenario="instant", seconds=25, breaks=run.LEDGER),
)  # fmt: skip


def judge() -> int:
    """Make every mutation and tell what became of it; answers 1 when one was not seen."""
    unseen = 0
    for mutation in MUTATIONS:
        seen = seen_as(mutation)
        unseen += seen is None
        say(f"without {mutation.name}: {'NOT SEEN' if seen is None else 'red: ' + seen}")
    return int(unseen > 0)


def seen_as(mutation: Mutation) -> str | None:
    """Which invariants a run with this mutation breaks; None when not the one it has to, or it could not be made."""
    with tempfile.TemporaryDirectory(prefix="sessionbeat-mutant-") as folder:
        tree = Path(folder, "tree")
        shutil.copytree(PROJECT, tree, ignore=LEFT_OUT)
        if not mutate(tree, mutation):
            say(f"{mutation.name}: something to be changed is not in {mutation.files}")
            return None
        told = subprocess.run(
            [sys.executable, "-m", "tests.chaos", "--json", "--seed", str(SEED), "--seconds", str(mutation.seconds),
             "--faults", mutation.scenario],
            cwd=tree, stdout=subprocess.PIPE, text=True, check=False, timeout=RUN_WITHIN_S,
        )  # fmt: skip
    if told.returncode != 1 or not told.stdout:
        return None
    result = json.loads(told.stdout)[0]
    rules = [rule for rule, exceptions in result["found"].items() if exceptions]
    if mutation.breaks not in rules:
        return None
    return f"{len(result['violations'])} exceptions from: {'; '.join(rules)}"


def mutate(tree: Path, mutation: Mutation) -> bool:
    """Change the files; answers whether each of the changes found its place."""
    found = dict.fromkeys(mutation.changes, 0)
    for file in sorted(tree.glob(mutation.files)):
        text = file.read_text()
        for change in mutation.changes:
            text, places = re.subn(*change, text)
            found[change] += places
        file.write_text(text)
    return all(found.values())
