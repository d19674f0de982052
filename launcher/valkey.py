"""The embedded Valkey: the broker, run in the foreground.

It keeps nothing on disk. A message is a hint; what is lost with the broker is asked of the database again
within a second. It listens on the loopback address alone, with a random password that stands in a file (a
command line can be read by every user of the machine).
"""

import os
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from launcher import account as accounts
from launcher import port
from launcher.account import Account
from launcher.program import Program

STAGE = 1
ONCE = Retry(NoBackoff(), 0)

CONFIGURATION = """\
bind {address}
port {port}
protected-mode yes
requirepass {password}
dir {folder}
daemonize no
save ""
appendonly no
maxmemory-policy noeviction
loglevel notice
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey:
    """The binary, the folder of its configuration, and who runs it."""

    binary: Path
    folder: Path
    password: str
    account: Account | None = None

    def url(self, listening: int) -> str:
        """The broker's address at that port."""
        return f"redis://:{self.password}@{port.LOOPBACK}:{listening}/0"


def program(server: Valkey, listening: int, log: Path, environment: dict[str, str]) -> Program:
    """The program that serves at that port; its configuration is written before each start."""
    file = server.folder / "valkey.conf"
    return Program(
        name="valkey",
        argv=(str(server.binary), str(file)),
        log=log,
        folder=Path("/"),
        environment=environment,
        account=server.account,
        patience_s=1.0,
        stage=STAGE,
        before=lambda: _configure(server, listening, file),
    )


def answers(url: str) -> bool:
    """Whether the broker takes commands."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1, retry=ONCE) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _configure(server: Valkey, listening: int, file: Path) -> None:
    text = CONFIGURATION.format(
        address=port.LOOPBACK, port=listening, password=server.password, folder=_quoted(server.folder)
    )
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(text)
    accounts.give(server.account, file)


def _quoted(path: Path) -> str:
    """A path as the configuration file wants it: spaces and quotes are legal in folders."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
