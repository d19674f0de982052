"""The ledger of one session, and whether anything happened that must not be forgotten."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session as Tx

from db import ledger
from db.models import Attendance, Session
from db.sessions import SessionKey
from lifecycle import Event, Outcome
from services.errors import Conflict


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


def refuse(
    tx: Tx,
    tenant_id: UUID,
    series_id: UUID,
    recurrence_id: datetime | None = None,
    since: datetime | None = None,
    *,
    force: bool,
) -> None:
    """Raise Conflict when something happened that deleting would forget, unless it is forced.

    Of one session (`recurrence_id`), of those from a recurrence id on (`since`), or of a whole plan.
    """
    of_target = [Session.tenant_id == tenant_id, Session.series_id == series_id]
    if recurrence_id is not None:
        of_target.append(Session.recurrence_id == recurrence_id)
    if since is not None:
        of_target.append(Session.recurrence_id >= since)
    attended = exists().where(
        Attendance.tenant_id == Session.tenant_id,
        Attendance.series_id == Session.series_id,
        Attendance.recurrence_id == Session.recurrence_id,
    )
    history = select(exists().where(*of_target, or_(Session.started_at.is_not(None), attended)))
    if not force and tx.scalar(history):
        raise Conflict("it has history (it started, or somebody was marked): remove it, or force the deletion")
