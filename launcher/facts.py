"""What one run of `up` tells the next, and the other commands: addresses, ports, passwords, the key.

A small JSON file that only its owner can read, replaced as a whole. It is a memory, not a proof: whether
something runs is asked of the locks (`lock.py`).
"""

import dataclasses
import json
import os
from dataclasses import dataclass
from pathlib import Path

from launcher.errors import Unusable


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All of it optional: empty at the first start."""

    database_url: str | None = None
    broker_url: str | None = None
    api: str | None = None
    flower: str | None = None
    key: str | None = None
    api_port: int | None = None
    flower_port: int | None = None
    postgres_port: int | None = None
    valkey_port: int | None = None
    postgres_password: str | None = None
    valkey_password: str | None = None
    flower_password: str | None = None


def read(root: Path) -> Facts:
    """The facts of a data folder; empty ones when there are none yet.

    Raises Unusable when the file is not ours to read or is no such file.
    """
    try:
        kept = json.loads((root / "facts.json").read_text())
    except FileNotFoundError:
        return Facts()
    except (OSError, ValueError) as error:
        raise Unusable(f"{root / 'facts.json'} cannot be read: {error}") from error
    known = {field.name for field in dataclasses.fields(Facts)}
    return Facts(**{name: value for name, value in kept.items() if name in known})


def write(root: Path, facts: Facts) -> None:
    """Replace the facts of a data folder; a crash leaves the old ones or the new ones."""
    fresh = root / "facts.json.new"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(dataclasses.asdict(facts), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(root / "facts.json")
