"""Statements on the ledger: what people did, and what happened so far."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session as Tx

from db.models import Transition
from db.sessions import SessionKey, arrays
from lifecycle import Event, Outcome, State


class Entry(NamedTuple):
    """A transition to be written down."""

    key: SessionKey
    seq: int
    kind: Event
    effective_at: datetime
    actor: str


CALL_OFF = text("""
    WITH moved AS (
        UPDATE session s SET state = :cancelled, seq = s.seq + 1, next_step = NULL, next_due_at = NULL,
                             set_aside = NULL,
                             ended_at = CASE s.state WHEN :in_progress THEN CAST(:now AS timestamptz) END
        FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]), CAST(:recurrence_ids AS timestamp[]))
             AS k (tenant_id, series_id, recurrence_id)
        WHERE (s.tenant_id, s.series_id, s.recurrence_id) = (k.tenant_id, k.series_id, k.recurrence_id)
        RETURNING s.tenant_id, s.series_id, s.recurrence_id, s.seq
    )
    INSERT INTO transition (tenant_id, series_id, recurrence_id, seq, kind, effective_at, applied_at, actor, outcome)
    SELECT tenant_id, series_id, recurrence_id, seq, :cancel, :now, :now, :actor, :by_hand FROM moved
""")


def call_off(tx: Tx, keys: Sequence[SessionKey], actor: str, now: datetime) -> None:
    """Cancel these sessions and write it down, in one statement."""
    if keys:
        words = {"cancelled": State.CANCELLED, "in_progress": State.IN_PROGRESS, "cancel": Event.CANCEL}
        tx.execute(CALL_OFF, arrays(keys) | words | {"by_hand": Outcome.BY_HAND, "actor": actor, "now": now})


def enter(tx: Tx, entries: Sequence[Entry], applied_at: datetime) -> None:
    """Write down what people did, all at once."""
    if entries:
        rows = [
            entry.key._asdict()
            | {"seq": entry.seq, "kind": entry.kind, "effective_at": entry.effective_at}
            | {"applied_at": applied_at, "actor": entry.actor, "outcome": Outcome.BY_HAND}
            for entry in entries
        ]
        tx.execute(insert(Transition), rows)


def of_session(tx: Tx, key: SessionKey) -> list[Transition]:
    """What happened to a session, first to last."""
    of_key = [getattr(Transition, name) == value for name, value in key._asdict().items()]
    return list(tx.scalars(select(Transition).where(*of_key).order_by(Transition.seq)))
