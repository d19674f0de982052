"""Whom the servers run as.

PostgreSQL refuses to run as root, and Valkey has no need to. Started by root, both run as an unprivileged
account: `postgres` where it exists, else `nobody`. Started by anyone else, they run as that user and nothing
changes hands. What the account must reach is made reachable by placing it elsewhere, never by opening a
folder that is not ours.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from launcher.errors import Unusable

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An unprivileged account of this machine."""

    name: str
    uid: int
    gid: int


def for_servers() -> Account | None:
    """The account that the servers are demoted to; None when we are not root.

    Raises Unusable when we are root and the machine has none of the candidates.
    """
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in CANDIDATES:
        if name in known and known[name].pw_uid != 0:
            return Account(name=name, uid=known[name].pw_uid, gid=known[name].pw_gid)
    raise Unusable(f"root cannot run PostgreSQL, and none of the accounts {', '.join(CANDIDATES)} exists")


def reaches(account: Account | None, path: Path, access: str = "x") -> bool:
    """Whether the account can read (`r`) or enter or run (`x`) the path, asked of the kernel as that
    account."""
    if account is None:
        return os.access(path, os.R_OK if access == "r" else os.X_OK)
    asked = subprocess.run(
        ["/bin/sh", "-c", f'test -{access} "$1"', "sh", str(path)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        check=False,
        stderr=subprocess.DEVNULL,
    )
    return asked.returncode == 0


def give(account: Account | None, path: Path) -> None:
    """Make the account the owner of a file or folder of ours."""
    if account is not None:
        os.chown(path, account.uid, account.gid)
