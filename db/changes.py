"""Statements on what changed: the log of what people did, and the ledger in the order of its transactions.

Both are read in the order of `transaction_id`, and only below `settled`: the oldest transaction still running. What is
below it has ended, so no row can appear there any more. See `services.changes`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, text
from sqlalchemy.orm import Session as Tx

from db import statements
from db.models import ChangeLog, LedgerBatch
from db.statements import Kept

SETTLED = text("""
    SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint),
           CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)
""")

IN_BATCHES = text("""
    SELECT batch.transaction_id, t.series_id, t.recurrence_id, t.seq, t.kind, t.effective_at, t.applied_at, t.actor
    FROM unnest(CAST(:transaction_ids AS bigint[]), CAST(:applied_ats AS timestamptz[]))
         AS batch (transaction_id, applied_at)
    JOIN transition t ON t.applied_at = batch.applied_at
    WHERE t.tenant_id = :tenant_id AND t.actor = 'system' AND t.applied_at BETWEEN :first AND :last
      AND (batch.transaction_id, t.series_id, t.recurrence_id, t.seq)
          > (:transaction_id, CAST(:series_id AS uuid), CAST(:recurrence_id AS timestamp), :seq)
    ORDER BY batch.transaction_id, t.series_id, t.recurrence_id, t.seq
    LIMIT :limit
""")


NOTE = Kept(
    """
    INSERT INTO change_log (tenant_id, actor, noun, kind, subject)
    SELECT $1::uuid, $2::text, $3::text, kind, subject FROM unnest($4::text[], $5::text[]) AS done (kind, subject)
    RETURNING 1
    """,
    ("tenant_id", "actor", "noun", "kinds", "subjects"),
)
"""Every call that changes something sends it: its text is kept."""


class Batch(NamedTuple):
    """A transaction that wrote to the ledger: when its rows say that they were applied, and how many they are."""

    transaction_id: int
    applied_at: datetime
    sessions: int


class LedgerPlace(NamedTuple):
    """A row of the ledger, in the order of its transactions."""

    transaction_id: int
    series_id: UUID
    recurrence_id: datetime
    seq: int


def settled(tx: Tx) -> tuple[int, int]:
    """The oldest transaction that still runs, and the first that has not begun."""
    oldest, next_ = tx.execute(SETTLED).one()
    return oldest, next_


def batches(tx: Tx, start: int, end: int, limit: int) -> list[Batch]:
    """The writings to the ledger by the transactions from `start` until before `end`, first to last."""
    statement = (
        select(LedgerBatch.transaction_id, LedgerBatch.applied_at, LedgerBatch.sessions)
        .where(LedgerBatch.transaction_id >= start, LedgerBatch.transaction_id < end)
        .order_by(LedgerBatch.transaction_id, LedgerBatch.applied_at)
    )
    return [Batch(*row) for row in tx.execute(statement.limit(limit))]


def ledger(
    tx: Tx, tenant_id: UUID, of_batches: Sequence[Batch], after: LedgerPlace, limit: int
) -> Sequence[Row[tuple[int, UUID, datetime, int, str, datetime, datetime, str]]]:
    """What these batches wrote for a tenant after a place: its columns, and those of what happened."""
    if not of_batches:
        return []
    instants = [batch.applied_at for batch in of_batches]
    given = {
        "transaction_ids": [batch.transaction_id for batch in of_batches],
        "applied_ats": instants,
        "first": min(instants),
        "last": max(instants),
    }
    return tx.execute(IN_BATCHES, {**given, **after._asdict(), "tenant_id": tenant_id, "limit": limit}).all()


def log(tx: Tx, tenant_id: UUID, noun: str, after: tuple[int, int], end: int, limit: int) -> list[ChangeLog]:
    """What people did to one kind of thing: after a transaction and a number in it, before the transaction `end`."""
    transaction_id, seq = after
    statement = select(ChangeLog).where(
        ChangeLog.tenant_id == tenant_id,
        ChangeLog.transaction_id >= transaction_id,
        ChangeLog.transaction_id < end,
        (ChangeLog.transaction_id > transaction_id) | (ChangeLog.seq > seq),
        ChangeLog.noun == noun,
    )
    ordered = statement.order_by(ChangeLog.transaction_id, ChangeLog.seq).limit(limit)
    return list(tx.scalars(ordered))


def note(tx: Tx, tenant_id: UUID, actor: str, noun: str, done: Sequence[tuple[str, str]]) -> None:
    """Write down who did what (kind, subject), in one statement."""
    if done:
        kinds, subjects = ([one[place] for one in done] for place in (0, 1))
        values = {"tenant_id": tenant_id, "actor": actor, "noun": noun, "kinds": kinds, "subjects": subjects}
        statements.fetch(tx, NOTE, values)


def tell(tx: Tx, tenant_id: UUID, actor: str, noun: str, kind: str, told: Sequence[tuple[str, str]]) -> None:
    """Write down what was done to several things (subject, reason), in one statement."""
    if told:
        of_all = {"tenant_id": tenant_id, "actor": actor, "noun": noun, "kind": kind}
        tx.execute(insert(ChangeLog), [of_all | {"subject": subject, "reason": reason} for subject, reason in told])


def forget_batches(tx: Tx, before: datetime) -> int:
    """Forget when the ledger was written to, where it was before an instant; the ledger itself stays. How many."""
    gone = tx.execute(delete(LedgerBatch).where(LedgerBatch.applied_at < before).returning(LedgerBatch.sessions))
    return len(gone.all())
