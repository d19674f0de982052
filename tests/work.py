"""How much the engine works: a measure that no machine changes."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def lines_run(ask: Callable[[], object]) -> int:
    """How many lines of the engine are executed by a question."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        if "/recurrence/" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        ask()
    finally:
        sys.settrace(before)
    return count
