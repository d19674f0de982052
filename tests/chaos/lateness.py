"""How late the system was: applied minus effective, for each kind, of what it did by itself."""

from collections import defaultdict
from typing import NamedTuple

from tests.chaos.stored import Key, World


class Late(NamedTuple):
    """Lateness of one kind (seconds), and of how many."""

    times: int
    p50: float
    p99: float
    max: float


def of_world(world: World, held: set[Key]) -> dict[str, Late]:
    """By kind; rows that a fault held locked count as a kind of their own, `held`."""
    found: dict[str, list[float]] = defaultdict(list)
    for key, entries in world.ledger.items():
        for one in entries:
            if not one.by_hand:
                found["held" if key in held else one.kind].append(one.late_s)
    return {kind: summed(sorted(values)) for kind, values in sorted(found.items())}


def summed(values: list[float]) -> Late:
    """The summary of sorted values, of which there is one at least."""
    last = len(values) - 1
    return Late(len(values), values[last // 2], values[min(last, -(-last * 99 // 100))], values[last])


def too_late(world: World, held: set[Key], within_s: float | None) -> list[str]:
    """What was later than promised, the worst first, a sentence for the first three."""
    if within_s is None:
        return []
    found = sorted(
        ((one.late_s, one.kind, one.effective_at) for key, entries in world.ledger.items() for one in entries
         if not one.by_hand and key not in held and one.late_s > within_s),
        reverse=True,
    )  # fmt: skip
    told = [f"{kind} due at {at:%T} was {late:.2f} s late, promised is {within_s:g} s" for late, kind, at in found[:3]]
    return [*told, *([f"{len(found) - 3} more were later than {within_s:g} s"] if len(found) > 3 else [])]
