"""What a session can refer to."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.schema import Base, Owned, one_of


class UserRole(StrEnum):
    """What a person is in the tenant."""

    PARTICIPANT = "participant"
    """Comes to sessions."""

    INSTRUCTOR = "instructor"
    """Gives sessions."""

    STAFF = "staff"
    """Runs the place."""


class Named(Owned):
    """What a session can refer to: a name, a description, a type, and a soft removal."""

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)
    name: Mapped[str]
    description: Mapped[str | None]
    type: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class User(Named, Base):
    """A person: participant, instructor or staff."""

    __tablename__ = "app_user"
    __table_args__ = (UniqueConstraint("tenant_id", "email"), one_of("role", UserRole))
    email: Mapped[str]
    role: Mapped[str]
    erased_at: Mapped[datetime | None]  # since when nothing is kept that tells who this was


class Routine(Named, Base):
    """What a session delivers."""

    __tablename__ = "routine"
    activities: Mapped[list[str]] = mapped_column(server_default="{}")  # in order: what progress counts


class Program(Named, Base):
    """What a session belongs to; a program has many sessions."""

    __tablename__ = "program"


class Timeline(Named, Base):
    """What a session is scheduled in."""

    __tablename__ = "timeline"


class Space(Named, Base):
    """Where a session takes place; exclusive unless the plan says otherwise."""

    __tablename__ = "space"


class Subject(Named, Base):
    """What a session is about."""

    __tablename__ = "subject"
