"""Answers that are kept to be repeated: the same request, asked again, is answered again and not done again.

A request is known by a scope: whose API key it is, the path, and the `Idempotency-Key` that the client chose. The
answer is written in the transaction of what it tells of, so there is never one without the other; a process that dies
in between leaves neither. While the first request runs it holds a lock on its scope, which ends with its transaction
whatever becomes of it: who asks meanwhile is told so at once, and waits for nobody.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session as Tx

from db.models import IdempotencyKey
from services.errors import KeyReused, StillRunning

KEPT = timedelta(hours=24)
SWEPT_AT_ONCE = 100  # of a tenant's old answers, with each new one


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that can be repeated: what it is known by, and a digest of all that was asked."""

    tenant_id: UUID
    scope: bytes
    asked: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An answer: its status, headers and body as they went out."""

    status: int
    headers: dict[str, str]
    body: bytes


def digest(*parts: str | bytes) -> bytes:
    """A digest of texts, each with its length, so that no two lists of them have the same."""
    found = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        found.update(len(raw).to_bytes(8, "big") + raw)
    return found.digest()


def begin(tx: Tx, asked: Asked, now: datetime) -> Told | None:
    """What was answered when this was asked before; None: it is the first time, and the scope is held until the end.

    Raises StillRunning while another transaction holds the scope; KeyReused when something else was asked then.
    """
    number = int.from_bytes(digest(asked.tenant_id.bytes, asked.scope)[:8], "big", signed=True)
    if not tx.scalar(select(func.pg_try_advisory_xact_lock(number))):
        raise StillRunning
    kept = tx.get(IdempotencyKey, (asked.tenant_id, asked.scope))
    if kept is None or kept.created_at <= now - KEPT:
        return None
    if kept.asked != asked.asked:
        raise KeyReused
    return Told(status=kept.status, headers=kept.headers, body=kept.body)


def keep(tx: Tx, asked: Asked, told: Told, now: datetime) -> None:
    """Keep the answer; an older one that is not good any more gives way, and so do some others of the tenant."""
    row = {"asked": asked.asked, "status": told.status, "headers": told.headers, "body": told.body, "created_at": now}
    statement = insert(IdempotencyKey).values(tenant_id=asked.tenant_id, scope=asked.scope, **row)
    tx.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "scope"], set_=row))
    forget(tx, now, SWEPT_AT_ONCE)


def forget(tx: Tx, now: datetime, limit: int) -> int:
    """Forget answers that are not good any more, those that nobody holds; of the tenant, or of all. How many."""
    old = select(IdempotencyKey.tenant_id, IdempotencyKey.scope).where(IdempotencyKey.created_at <= now - KEPT)
    free = old.order_by(IdempotencyKey.created_at).limit(limit).with_for_update(skip_locked=True).cte()
    gone = delete(IdempotencyKey).where(
        IdempotencyKey.tenant_id == free.c.tenant_id, IdempotencyKey.scope == free.c.scope
    )
    deleted = tx.execute(gone.returning(IdempotencyKey.status).execution_options(synchronize_session=False))
    return len(deleted.all())
