"""What a statement that moves due sessions tells of its batch."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID


class Place(NamedTuple):
    """A place in the order of starts: an instant, and among those who start then a series."""

    floor: datetime
    floor_series: UUID = UUID(int=0)


BEGINNING = Place(datetime(1, 1, 1, tzinfo=UTC))


@dataclass(slots=True)
class Moved:
    """What a step did to a batch: a kind and its outcome (empty where the ledger has none), how many, how late.

    late_s: of each, in seconds. last: the place of the last start among them (None: another step).
    """

    kind: str
    outcome: str
    count: int = 0
    late_s: list[float] = field(default_factory=list)
    last: Place | None = None


def by_kind(rows: Sequence[Any]) -> list[Moved]:
    """Counts by kind, outcome and instant (with the one at which they were written) as one a kind and outcome."""
    found: dict[tuple[str, str], Moved] = {}
    for kind, outcome, count, due_at, applied_at, series_id in rows:
        if count:
            one = found.setdefault((kind, outcome), Moved(kind, outcome))
            one.count += count
            if due_at is not None:
                one.late_s.extend([(applied_at - due_at).total_seconds()] * count)
            if series_id is not None:
                one.last = max(one.last or BEGINNING, Place(due_at, series_id))
    return list(found.values())
