"""One program that the launcher runs, and how it is started.

A program never outlives the launcher. Three things see to that: it is asked to end when the launcher stops;
the kernel sends it the same signal when the launcher dies (the parent-death signal); and it holds the data
folder's lock, inherited by its own children too, so that the next launcher finds whatever is left.

The parent-death signal is set after the change of account, because that change clears it, and programs are
started by the main thread alone, because the signal is bound to the thread that forked.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from launcher.account import Account

PR_SET_PDEATHSIG = 1
LOG_LIMIT = 20_000_000  # bytes; a longer log is put aside as `.old` before the program starts

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run, as whom, and how to ask it to end.

    farewell: the signal that asks it to end in good order. patience_s: how long it may take (seconds).
    stage: programs of one stage are ended together; stages end from the highest to the lowest.
    before: done before every start, again before a restart.
    """

    name: str
    argv: tuple[str, ...]
    log: Path
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    farewell: signal.Signals = signal.SIGTERM
    patience_s: float = 2.0
    stage: int = 0
    before: Callable[[], None] | None = None


def start(program: Program, lock: int | None) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own, its output in its log.

    lock: descriptor of the data folder's lock, to be inherited.
    """
    if program.before is not None:
        program.before()
    _put_aside(program.log)
    with program.log.open("ab") as log:
        return subprocess.Popen(
            program.argv,
            cwd=program.folder,
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=() if lock is None else (lock,),
            user=program.account.uid if program.account else None,
            group=program.account.gid if program.account else None,
            extra_groups=[] if program.account else None,
            umask=0o077,
            preexec_fn=_bound_to(os.getpid(), program.farewell),  # noqa: PLW1509  (one thread here)
        )


def _bound_to(launcher: int, farewell: signal.Signals) -> Callable[[], None]:
    """What the new process does before it becomes the program."""

    def bind() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(farewell), 0, 0, 0)
        if os.getppid() != launcher:  # it died before the signal was set
            os._exit(1)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())

    return bind


def follow_make() -> None:
    """Ask for a SIGTERM when `make` dies, if that is what started us: a killed make tells its children nothing."""
    parent = Path(f"/proc/{os.getppid()}/comm")
    if parent.exists() and parent.read_text().strip() in ("make", "gmake"):
        _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)


def _put_aside(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".old"))


def last_words(log: Path, lines: int = 5) -> str:
    """The end of a log, in one line, for an error message."""
    if not log.exists():
        return "it wrote no log"
    text = log.read_bytes()[-4000:].decode(errors="replace")
    return " | ".join(line.strip() for line in text.splitlines()[-lines:] if line.strip()) or "its log is empty"


def python(*arguments: str) -> tuple[str, ...]:
    """The command line of a Python module, by the interpreter that runs us."""
    return (sys.executable, "-m", *arguments)
