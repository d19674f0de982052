"""Where a statement that moves due sessions looks, and what it tells of its batch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID


class Place(NamedTuple):
    """A place in the order of starts: an instant, and among those who start then a series."""

    at: datetime
    series: UUID = UUID(int=0)


FIRST = Place(datetime(1, 1, 1, tzinfo=UTC))
LAST = Place(datetime(9999, 12, 31, tzinfo=UTC))


class Part(NamedTuple):
    """A part of what is due: starts from `low` to `high`, and from which end they are taken. Other steps: the end."""

    low: Place = FIRST
    high: Place = LAST
    backward: bool = False

    def bounds(self) -> dict[str, Any]:
        """The parameters of a statement that looks there."""
        return {
            "low": self.low.at,
            "low_series": self.low.series,
            "high": self.high.at,
            "high_series": self.high.series,
        }


ALL = Part()


@dataclass(slots=True)
class Moved:
    """What a step did to a batch: a kind and its outcome (empty where the ledger has none), how many, how late.

    late_s: of each, in seconds. reached: the place of the start that was taken last (None: another step).
    """

    kind: str
    outcome: str
    count: int = 0
    late_s: list[float] = field(default_factory=list)
    reached: Place | None = None


def by_kind(rows: Sequence[Any], backward: bool = False) -> list[Moved]:
    """Counts by kind, outcome and instant (with the one at which they were written) as one a kind and outcome."""
    found: dict[tuple[str, str], Moved] = {}
    for kind, outcome, count, due_at, applied_at, series_id in rows:
        if count:
            one = found.setdefault((kind, outcome), Moved(kind, outcome))
            one.count += count
            if due_at is not None:
                one.late_s.extend([(applied_at - due_at).total_seconds()] * count)
            if series_id is not None:
                one.reached = farther(one.reached, Place(due_at, series_id), backward)
    return list(found.values())


def farther(one: Place | None, other: Place | None, backward: bool) -> Place | None:
    """Which of two places whoever goes in that direction reaches later."""
    if one is None or other is None:
        return one or other
    return min(one, other) if backward else max(one, other)
