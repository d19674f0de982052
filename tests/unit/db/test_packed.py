"""Rows packed by hand are what psycopg would send."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from psycopg.types.datetime import DatetimeBinaryDumper, DatetimeNoTzBinaryDumper, TimedeltaBinaryDumper

from db import packed

INSTANTS = [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)]
GRACES = [
    timedelta(minutes=15),
    timedelta(days=3, seconds=5, microseconds=7),
    timedelta(0),
    timedelta(days=-1, hours=3),
]


@pytest.mark.parametrize("instant", INSTANTS)
def test_instants_and_wall_times_are_microseconds_since_2000(instant: datetime) -> None:
    wall = instant.replace(tzinfo=None)

    assert packed.instants([instant])[0].to_bytes(8, "big", signed=True) == DatetimeBinaryDumper(datetime).dump(instant)
    assert packed.wall(wall) == packed.field(bytes(DatetimeNoTzBinaryDumper(datetime).dump(wall) or b""))


@pytest.mark.parametrize("grace", GRACES)
def test_a_span_keeps_days_apart_from_the_rest(grace: timedelta) -> None:
    assert packed.interval(grace) == packed.field(bytes(TimedeltaBinaryDumper(timedelta).dump(grace) or b""))


def test_nothing_is_a_field_without_length() -> None:
    assert packed.interval(None) == packed.text(None) == b"\xff\xff\xff\xff"


def test_a_block_begins_with_the_signature_and_ends_with_the_trailer() -> None:
    row = packed.head(2, packed.uuid(UUID(int=7)), packed.boolean(True))

    block = packed.block([row])

    assert block.startswith(b"PGCOPY\n\xff\r\n\0")
    assert block.endswith(b"\0\0\0\1\1" + b"\xff\xff")
