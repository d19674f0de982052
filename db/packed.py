"""Rows in the binary format of COPY, packed by hand: a block of bytes for each segment's new sessions.

A row is the number of its fields, then each field as its length and its value, all big-endian. Times are microseconds
since 2000 in UTC, or on the wall; a range is a byte of flags and two fields. What all sessions of a segment share comes
first in a row and is packed once.

https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"
"""

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

BEGINNING: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)  # the signature, no flags, no extension
END: Final = b"\xff\xff"
NULL: Final = b"\xff\xff\xff\xff"

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
WALL_EPOCH: Final = datetime(2000, 1, 1)
MICROSECOND: Final = timedelta(microseconds=1)
DAY: Final = timedelta(days=1)

times = struct.Struct(">iqiqiqiqiq").pack  # five times, each after its length (8)
time_and_range = struct.Struct(">iqiBiqiq").pack  # a time; a range's length (25), flags (2: half-open) and two times


def block(rows: Iterable[bytes]) -> bytes:
    """The rows as COPY reads them."""
    return b"".join((BEGINNING, *rows, END))


def head(count: int, *fields: bytes) -> bytes:
    """The beginning of a row of so many fields: the first of them."""
    return struct.pack(">h", count) + b"".join(fields)


def field(value: bytes) -> bytes:
    """A value after its length."""
    return struct.pack(">i", len(value)) + value


def uuid(value: UUID) -> bytes:
    """A field of type uuid."""
    return field(value.bytes)


def text(value: str | None) -> bytes:
    """A field of type text."""
    return NULL if value is None else field(value.encode())


def boolean(value: bool) -> bytes:
    """A field of type boolean."""
    return field(bytes((value,)))


def wall(value: datetime) -> bytes:
    """A field of type timestamp."""
    return field(struct.pack(">q", (value - WALL_EPOCH) // MICROSECOND))


def interval(value: timedelta | None) -> bytes:
    """A field of type interval: whole days beside the rest, as psycopg writes them, no months."""
    if value is None:
        return NULL
    return field(struct.pack(">qii", (value % DAY) // MICROSECOND, value // DAY, 0))


def walls(values: Sequence[datetime]) -> list[int]:
    """Wall times as numbers."""
    return [(value - WALL_EPOCH) // MICROSECOND for value in values]


def instants(values: Sequence[datetime]) -> list[int]:
    """Instants as numbers."""
    return [(value - EPOCH) // MICROSECOND for value in values]
