"""What all tables share: how constraints are named, and the column type of each Python type."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from db.types import Instant

NAMING = {
    "pk": "%(table_name)s_pkey",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
}


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """The CHECK that keeps a text column to the values of an enum."""
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def readable(name: str, *columns: str) -> CheckConstraint:
    """The CHECK that keeps columns, all instants or all wall times, to the years that Python can read: 1 to 9999.

    PostgreSQL has more, and two infinities. A row that can't be read would stop whoever reads it beside many others.
    """
    listed = ", ".join(columns)
    first, last = "'0001-01-01 00:00:00+00'", "'9999-12-31 23:59:59.999999+00'"
    return CheckConstraint(f"least({listed}) >= {first} AND greatest({listed}) <= {last}", name=name)


class Base(DeclarativeBase):
    """What all tables share: constraint names, and the column type of each Python type."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {str: Text, UUID: Uuid, datetime: Instant, date: Date, list[str]: ARRAY(Text)}


class Owned:
    """The column that leads every key of a tenant's rows."""

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True, sort_order=-2)
