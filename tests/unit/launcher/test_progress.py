"""Lines come out at once, and a reader who went away ends nothing."""

import os
import select
import subprocess
import sys

from launcher.place import PROJECT

PATIENCE_S = 10.0
SAY = (
    "import sys; from launcher.progress import say; say('READY {}'); sys.stdin.readline(); say('more'); say('and more')"
)


def test_a_line_is_in_the_pipe_before_the_next_one_is_said() -> None:
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        [sys.executable, "-c", SAY], cwd=PROJECT, env=buffered, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout

        said, _, _ = select.select([process.stdout], [], [], PATIENCE_S)
        if not said:
            process.kill()
        assert process.stdout.readline() == "READY {}\n"
        process.stdout.close()
        process.stdin.write("\n")
        process.stdin.flush()

        assert process.wait(PATIENCE_S) == 0
