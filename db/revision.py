"""The newest revision of the schema that this code knows, and whether a database has it: without Alembic, which takes
time to load. The API asks at each look at `/readyz`, and `sessionbeat up` before it migrates.
"""

import functools
import re
from collections.abc import Callable
from pathlib import Path

VERSIONS = Path(__file__).parent / "migrations" / "versions"
REVISION = re.compile(r'^revision(?:: str)? = "(\w+)"$', re.MULTILINE)
BEFORE = re.compile(r'^down_revision(?:: str)? = "(\w+)"$', re.MULTILINE)

IS_MIGRATED = "SELECT to_regclass('alembic_version') IS NOT NULL"
REVISION_THERE = "SELECT version_num FROM alembic_version"


@functools.cache
def newest() -> str:
    """The revision that no other one comes after."""
    texts = [file.read_text() for file in VERSIONS.glob("*.py")]
    known = {revision for text in texts for revision in REVISION.findall(text)}
    (head,) = known - {revision for text in texts for revision in BEFORE.findall(text)}
    return str(head)


def is_current(ask: Callable[[str], object]) -> bool:
    """Whether a database is at the newest revision; `ask` answers the first value that a statement gives there."""
    return bool(ask(IS_MIGRATED)) and ask(REVISION_THERE) == newest()
