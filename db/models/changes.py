"""What changed, in the order in which transactions can be told apart; and answers that are kept to be repeated.

`transaction_id` is PostgreSQL's own number of the writing transaction (64 bits, never used twice). A reader that stays
below the oldest one still running misses nothing, however late a transaction commits (`services.changes`).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Integer, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from db.models.schema import Base, Owned

THIS_TRANSACTION = text("CAST(CAST(pg_current_xact_id() AS text) AS bigint)")


class ChangeLog(Owned, Base):
    """Who changed what. Append-only. What the system does to a session by itself is in the ledger instead."""

    __tablename__ = "change_log"
    transaction_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, server_default=THIS_TRANSACTION)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    actor: Mapped[str]  # the id of a key, or `system`
    noun: Mapped[str]  # the kind of thing: sessions, spaces, keys
    kind: Mapped[str]  # what was done to it: create, edit, remove
    subject: Mapped[str]  # its id, as the API writes it
    reason: Mapped[str | None]  # in words, where the system did it


class LedgerBatch(Base):
    """A transaction in which the system wrote to the ledger: at which `applied_at`, and how many sessions it moved.

    One row for all sessions that were moved together, so that a herd pays nothing for being told of. Belongs to no
    tenant; the ledger's rows are read under the tenant's own policy.
    """

    __tablename__ = "ledger_batch"
    transaction_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, server_default=THIS_TRANSACTION)
    applied_at: Mapped[datetime] = mapped_column(primary_key=True)
    sessions: Mapped[int] = mapped_column(Integer)


class IdempotencyKey(Owned, Base):
    """The answer to a POST that came with an `Idempotency-Key`, kept for whoever asks again."""

    __tablename__ = "idempotency_key"
    scope: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)  # digest of API key, path and Idempotency-Key
    asked: Mapped[bytes] = mapped_column(LargeBinary)  # digest of query and body
    status: Mapped[int] = mapped_column(Integer)
    headers: Mapped[dict[str, Any]] = mapped_column(JSON)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)
