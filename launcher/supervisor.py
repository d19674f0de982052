"""Keeps programs running, and ends them in order.

A program that ends by itself is started again: at once the first time, then after growing pauses up to five
seconds; one that then runs for ten seconds has recovered, and its next death is a first one again.

Ending goes by stages, from the highest to the lowest: every program of a stage is asked, has its patience,
and is killed with all of its process group when that is over. All of it takes less than ten seconds.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from launcher import halt, program
from launcher.program import Program

AT_ONCE_S = 0.15  # seconds; whoever waits for the program can look why it ended
PAUSES_S = (AT_ONCE_S, 0.5, 1.0, 2.0, 5.0)  # seconds before the first, second, … start after a death
RECOVERED_S = 10.0  # seconds; shorter than this and the death before still counts
STOPPED_WITHIN_S = 9.5  # seconds for everything; the patiences of all programs are less together
LOOK_EVERY_S = 0.02  # while something is ending


@dataclass(slots=True, kw_only=True)
class Kept:
    """A program, its present process, and when that is to be started again (None: it runs)."""

    program: Program
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0
    due: float | None = None


class Supervisor:
    """The programs it keeps, in the order they were started.

    lock: descriptor of the data folder's lock, inherited by all. say: where a line about a death goes.
    """

    __slots__ = ("_kept", "_lock", "_say")

    def __init__(self, lock: int | None, say: Callable[[str], None]) -> None:
        self._lock = lock
        self._say = say
        self._kept: dict[str, Kept] = {}

    def start(self, wanted: Program) -> None:
        """Start a program and keep it; one of the same name that has ended is replaced."""
        with halt.held():
            process = program.start(wanted, self._lock)
            self._kept[wanted.name] = Kept(program=wanted, process=process, started=time.monotonic())

    def has_ended(self, name: str) -> bool:
        """Whether the program's present process is gone."""
        return self._kept[name].process.poll() is not None

    def pids(self) -> dict[str, int]:
        """The present process of each program."""
        return {name: kept.process.pid for name, kept in self._kept.items()}

    def turn(self, timeout_s: float) -> None:
        """Wait until a process ends, a start is due, or the time is over; start again what is due."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        try:
            self._notice()
            now = time.monotonic()
            dues = [kept.due - now for kept in self._kept.values() if kept.due is not None]
            signal.sigtimedwait({signal.SIGCHLD}, max(0.0, min([timeout_s, *dues])))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._notice()
        for kept in self._kept.values():
            if kept.due is not None and kept.due <= time.monotonic():
                self._again(kept)

    def stop(self, hurried: Callable[[], bool] = lambda: False) -> None:
        """End every program, stage by stage.

        hurried: asked again and again; from True on nothing has patience any more.
        """
        end = time.monotonic() + STOPPED_WITHIN_S
        stages = sorted({kept.program.stage for kept in self._kept.values()})
        for stage in reversed(stages):
            members = [kept for kept in self._kept.values() if kept.program.stage == stage]
            for kept in members:
                if kept.process.poll() is None:
                    kept.process.send_signal(kept.program.farewell)
            patience = time.monotonic() + max(kept.program.patience_s for kept in members)
            until = end if stage == stages[0] else patience  # the last one has all that is left
            while any(kept.process.poll() is None for kept in members):
                if hurried() or time.monotonic() > until:
                    break
                time.sleep(LOOK_EVERY_S)
            for kept in members:
                _kill_group(kept.process)
        self._kept.clear()

    def _notice(self) -> None:
        for kept in self._kept.values():
            if kept.due is None and kept.process.poll() is not None:
                now = time.monotonic()
                if now - kept.started > RECOVERED_S:
                    kept.deaths = 0
                pause = PAUSES_S[min(kept.deaths, len(PAUSES_S) - 1)]
                kept.deaths += 1
                kept.due = now + pause
                self._say(f"{kept.program.name} ended ({_manner(kept.process.returncode)}); "
                          f"starting it again{f' in {pause:g} s' if pause > AT_ONCE_S else ''}")  # fmt: skip

    def _again(self, kept: Kept) -> None:
        _kill_group(kept.process)
        with halt.held():
            kept.process = program.start(kept.program, self._lock)
            kept.started = time.monotonic()
            kept.due = None


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the process and its group; nothing, in most cases."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.wait()


def _manner(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"status {code}"
