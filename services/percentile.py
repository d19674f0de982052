"""Lateness in figures."""

from collections.abc import Sequence


def of_lateness(late_s: Sequence[float]) -> dict[str, int]:
    """The 99th percentile of latenesses (seconds) in whole milliseconds, nearest rank; empty when there are none."""
    if not late_s:
        return {}
    ordered = sorted(late_s)
    return {"late_p99_ms": round(1000 * ordered[-(-99 * len(ordered) // 100) - 1])}
