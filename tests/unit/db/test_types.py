"""A column refuses the wrong kind of time before a statement is sent."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import postgresql

import recurrence
from db.types import Instant, WallTime, ZoneName

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy
SEOUL = timezone(timedelta(hours=9))


def test_an_instant_is_kept_in_utc() -> None:
    bound = Instant().process_bind_param(datetime(2026, 1, 5, 18, tzinfo=SEOUL), DIALECT)

    assert bound == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert bound.tzinfo is UTC


def test_an_instant_refuses_a_wall_time() -> None:
    with pytest.raises(TypeError, match="expected an aware datetime"):
        Instant().process_bind_param(datetime(2026, 1, 5, 18), DIALECT)


def test_a_stored_instant_comes_back_in_utc() -> None:
    stored = Instant().process_result_value(datetime(2026, 1, 5, 18, tzinfo=SEOUL), DIALECT)

    assert stored is not None
    assert stored.tzinfo is UTC


def test_a_wall_time_refuses_an_instant() -> None:
    with pytest.raises(TypeError, match="expected a naive datetime"):
        WallTime().process_bind_param(datetime(2026, 1, 5, 18, tzinfo=UTC), DIALECT)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "EST5", "../etc/passwd"])
def test_a_zone_that_tzdata_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(recurrence.ZoneError):
        ZoneName().process_bind_param(name, DIALECT)


def test_null_passes_every_type() -> None:
    assert Instant().process_bind_param(None, DIALECT) is None
    assert Instant().process_result_value(None, DIALECT) is None
    assert WallTime().process_bind_param(None, DIALECT) is None
    assert ZoneName().process_bind_param(None, DIALECT) is None
