"""The embedded PostgreSQL: a cluster of our own, run in the foreground.

It listens on the loopback address alone, with a random password (scram-sha-256) and no socket file. Text is
UTF-8 in an order that does not depend on the machine, time is UTC. Every commit reaches the disk before it is
answered (fsync stays on): a kill loses nothing. Only throw-away clusters of tests are started without that.

After a kill -9 a `postmaster.pid` is left. PostgreSQL itself judges it by the number of a process, which may
be another's by now; so it is removed here, once no process is left that works in the cluster's folder.
"""

import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from launcher import account as accounts
from launcher import lock, port
from launcher.account import Account
from launcher.errors import StartFailed, StillHeld
from launcher.program import Program

NAME = "sessionbeat"  # the superuser, and the database
BUILTIN_LOCALE_SINCE = 17  # older ones take the machine's C.UTF-8
STAGE = 0

SETTINGS = {
    "listen_addresses": port.LOOPBACK,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "512MB",  # a herd's pages and its indexes stay; what is not touched is not taken
    "jit": "off",  # it costs more than it saves on statements of a thousand rows
    "max_wal_size": "1GB",
    "recovery_init_sync_method": "syncfs",  # after a kill, all files in one go: 0.1 s for up to 5
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] ",
}
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A cluster's folder, the binaries that serve it, and who runs them."""

    binaries: Path
    cluster: Path
    password: str
    account: Account | None = None
    durable: bool = True

    def url(self, listening: int, database: str = NAME) -> str:
        """The address of a database at that port."""
        return f"postgresql://{NAME}:{self.password}@{port.LOOPBACK}:{listening}/{database}"


def create_cluster(server: Postgres) -> None:
    """Make the cluster where there is none; doing it again changes nothing.

    A half-made one (we were killed meanwhile) is made anew: the cluster counts once it has its mark.

    Raises StartFailed with what `initdb` said.
    """
    mark = server.cluster / "sessionbeat.complete"
    if mark.exists():
        return
    secret = server.cluster.with_name("postgres.password")
    secret.touch(mode=0o600)
    secret.write_text(server.password)
    accounts.give(server.account, secret)
    _as_account(server, "/bin/sh", "-c", 'rm -rf "$1"/*', "sh", str(server.cluster))
    _as_account(server, *_initdb(server, secret))
    _as_account(server, "/bin/sh", "-c", ': > "$1"', "sh", str(mark))
    secret.unlink()


def _initdb(server: Postgres, secret: Path) -> tuple[str, ...]:
    access = ("--username", NAME, "--pwfile", str(secret), "--auth", "scram-sha-256")
    form = ("--encoding", "UTF8", *_locale(server), *(() if server.durable else ("--no-sync",)))
    return (str(server.binaries / "initdb"), "--pgdata", str(server.cluster), *access, *form)


def program(server: Postgres, listening: int, log: Path, environment: dict[str, str]) -> Program:
    """The program that serves the cluster at that port."""
    settings = SETTINGS | {"port": str(listening)} | ({} if server.durable else THROW_AWAY)
    return Program(
        name="postgres",
        argv=(
            str(server.binaries / "postgres"),
            "-D",
            str(server.cluster),
            *(f"--{name}={value}" for name, value in settings.items()),
        ),
        log=log,
        folder=Path("/"),
        environment=environment,
        account=server.account,
        farewell=signal.SIGINT,  # the fast shutdown: clients are sent away, everything is written
        patience_s=2.0,
        stage=STAGE,
        before=lambda: clear_remains(server.cluster),
    )


def answers(url: str) -> bool:
    """Whether the server takes connections."""
    try:
        with psycopg.connect(url, connect_timeout=2, autocommit=True) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def create_database(url: str, name: str = NAME) -> None:
    """Make the database where it is not there; `url` leads to any other one of the server."""
    with psycopg.connect(url, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def clear_remains(cluster: Path) -> None:
    """Make way for a start: wait for, then end, processes that work in the cluster; forget its pid file.

    Raises StillHeld when such a process cannot be ended.
    """
    lock.end(lambda: _working_in(cluster))
    if remaining := _working_in(cluster):
        raise StillHeld(data=cluster, pids=remaining)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _working_in(cluster: Path) -> list[int]:
    """The processes whose current folder is the cluster: every process of PostgreSQL that serves it."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if (process / "cwd").samefile(cluster):
                    found.append(int(process.name))
            except OSError:  # it ended while we looked, or it is another user's
                continue
    return found


def _locale(server: Postgres) -> tuple[str, ...]:
    told = subprocess.run([server.binaries / "initdb", "--version"], capture_output=True, text=True, check=True).stdout
    major = re.search(r"\) (\d+)", told)  # initdb (PostgreSQL) 18.6
    if major and int(major[1]) >= BUILTIN_LOCALE_SINCE:
        return ("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C")
    return ("--locale", "C.UTF-8")


def _as_account(server: Postgres, *argv: str) -> None:
    account = server.account
    done = subprocess.run(
        argv,
        cwd="/",
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        umask=0o077,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StartFailed("postgres", f"{Path(argv[0]).name}: {done.stderr.strip() or done.stdout.strip()}")
