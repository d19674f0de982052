"""What the launcher says while it works: a line at a time, at once, also into a pipe.

Whoever reads may have gone away after the line they waited for; that ends nothing.
"""

import os
import sys


def say(text: str) -> None:
    """Print a line to standard output and flush it."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        speak_to_nobody()


def speak_to_nobody() -> None:
    """Lead standard output nowhere: what is still in its buffer would fail again when the interpreter ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
