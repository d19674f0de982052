"""API keys: `sb_` and 256 random bits; only the SHA-256 is kept, so a key is shown once and never again.

A key of a calendar feed says so at its beginning, because it may stand in an address, where others see it. When a key
was last used is written down once a minute at most, so that a look stays a look.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Engine, Row, select, text, tuple_, update
from sqlalchemy.orm import Session as Tx
from uuid_utils.compat import uuid7

from db import engine as database
from db.models import ApiKey, Role, Tenant
from services.errors import InvalidField, NotFound

PREFIX = "sb_"
FEED_PREFIX = "sb_feed_"
LONGEST_NAME = 200  # characters of a tenant's name
USE_IS_TOLD_EVERY = timedelta(minutes=1)


KEY = text("SELECT tenant_id, id, role FROM key_holder(:digest)")


class Caller(NamedTuple):
    """Who calls: the tenant, the key, and what the key may do."""

    tenant_id: UUID
    key_id: UUID
    role: Role


class Entered(NamedTuple):
    """A transaction of a caller, since when (an instant), who that is, and when the key was used before."""

    tx: Tx
    now: datetime
    caller: Caller
    last_used_at: datetime | None


class Issued(NamedTuple):
    """A new key: the text that opens the door, told this once, and what is kept of it."""

    key: str
    row: ApiKey


def create(tx: Tx, tenant_name: str, role: Role, now: datetime, time_zone: str = "UTC") -> str:
    """A new key of the tenant of this name, which is made when it is not there. Returns the key itself.

    `tx` belongs to the system, not to a tenant. Raises InvalidField for a name that can't be one.
    """
    return issue(tx, tenant_named(tx, tenant_name, now, time_zone).id, role, now).key


def issue(tx: Tx, tenant_id: UUID, role: Role, now: datetime, name: str | None = None) -> Issued:
    """A new key of a tenant; `name` tells people what it is used for."""
    key = (FEED_PREFIX if role is Role.FEED else PREFIX) + secrets.token_urlsafe(32)
    row = ApiKey(tenant_id=tenant_id, id=uuid7(), key_hash=digest(key), role=role, name=name, created_at=now)
    tx.add(row)
    tx.flush()
    return Issued(key, row)


def tenant_named(tx: Tx, name: str, now: datetime, time_zone: str) -> Tenant:
    """The tenant of this name; made, with this time zone, when it is not there. Raises InvalidField."""
    check_name(name)
    tenant = tx.scalar(select(Tenant).where(Tenant.name == name))
    if tenant is None:
        tenant = Tenant(id=uuid7(), name=name, time_zone=time_zone, created_at=now)
        tx.add(tenant)
        tx.flush()
    return tenant


def check_name(name: str) -> str:
    """The name, if a tenant may have it. Raises InvalidField."""
    if not name.strip() or len(name) > LONGEST_NAME:
        got = f"{len(name)} characters" if name.strip() else repr(name[:LONGEST_NAME])
        raise InvalidField("tenant", f"got {got}, expected a name of 1 to {LONGEST_NAME} characters")
    return name


def authenticate(tx: Tx, key: str) -> Caller | None:
    """Who holds this key; None for a key that is unknown or revoked. `tx` belongs to the system."""
    found = tx.execute(KEY, {"digest": digest(key)}).one_or_none()
    return None if found is None else Caller(found.tenant_id, found.id, Role(found.role))


def enter(engine: Engine, key: str) -> Entered | None:
    """A transaction confined to the tenant of this key, open until somebody ends it, and who holds it.

    None for a key that is unknown or revoked.
    """
    found = database.enter(engine, digest(key))
    if found is None:
        return None
    tx, held = found
    return Entered(tx, held.now, Caller(held.tenant_id, held.key_id, Role(held.role)), held.last_used_at)


def use(entered: Entered) -> None:
    """Write down that a key is used, if that was not done within the last minute."""
    tx, now, caller, before = entered
    if before is None or now - before >= USE_IS_TOLD_EVERY:
        tell_use(tx, caller.tenant_id, caller.key_id, now)


def tell_use(tx: Tx, tenant_id: UUID, key_id: UUID, now: datetime) -> None:
    """Write down that a key is used; who is busy with the same leaves it to the other one."""
    free = select(ApiKey.tenant_id, ApiKey.id).where(ApiKey.tenant_id == tenant_id, ApiKey.id == key_id)
    mine = tuple_(ApiKey.tenant_id, ApiKey.id).in_(free.with_for_update(skip_locked=True))
    telling = update(ApiKey).where(mine).values(last_used_at=now)
    tx.execute(telling.execution_options(synchronize_session=False))


def listing(tx: Tx, tenant_id: UUID, limit: int, after: UUID | None) -> list[ApiKey]:
    """A tenant's keys in the order in which they were made, after an id; revoked ones too; at most `limit`."""
    statement = select(ApiKey).where(ApiKey.tenant_id == tenant_id).order_by(ApiKey.id).limit(limit)
    return list(tx.scalars(statement if after is None else statement.where(ApiKey.id > after)))


def of_tenants(tx: Tx, tenant_name: str | None) -> Sequence[Row[ApiKey, str]]:
    """Every key with its tenant's name, or those of one tenant. `tx` belongs to the system."""
    statement = select(ApiKey, Tenant.name).join(Tenant, Tenant.id == ApiKey.tenant_id)
    if tenant_name is not None:
        statement = statement.where(Tenant.name == tenant_name)
    return tx.execute(statement.order_by(Tenant.name, ApiKey.id)).all()


def get(tx: Tx, key_id: UUID) -> ApiKey:
    """The key with this id, that `tx` may see. Raises NotFound."""
    row = tx.scalar(select(ApiKey).where(ApiKey.id == key_id))
    if row is None:
        raise NotFound("key", key_id)
    return row


def revoke(tx: Tx, key_id: UUID, now: datetime) -> ApiKey:
    """Let a key open nothing any more, from the end of this transaction; the first time is kept. Raises NotFound."""
    row = get(tx, key_id)
    if row.revoked_at is None:
        row.revoked_at = now
        tx.flush()
    return row


def digest(key: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
