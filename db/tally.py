"""Counts that outlive the process that counted: rows of `tally`, written in the transaction of what they count.

A process that is killed takes its counters along; what it did is in the database. So each batch adds rows there, and
only adds: no row is locked, nobody waits for anybody, and a batch that is rolled back was not counted. Rows add up
by name and labels; from time to time they are folded into their sums, by whoever comes by, passing over what
another one is folding.
"""

import json
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session as Tx

LATENESS = "lateness"
BATCHES = "batches"
HINTS = "hints"
AUDITED = "audited"
AUDIT_MISMATCHES = "audit_mismatch"
LATE_CLASHES = "late_clash"

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
"""Upper bounds of the buckets of lateness (seconds). Another choice needs another name than `LATENESS`."""

FOLD_FROM = 200  # rows; below, adding them up costs a scrape nothing

ADD = text("""
    INSERT INTO tally (name, labels, amounts)
    SELECT name, labels, amounts
    FROM jsonb_to_recordset(CAST(:counts AS jsonb)) AS new (name text, labels text[], amounts float8[])
""")

SUM = """
    SELECT name, labels, array_agg(amount ORDER BY place) AS amounts
    FROM (SELECT name, labels, place, sum(amount) AS amount
          FROM {rows}, unnest(amounts) WITH ORDINALITY AS part (amount, place) GROUP BY name, labels, place) AS summed
    GROUP BY name, labels"""

TOTALS = text(SUM.format(rows="tally"))

FOLD = text(f"""
    WITH gone AS (
        DELETE FROM tally WHERE id IN (SELECT id FROM tally FOR UPDATE SKIP LOCKED)
        AND (SELECT count(*) FROM tally) >= :fold_from
        RETURNING name, labels, amounts
    )
    INSERT INTO tally (name, labels, amounts) {SUM.format(rows="gone")}
""")


class Count(NamedTuple):
    """What was counted, of which kind, and how much; several amounts are added up place by place."""

    name: str
    labels: Sequence[str]
    amounts: Sequence[float]


def lateness(labels: Sequence[str], late_s: Sequence[float]) -> Count:
    """A batch's lateness (seconds each) as a count: how many in each bucket, how many above the last, and their sum."""
    ordered = sorted(late_s)
    below = [0, *(bisect_right(ordered, bound) for bound in BOUNDS_S), len(ordered)]
    in_bucket = [upper - lower for lower, upper in pairwise(below)]
    return Count(LATENESS, labels, (*in_bucket, sum(ordered)))


def add(tx: Tx, counts: Sequence[Count]) -> None:
    """Write these down, in one statement."""
    if counts:
        tx.execute(ADD, {"counts": json.dumps([count._asdict() for count in counts])})


def totals(tx: Tx) -> list[Count]:
    """Everything counted so far, added up."""
    return [Count(row.name, row.labels, row.amounts) for row in tx.execute(TOTALS)]


def fold(tx: Tx) -> None:
    """Replace the rows by their sums, once there are many."""
    tx.execute(FOLD, {"fold_from": FOLD_FROM})
