"""The address of the database, as the environment names it.

Apart from the other settings, so that a command that needs no other reads no other.

    SettingsError (ValueError)    one or more variables are wrong
"""

import os
from urllib.parse import urlsplit

DATABASE = "DATABASE_URL"


class SettingsError(ValueError):
    """one or more environment variables are wrong"""

    def __init__(self, complaints: list[str]) -> None:
        self.complaints = complaints
        super().__init__("wrong settings: " + "; ".join(complaints))


def given() -> str | None:
    """The address that the environment gives; None: none, or an empty one. Raises SettingsError."""
    url = os.environ.get(DATABASE)
    try:
        return of_database(url) if url else None
    except ValueError as error:
        raise SettingsError([f"{DATABASE}: {error}"]) from None


def of_database(url: str) -> str:
    """The address in the one spelling that we use. Raises ValueError."""
    scheme, found, rest = url.partition("://")
    if not found or scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise ValueError(f"got {without_password(url)!r}, expected postgresql://user:password@host:port/database")
    if len(urlsplit(url).path) < 2:
        raise ValueError(f"got {without_password(url)!r}, expected the name of a database at its end")
    return "postgresql://" + rest


def without_password(url: str) -> str:
    """An address as it may be shown."""
    head, at, tail = url.rpartition("@")
    return "…@" + tail if at else head + tail
