"""What processes cost, as the kernel tells it: a process and those it started."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """The process, and all that come from it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def cpu_s(pids: Iterable[int]) -> float:
    """Processor time that these families have used so far (seconds)."""
    return sum(ticks(one) for pid in pids for one in family(pid)) / TICKS_A_SECOND


def ticks(pid: int) -> int:
    """Processor time of one process, with that of children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15]))


def memory_mb(pid: int) -> float:
    """Memory of a family (MB): each one's own, and of what they share each one's part."""
    return sum(part_kb(one) for one in family(pid)) / 1000


def part_kb(pid: int) -> int:
    """The proportional set size of one process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1])
