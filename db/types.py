"""Column types that refuse the wrong kind of time at the border.

TypeError, ValueError
└── raised when a value is bound, before any statement is sent
"""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

import recurrence


class Instant(TypeDecorator[datetime]):
    """An instant: aware, kept and returned in UTC. A naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The value in UTC. Raises TypeError for anything but an aware datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError(f"got {value!r}, expected an aware datetime (an instant)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored instant in UTC, whatever the connection's time zone is."""
        return None if value is None else value.astimezone(UTC)


class WallTime(TypeDecorator[datetime]):
    """A naive wall time: what a clock on the wall shows. An aware value is refused."""

    impl = DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The value itself. Raises TypeError for anything but a naive datetime."""
        if value is not None and value.tzinfo is not None:
            raise TypeError(f"got {value!r}, expected a naive datetime (a wall time)")
        return value


class ZoneName(TypeDecorator[str]):
    """The name of a zone in the tzdata package, such as Asia/Seoul or UTC."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The name itself. Raises ZoneError for a zone that tzdata does not have."""
        if value is not None:
            recurrence.check_zone(value)
        return value
