"""The statement that writes a new plan: its series, its one segment and who is enrolled, in one go."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session as Tx
from sqlalchemy.sql.elements import KeyedColumnElement

from db import statements
from db.models import Segment, Series

GIVEN: Final[dict[type[Series | Segment], list[KeyedColumnElement[Any]]]] = {
    model: [column for column in model.__table__.columns if column.computed is None] for model in (Series, Segment)
}
"""The columns that are written; the others are computed from them."""


def inserted(model: type[Series | Segment]) -> str:
    """The INSERT of one row; its parameters are named `table_column`."""
    table = model.__table__
    names = ", ".join(column.name for column in GIVEN[model])
    return f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{table}_{one.name}' for one in GIVEN[model])})"


INSERT: Final = statements.written(f"""
    WITH series AS ({inserted(Series)} RETURNING tenant_id, id),
         segment AS ({inserted(Segment)} RETURNING from_local)
    INSERT INTO enrolment (tenant_id, series_id, user_id, from_local)
    SELECT series.tenant_id, series.id, people.id, segment.from_local
    FROM series, segment, unnest(CAST(:people AS uuid[])) AS people (id)
    RETURNING user_id
""")


def insert(tx: Tx, series: Series, segment: Segment, people: Sequence[UUID]) -> None:
    """Write a plan that is not there yet; its rows stay values, no part of the session of `tx`."""
    values = {
        f"{column.table}_{column.name}": value(row, column) for row in (series, segment) for column in GIVEN[type(row)]
    }
    statements.fetch(tx, INSERT, values | {"people": list(people)})


def value(row: Series | Segment, column: KeyedColumnElement[Any]) -> Any:
    """A column's value as the driver takes it."""
    found = getattr(row, column.key)
    if isinstance(found, dict):
        return Jsonb(found)
    return found.value if isinstance(found, Enum) else found
