"""Statements on the ledger: what people did, and what happened so far."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session as Tx

from db.models import Transition
from db.sessions import SessionKey
from lifecycle import Event, Outcome


class Entry(NamedTuple):
    """A transition to be written down."""

    key: SessionKey
    seq: int
    kind: Event
    effective_at: datetime
    actor: str


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
