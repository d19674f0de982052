"""The ledger of one session."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as Tx

from db import ledger
from db.sessions import SessionKey
from lifecycle import Event, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One transition: when it took effect, when it was written, who did it and how it came about."""

    seq: int
    kind: Event
    effective_at: datetime
    applied_at: datetime
    actor: str
    outcome: Outcome


def of_session(tx: Tx, key: SessionKey) -> list[LedgerEntry]:
    """What happened to a session, first to last; empty when nothing has."""
    return [
        LedgerEntry(
            seq=row.seq,
            kind=Event(row.kind),
            effective_at=row.effective_at,
            applied_at=row.applied_at,
            actor=row.actor,
            outcome=Outcome(row.outcome),
        )
        for row in ledger.of_session(tx, key)
    ]
