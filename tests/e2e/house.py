"""The whole house, as a newcomer starts it: `sessionbeat up` in a data folder of its own, and a way to talk to it."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

from launcher import lock
from launcher.place import PROJECT

READY_WITHIN_S = 120.0
STOPPED_WITHIN_S = 15.0
LOOK_EVERY_S = 0.05


@dataclass(slots=True, kw_only=True)
class House:
    """A running `sessionbeat up` and what its line READY told."""

    data: Path
    process: subprocess.Popen[bytes]
    api: str
    flower: str
    key: str
    took_s: float

    def client(self) -> httpx.Client:
        """A client of the API that has the key."""
        return httpx.Client(
            base_url=f"{self.api}/api/v1", headers={"Authorization": f"Bearer {self.key}"}, timeout=10.0
        )

    def said(self) -> str:
        """All that was printed so far."""
        return (self.data / "said").read_text()

    def pids(self, *words: str) -> list[int]:
        """The processes of this house whose command line has all these words."""
        found = []
        for pid in self.all_pids():
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if all(word in command for word in words):
                found.append(pid)
        return found

    def all_pids(self) -> list[int]:
        """Every process that `up` started, and theirs."""
        return [pid for pid in lock.holders(self.data / "children.lock") if pid != self.process.pid]

    def stop(self, asking: signal.Signals = signal.SIGINT) -> float:
        """Ask it to stop; answers how long it took (seconds)."""
        began = time.monotonic()
        self.process.send_signal(asking)
        self.process.wait(STOPPED_WITHIN_S)
        return time.monotonic() - began


def enter(data: Path, *arguments: str, environment: dict[str, str] | None = None) -> House:
    """Start the house and wait until it is ready.

    data: its folder. arguments: more for the command line. environment: in place of ours.
    """
    data.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with (data / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "launcher", "up", "--data-dir", str(data), *arguments],
            cwd=PROJECT,
            env=environment if environment is not None else dict(os.environ),
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    told = _ready(process, data)
    return House(data=data, process=process, took_s=time.monotonic() - began, **told)


def _ready(process: subprocess.Popen[bytes], data: Path) -> dict[str, str]:
    deadline = time.monotonic() + READY_WITHIN_S
    while True:
        for line in (data / "said").read_text().splitlines():
            if line.startswith("READY "):
                told: dict[str, str] = json.loads(line.removeprefix("READY "))
                return told
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise AssertionError(f"not ready, it said:\n{(data / 'said').read_text()}")
        time.sleep(LOOK_EVERY_S)
