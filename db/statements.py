"""Statements that are written once and kept as text, for calls that are made by the thousand.

SQLAlchemy makes a statement anew each time it is asked, which takes longer than the database needs to answer. So what
is asked is a parameter (`asked`), and everything else stands in the text.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import psycopg
from sqlalchemy import BindParameter, Select, TextClause, bindparam, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

DIALECT = make_url("postgresql+psycopg://").get_dialect()()


def asked(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]] | None = None) -> BindParameter[Any]:
    """A parameter of a kept statement; its type is that of the column it is compared with, unless it is given."""
    return bindparam(name, required=False, type_=kind)


class Kept(NamedTuple):
    """A statement as PostgreSQL takes it, with `$1` and so on, and which parameter each of these is."""

    text: str
    names: tuple[str, ...]


def keep(statement: Select[*tuple[Any, ...]] | TextClause) -> Kept:
    """A statement, written once; what is not asked (states, steps) stands in it as it is."""
    compiled = statement.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    names = tuple(name for name, value in compiled.params.items() if value is None)
    told = {name: literal(value) for name, value in compiled.params.items() if value is not None}
    return Kept(str(compiled) % (told | {name: f"${number}" for number, name in enumerate(names, start=1)}), names)


def written(words: str) -> Kept:
    """A statement in words of our own, with `:name` for a parameter."""
    return keep(text(words))


def fetch(tx: Session, kept: Kept, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The rows of a kept statement, from psycopg itself. Raises DBAPIError, as SQLAlchemy would."""
    driver = tx.connection().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    cursor = psycopg.RawCursor(driver)
    try:
        return cursor.execute(kept.text.encode(), [values[name] for name in kept.names]).fetchall()
    except psycopg.Error as error:
        raise DBAPIError.instance(
            kept.text, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=driver.closed
        ) from error


def literal(value: str | bool | int) -> str:
    """A word of ours, a number or a boolean, in SQL."""
    return str(value).lower() if isinstance(value, int) else f"'{value}'"
