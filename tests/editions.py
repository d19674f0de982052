"""Other editions of tzdata: a copy of the installed package with another name for itself and other clocks in a zone."""

import importlib.util
import os
import shutil
import struct
import sys
import zoneinfo
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
import tzdata  # type: ignore[import-untyped]  # data; it has no types to speak of

from recurrence import zone


class Clock(NamedTuple):
    """A clock: its offset (hours east of UTC) at the beginning, and the instants at which it got another."""

    first: float
    changes: tuple[tuple[datetime, float], ...] = ()


def write(folder: Path, version: str, clocks: dict[str, Clock]) -> Path:
    """An edition of this name in `folder`, with these clocks; what goes on PYTHONPATH. A clock of None is no zone."""
    package = folder / "tzdata"
    shutil.copytree(Path(tzdata.__file__).parent, package, copy_function=os.symlink)
    (package / "__init__.py").unlink()
    (package / "__init__.py").write_text(f'__version__ = "1"\nIANA_VERSION = "{version}"\n')
    for name, clock in clocks.items():
        file = package / "zoneinfo" / name
        file.unlink()
        file.write_bytes(compiled(clock))
    return folder


def without(folder: Path, name: str) -> None:
    """Take a zone out of an edition that `write` made."""
    zones = folder / "tzdata" / "zones"
    left = [line for line in zones.read_text().splitlines() if line != name]
    zones.unlink()
    zones.write_text("\n".join(left) + "\n")


def compiled(clock: Clock) -> bytes:
    """A clock as a TZif file (RFC 8536): an empty first block, then the second, then how it goes on."""
    offsets = [clock.first, *(offset for _, offset in clock.changes)]
    instants = [int(at.timestamp()) for at, _ in clock.changes]
    header = struct.pack(">4s1s15x6l", b"TZif", b"2", 0, 0, 0, 0, 1, 4)
    block = struct.pack(">lBB", int(offsets[0] * 3600), 0, 0) + b"XXX\0"
    second = struct.pack(">4s1s15x6l", b"TZif", b"2", 0, 0, 0, len(instants), len(offsets), 4)
    second += struct.pack(f">{len(instants)}q", *instants) + bytes(range(1, len(offsets)))
    second += b"".join(struct.pack(">lBB", int(offset * 3600), 0, 0) for offset in offsets) + b"XXX\0"
    sign = "-" if offsets[-1] >= 0 else ""
    hours, minutes = divmod(abs(int(offsets[-1] * 60)), 60)
    return header + block + second + f"\n<XXX>{sign}{hours}:{minutes:02}\n".encode()


def install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process use that edition until the test ends."""
    place = folder / "tzdata"
    spec = importlib.util.spec_from_file_location(
        "tzdata", place / "__init__.py", submodule_search_locations=[str(place)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    use(module, monkeypatch)


def use(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process read its zones from that package."""
    for name in [name for name in sys.modules if name.startswith("tzdata.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tzdata", module)
    monkeypatch.setattr(zone, "tzdata", module)
    forget()


def forget() -> None:
    """Forget what was read of the zones."""
    zone.names.cache_clear()
    zone.load.cache_clear()
    zoneinfo.ZoneInfo.clear_cache()


def at(year: int, month: int, day: int, hour: int = 0) -> datetime:
    """An instant in UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)
