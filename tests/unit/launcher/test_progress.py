"""Lines come out at once, and a reader who went away ends nothing."""

import subprocess
import sys

from launcher.place import PROJECT

SAY = (
    "import sys; from launcher.progress import say; say('READY {}'); sys.stdin.readline(); say('more'); say('and more')"
)


def test_a_line_is_in_the_pipe_before_the_next_one_is_said() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SAY], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout

        assert process.stdout.readline() == "READY {}\n"
        process.stdout.close()
        process.stdin.write("\n")
        process.stdin.flush()

        assert process.wait(10) == 0
