"""The whole schema tried by schemathesis, with a key of each role: no 5xx, and no answer that is not documented.

In `make test` a few cases for each call, and of the kinds that are all alike only two; in `make fuzz` many for all.
"""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from db.models import Role
from launcher.place import PROJECT

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
ALIKE = "^/api/v1/(routines|programs|timelines|subjects)"  # just as spaces are
SHORT_RUN = ("--exclude-path-regex", ALIKE, "--generation-deterministic")
CASES = {Role.FEED: 2, Role.VIEWER: 2, Role.STAFF: 2, Role.ADMIN: 4}  # of each call, in the short run
PHASES = {Role.FEED: "fuzzing", Role.VIEWER: "fuzzing", Role.STAFF: "fuzzing", Role.ADMIN: "coverage,fuzzing,stateful"}
MANY = 300
LONGEST_S = {False: 120, True: 3600}


def words(role: Role) -> tuple[str, ...]:
    """How it is asked for; `coverage`, the same cases each time, are for the role that may make every call."""
    if LONG:
        return ("--max-examples", str(MANY))
    return (*SHORT_RUN, "--max-examples", str(CASES[role]), "--phases", PHASES[role])


@pytest.mark.slow
@pytest.mark.parametrize("role", list(Role))
def test_no_call_answers_what_is_not_documented(
    clients: dict[str, httpx.Client], server: str, role: Role, tmp_path: Path
) -> None:
    key = clients[role].headers["Authorization"]
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run", "--checks", "all"]
    asked = ["--header", f"Authorization: {key}", "--warnings", "off", *words(role)]

    tried = subprocess.run(
        [*command, *asked, f"{server}/openapi/openapi.json"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=LONGEST_S[LONG],
        check=False,
    )

    assert tried.returncode == 0, tried.stdout[-10_000:] + tried.stderr[-2_000:]
