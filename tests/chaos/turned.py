"""Runs one of our programs under libfaketime: `python -m tests.chaos.turned MODULE …` in place of `python -m MODULE …`.

libfaketime refuses every sleep until an instant of the monotonic clock (clock_nanosleep, which Python's `time.sleep`
is), however its clock is set. A sleep of a length does the same and is let through.
"""

import runpy
import select
import sys
import time
from typing import SupportsIndex


def sleep(seconds: float | SupportsIndex, /) -> None:
    """Wait so many seconds."""
    select.select([], [], [], float(seconds))


if __name__ == "__main__":
    time.sleep = sleep
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
