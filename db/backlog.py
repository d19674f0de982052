"""What waits, in numbers, for those who watch: look-ups in indexes, however many rows are stored.

Counting costs as much as is counted, so nothing is counted beyond `MOST`.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session as Tx

from lifecycle import Step

MOST = 10_000  # rows; a backlog of so many is alarming, whatever its size

DUE = text("""
    SELECT 'START' AS step, count(*) AS number, min(start_at) AS oldest FROM (
        SELECT start_at FROM session WHERE next_step = 'START' AND start_at <= :now ORDER BY start_at LIMIT :most
    ) AS counted
    UNION ALL
    SELECT step, number, oldest FROM unnest(ARRAY['END', 'CLOSE', 'MEASURE']) AS step, LATERAL (
        SELECT count(*) AS number, min(later_at) AS oldest FROM (
            SELECT later_at FROM session WHERE later_step = step AND later_at <= :now AND next_step = step
            ORDER BY later_at LIMIT :most
        ) AS counted
    ) AS found
""")

PLANS = text("""
    SELECT (SELECT count(*) FROM (SELECT FROM segment WHERE next_materialize_at <= :now LIMIT :most) AS counted)
               AS waiting,
           (SELECT min(next_materialize_at) FROM segment WHERE next_materialize_at IS NOT NULL) AS first_look,
           (SELECT count(*) FROM (SELECT FROM session WHERE set_aside IS NOT NULL LIMIT :most) AS counted)
               AS sessions_set_aside,
           (SELECT count(*) FROM (SELECT FROM segment WHERE set_aside IS NOT NULL LIMIT :most) AS counted)
               AS plans_set_aside
""")


class Due(NamedTuple):
    """How many sessions are due for a step, and since when the oldest of them is (None: none is due)."""

    number: int
    oldest: datetime | None


class Plans(NamedTuple):
    """How many plans want their sessions written; when the first of all wants it; what was set aside."""

    waiting: int
    first_look: datetime | None
    sessions_set_aside: int
    plans_set_aside: int


def due(tx: Tx, now: datetime) -> dict[Step, Due]:
    """What is due at `now`, by step."""
    rows = tx.execute(DUE, {"now": now, "most": MOST})
    return {Step(row.step): Due(row.number, row.oldest) for row in rows}


def plans(tx: Tx, now: datetime) -> Plans:
    """What of the plans waits at `now`, and what was set aside."""
    return Plans(*tx.execute(PLANS, {"now": now, "most": MOST}).one())
