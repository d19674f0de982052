"""A figure counts only for the right answer: what is measured is compared first.

dateutil is the other opinion. In the hour that the clocks skip it gives two starts that are one instant; one of them
stays, as here (decision 3 of the engine).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import recurrence
from bench.expand.engines import Session
from recurrence import Series


class Disagreement(RuntimeError):
    """two answers to one question"""

    def __init__(self, question: str, who: str, got: object, other: str, expected: object) -> None:
        super().__init__(f"{question}: {who} says {got}, {other} says {expected}")


def same(question: str, ours: Iterable[Session], theirs: Iterable[Session], limit: int | None = None) -> int:
    """How many sessions there are, of `theirs` at most `limit`. Raises Disagreement at the first that differs."""
    mine = [tuple(session) for session in ours]
    differ(question, "this engine", mine, "dateutil", comparable(theirs)[:limit])
    return len(mine)


def comparable(theirs: Iterable[Session]) -> list[Session]:
    """dateutil's sessions as ours are told: local starts without offset, one session an instant."""
    by_instant: dict[datetime, Session] = {}
    for local, start, end in theirs:
        by_instant[start] = (local.replace(tzinfo=None), start, end)
    return list(by_instant.values())


def same_bulk(question: str, text: str, start: datetime, end: datetime) -> None:
    """Whether `columns` tells what `expand` does. Raises Disagreement."""
    series = Series.from_ical(text)
    lists = list(zip(*recurrence.columns(series, start, end), strict=True))
    differ(question, "columns", lists, "expand", [tuple(session) for session in recurrence.expand(series, start, end)])


def differ(question: str, who: str, mine: Sequence[object], other: str, theirs: Sequence[object]) -> None:
    """Raises Disagreement with the first element in which two lists differ."""
    if mine == theirs:
        return
    at = next((n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs)))
    got, expected = ((found[at] if at < len(found) else "no more") for found in (mine, theirs))
    raise Disagreement(f"{question}, session {at + 1}", who, told(got), other, told(expected))


def told(session: object) -> str:
    """One session in a sentence."""
    return " / ".join(map(str, session)) if isinstance(session, tuple) else str(session)
