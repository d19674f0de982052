"""What the database refuses, as problems.

A database that is down or overloaded is a 503: the pool reconnects by itself, so the next request after its return
succeeds. What another transaction was first with is a 409.
"""

from flask import Flask, Response
from psycopg import errors as psycopg
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api_stub.errors import problem, with_retry

LOST = (psycopg.ExclusionViolation, psycopg.UniqueViolation, psycopg.ForeignKeyViolation)
"""What PostgreSQL raises when another transaction was first."""

HELD = "somebody else has been changing it for a while"


def register(app: Flask) -> None:
    """Let `app` answer them as problems."""
    app.register_error_handler(DataError, of_data)
    app.register_error_handler(IntegrityError, of_race)
    for unreachable in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(unreachable, of_database)


def of_data(error: DataError) -> Response:
    """A value that got past the door and that PostgreSQL can't hold."""
    return problem(422, "invalid_field", "a value lies outside what can be stored")


def of_race(error: IntegrityError) -> Response:
    """A write that lost to another one, and again when it was done over; anything else is a fault of ours."""
    if not isinstance(error.orig, LOST):
        raise error
    return problem(409, "conflict", "something that it refers to or takes was changed meanwhile: try again")


def of_database(error: Exception) -> Response:
    """The database does not answer, or somebody else holds what was to be changed: nothing was done."""
    held = isinstance(getattr(error, "orig", None), psycopg.LockNotAvailable)
    return with_retry(problem(503, "unavailable", f"{HELD if held else 'the database does not answer'}; try again"))
