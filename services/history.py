"""What happened to a session: its ledger, and what took effect though no worker has written it yet.

A read tells the effective state; its history says the same. What is due follows from the row as the statements of
`db.due` will write it, with no instant at which it was written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session as Tx

from db import ledger
from db.models import Attendance, Session
from db.sessions import SessionKey
from lifecycle import ON_TIME_WITHIN, Event, Outcome, State, Step
from services import settled
from services.errors import Conflict

SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One transition: when it took effect, when it was written (None: not yet), who did it and how it came about."""

    seq: int
    kind: Event
    effective_at: datetime
    applied_at: datetime | None
    actor: str
    outcome: Outcome


def effective(tx: Tx, key: SessionKey, now: datetime) -> list[LedgerEntry]:
    """What happened to a session by `now`, written or not, first to last; empty when nothing has."""
    row = tx.scalar(select(Session).where(*settled.is_session(key)))
    written = of_session(tx, key)  # after the row: what a worker wrote in between is told once
    last = written[-1].seq if written else 0
    return written + [entry for entry in due(row, now) if entry.seq > last] if row else written


def of_session(tx: Tx, key: SessionKey) -> list[LedgerEntry]:
    """What is written down of a session, first to last."""
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


def due(row: Session, now: datetime) -> Iterator[LedgerEntry]:
    """What is due at `now` and has not been done to this row, first to last."""
    if row.next_due_at is None or row.next_due_at > now:
        return
    if row.next_step == Step.START:
        if row.misfire_grace is not None and row.next_due_at + row.misfire_grace < now:
            yield entry(row.seq + 1, Event.MISS, row.next_due_at, Outcome.MISFIRE)
            return
        yield entry(row.seq + 1, Event.START, row.next_due_at, punctual(row.next_due_at, now))
        if row.end_due_at <= now and row.misfire_grace is None:
            yield ending(row, row.seq + 2, Event.END, row.end_due_at, now)
    elif row.next_step == Step.END:
        kind = Event.END if row.state == State.IN_PROGRESS else Event.MISS
        yield ending(row, row.seq + 1, kind, row.next_due_at, now)


def ending(row: Session, seq: int, kind: Event, at: datetime, now: datetime) -> LedgerEntry:
    """The end of a session, or that it was missed at its end."""
    return entry(seq, kind, at, Outcome.OVERRUN if at > row.ends_at else punctual(at, now))


def punctual(at: datetime, now: datetime) -> Outcome:
    """How late it is for what was due then."""
    return Outcome.CAUGHT_UP if now - at > ON_TIME_WITHIN else Outcome.ON_TIME


def entry(seq: int, kind: Event, at: datetime, outcome: Outcome) -> LedgerEntry:
    """What the system will write down."""
    return LedgerEntry(seq=seq, kind=kind, effective_at=at, applied_at=None, actor=SYSTEM, outcome=outcome)


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
