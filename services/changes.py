"""What changed in a tenant since a place: what people did, and what the system did to sessions by itself.

A reader that goes on from "the last row I saw" by a clock or a counter misses rows: a transaction that began first may
commit last. So the order here is that of PostgreSQL's own transaction numbers, and a page ends below the oldest
transaction that still runs: all that is below has ended, and nothing can appear there any more. The price is that a
change is told when the writing transactions older than it have ended, of whatever database of the server.

What people did is written down in the transaction of what they did (`note`). What the system did is in the ledger, and
one row for each of its transactions says where (`ledger_batch`), for `KEPT`. Both are told at least once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from db import changes
from db.changes import Batch, LedgerPlace
from db.sessions import SessionKey
from services import identity
from services.errors import InvalidField

KEPT = timedelta(days=30)
"""How long after it was given a cursor is good."""

SESSIONS = "sessions"
SYSTEM = "system"
MOST_BATCHES = 1000
MOST_SESSIONS = 20_000
"""How much of the ledger is looked at for one page; the page may then have few entries, or none, and more to come."""

ALL_OF_IT = 2**63 - 1
FIRST = UUID(int=0)
NEVER = datetime(1, 1, 1)


class Place(NamedTuple):
    """A place in the order of changes: a transaction, and in it a row of the ledger, or after those one of the log.

    The tuple's own order is that of the changes. A place in the log names no session: it has `FIRST` and `NEVER`.
    """

    transaction_id: int
    is_in_log: bool
    series_id: UUID
    recurrence_id: datetime
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: of which plan or session (its id as the API writes it), what, when, by whom, and perhaps why."""

    place: Place
    subject: str
    kind: str
    effective_at: datetime
    applied_at: datetime
    actor: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """A page of changes, first to last, where the next one begins, and whether there is more by now."""

    items: list[Change]
    next: Place
    has_more: bool


def in_log(transaction_id: int, seq: int) -> Place:
    """The place of a row of the log."""
    return Place(transaction_id, True, FIRST, NEVER, seq)


BEGINNING = in_log(0, ALL_OF_IT)


def since(tx: Tx, tenant_id: UUID, after: Place, limit: int) -> Changes:
    """The changes of sessions and plans after a place, a page of them.

    Raises InvalidField for a place that this database has not reached: it was made up, or given by another one.
    """
    settled, next_ = changes.settled(tx)
    if after.transaction_id >= next_:
        raise InvalidField("cursor", "got a cursor from ahead of this database, expected one that it gave")
    found = changes.batches(tx, after.transaction_id, settled, MOST_BATCHES)
    taken, end = within_reach(found, settled)
    items = sorted(
        [*ledger(tx, tenant_id, taken, after, limit), *log(tx, tenant_id, after, end, limit)],
        key=lambda change: change.place,
    )
    if len(items) > limit:
        shown = items[:limit]
        return Changes(items=shown, next=shown[-1].place, has_more=True)
    return Changes(items=items, next=max(after, in_log(end - 1, ALL_OF_IT)), has_more=end < settled)


def latest(tx: Tx) -> Place:
    """The place after everything that can be told by now."""
    return in_log(changes.settled(tx)[0] - 1, ALL_OF_IT)


def within_reach(found: Sequence[Batch], settled: int) -> tuple[list[Batch], int]:
    """As many of these batches as one page may cost, and the transaction before which they end.

    A transaction is taken whole or not at all, but for the first one, which is always taken.
    """
    sessions, end = 0, settled
    for place, batch in enumerate(found):
        begins = place == 0 or batch.transaction_id > found[place - 1].transaction_id
        if begins and place and sessions > MOST_SESSIONS:
            end = batch.transaction_id
            break
        sessions += batch.sessions
    if end == settled and len(found) == MOST_BATCHES:
        end = found[-1].transaction_id
    return [batch for batch in found if batch.transaction_id < end], end


def ledger(tx: Tx, tenant_id: UUID, batches: Sequence[Batch], after: Place, limit: int) -> list[Change]:
    """What the system did in these batches after a place; one more than the limit."""
    begun = LedgerPlace(after.transaction_id, after.series_id, after.recurrence_id, after.seq)
    if after.is_in_log:
        begun = LedgerPlace(after.transaction_id + 1, FIRST, NEVER, -1)
    return [
        Change(
            place=Place(row.transaction_id, False, row.series_id, row.recurrence_id, row.seq),
            subject=identity.format_id(row.series_id, row.recurrence_id),
            kind=row.kind,
            effective_at=row.effective_at,
            applied_at=row.applied_at,
            actor=row.actor,
        )
        for row in changes.ledger(tx, tenant_id, batches, begun, limit + 1)
    ]


def log(tx: Tx, tenant_id: UUID, after: Place, end: int, limit: int) -> list[Change]:
    """What people did after a place and before a transaction; one more than the limit."""
    begun = (after.transaction_id, after.seq if after.is_in_log else -1)
    return [
        Change(
            place=in_log(row.transaction_id, row.seq),
            subject=row.subject,
            kind=row.kind,
            effective_at=row.at,
            applied_at=row.at,
            actor=row.actor,
            reason=row.reason,
        )
        for row in changes.log(tx, tenant_id, SESSIONS, begun, end, limit + 1)
    ]


def note(tx: Tx, tenant_id: UUID, actor: str, noun: str, done: Sequence[tuple[str, str]]) -> None:
    """Write down who did what (kind, subject's id) to things of one kind, in the transaction in which it is done."""
    changes.note(tx, tenant_id, actor, noun, done)


def note_system(tx: Tx, kind: str, keys: Sequence[SessionKey]) -> None:
    """Write down what the system did to sessions that is no transition. `tx` belongs to the system."""
    for tenant_id in {key.tenant_id for key in keys}:
        ids = [identity.format_id(*key[1:]) for key in keys if key.tenant_id == tenant_id]
        changes.note(tx, tenant_id, SYSTEM, SESSIONS, [(kind, id_) for id_ in ids])


def tell(tx: Tx, tenant_id: UUID, kind: str, told: Sequence[tuple[str, str]]) -> None:
    """Write down what the system did to plans and sessions by a rule of theirs: each one's id, and why."""
    changes.tell(tx, tenant_id, SYSTEM, SESSIONS, kind, told)


def forget(tx: Tx, now: datetime) -> int:
    """Forget what no cursor can be for any more. How many writings of the ledger that was."""
    return changes.forget_batches(tx, now - KEPT - timedelta(days=1))
