"""The data folder: everything that `sessionbeat up` keeps.

    postgres/     the database cluster (the server account's, 0700)
    valkey/       the broker's configuration (the server account's, 0700)
    binaries/     copies of the server binaries, where they were needed
    log/          one log a process (ours, 0700)
    facts.json    addresses, ports, passwords, the key (ours, 0600)
    up.lock, children.lock

It is `.sessionbeat` in the project's folder, or `--data-dir`. When we are root and the servers' account
cannot get there (a 0700 home above it), it is /var/lib/sessionbeat/<name>-<hash of the wish> instead: folders
above that are not ours to open. The same wish always leads to the same place. The folder itself can be
entered by the servers' account, not listed.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from launcher import account as accounts
from launcher.account import Account
from launcher.errors import Unusable

PROJECT = Path(__file__).resolve().parent.parent
ELSEWHERE = Path("/var/lib/sessionbeat")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A data folder that is there, and the account its servers run as (None: ours)."""

    root: Path
    account: Account | None

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        return self.root / "valkey"

    @property
    def binaries(self) -> Path:
        return self.root / "binaries"

    def log(self, name: str) -> Path:
        return self.root / "log" / f"{name}.log"


def choose(wish: Path | None) -> Place:
    """Where the data of this wish are (None: the project's own). Makes nothing."""
    wanted = (wish or PROJECT / ".sessionbeat").absolute()
    account = accounts.for_servers()
    if account is None or accounts.reaches(account, _existing(wanted.parent)):
        return Place(root=wanted, account=account)
    digest = hashlib.sha256(str(wanted).encode()).hexdigest()[:10]
    return Place(root=ELSEWHERE / f"{wanted.parent.name.replace(' ', '-')}-{digest}", account=account)


def make(place: Place) -> None:
    """Make the folder and what it needs, whatever the umask.

    Raises Unusable when it cannot be made or belongs to another user.
    """
    try:
        _make(place)
    except OSError as error:
        raise Unusable(f"data folder {place.root}: {error.strerror or error}") from error


def _make(place: Place) -> None:
    missing = [parent for parent in place.root.parents if not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir(mode=0o755)
        parent.chmod(0o755)
    for folder, mode in ((place.root, 0o711), (place.binaries, 0o755), (place.root / "log", 0o700)):
        folder.mkdir(exist_ok=True)
        folder.chmod(mode)
    for folder in (place.postgres, place.valkey):
        if not folder.exists():
            folder.mkdir()
            accounts.give(place.account, folder)
            folder.chmod(0o700)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(parent for parent in (folder, *folder.parents) if parent.exists())
