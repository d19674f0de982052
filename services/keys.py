"""API keys: `sb_` and 256 random bits; only the SHA-256 is kept, so a key is shown once and never again."""

import hashlib
import secrets
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session as Tx
from uuid_utils.compat import uuid7

from db import statements
from db.models import ApiKey, Role, Tenant
from db.statements import asked, keep
from services.errors import InvalidField

PREFIX = "sb_"
LONGEST_NAME = 200  # characters of a tenant's name


KEY = keep(
    select(ApiKey.tenant_id, ApiKey.id, ApiKey.role).where(
        ApiKey.key_hash == asked("digest"), ApiKey.revoked_at.is_(None)
    )
)


class Caller(NamedTuple):
    """Who calls: the tenant, the key, and what the key may do."""

    tenant_id: UUID
    key_id: UUID
    role: Role


def create(tx: Tx, tenant_name: str, role: Role, now: datetime, time_zone: str = "UTC") -> str:
    """A new key of the tenant of this name, which is made when it is not there. Returns the key itself.

    `tx` belongs to the system, not to a tenant. Raises InvalidField for a name that can't be one.
    """
    key = PREFIX + secrets.token_urlsafe(32)
    tenant = tenant_named(tx, tenant_name, now, time_zone)
    tx.add(ApiKey(tenant_id=tenant.id, id=uuid7(), key_hash=digest(key), role=role, created_at=now))
    tx.flush()
    return key


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
    found = statements.fetch(tx, KEY, {"digest": digest(key)})
    return Caller(found[0][0], found[0][1], Role(found[0][2])) if found else None


def digest(key: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
