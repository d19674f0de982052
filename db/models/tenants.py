"""Tenants and their API keys."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from db.models.schema import Base, Owned, one_of
from db.types import ZoneName


class Role(StrEnum):
    """What an API key may do; each role may do what the ones before it may."""

    FEED = "feed"
    """Reads calendar feeds and nothing else; may stand in an address."""

    VIEWER = "viewer"
    """Reads."""

    STAFF = "staff"
    """Also starts, ends, cancels, marks attendance."""

    ADMIN = "admin"
    """Also plans, edits, removes, deletes, manages keys and what sessions refer to."""


class Tenant(Base):
    """A studio, school or clinic: nothing is shared between two of them."""

    __tablename__ = "tenant"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    time_zone: Mapped[str] = mapped_column(ZoneName)
    created_at: Mapped[datetime]


class ApiKey(Owned, Base):
    """A bearer key; only its SHA-256 is kept."""

    __tablename__ = "api_key"
    __table_args__ = (one_of("role", Role),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    role: Mapped[str]
    name: Mapped[str | None]  # for people: what it is used for
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]  # to the minute
    revoked_at: Mapped[datetime | None]
