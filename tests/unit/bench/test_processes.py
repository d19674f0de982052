"""What processes cost is read of a process and of those it started."""

import os
import subprocess
import sys

from bench import processes


def test_a_family_is_a_process_and_all_that_come_from_it() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        found = processes.family(os.getpid())

        child.communicate(b"\n")
    assert child.pid in found
    assert found[0] == os.getpid()


def test_processor_time_grows_with_work() -> None:
    before = processes.cpu_s([os.getpid()])

    sum(range(5_000_000))

    assert processes.cpu_s([os.getpid()]) > before


def test_memory_is_more_than_nothing_and_less_than_all() -> None:
    assert 5 < processes.memory_mb(os.getpid()) < 5_000
