"""Times on the wire: RFC 3339 instants, and local times without offset.

Written are instants in UTC with `Z`. Read are `2026-01-05T18:00`, with or without seconds, with or without an offset. A
plan knows whole seconds: a fraction is cut off. Years 2 to 9998 are taken, so that no conversion between zones leaves
the calendar.
"""

import re
from datetime import UTC, date, datetime

from services.plan_draft import YEARS

SHAPE = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(\.\d{1,12})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)
OFFSET = re.compile(r"(?<=[Tt ])[\d:.]+([+-](\d\d):?\d\d)$", re.ASCII)
NO_OFFSET_H = 16  # Manila was 15:56 behind Greenwich once
EXPECTED = "a time like 2026-01-05T18:00:00Z, 2026-01-05T18:00:00+09:00 or, local, 2026-01-05T18:00"
FIRST_YEAR, LAST_YEAR = YEARS.start, YEARS.stop - 1
END = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
SHOWN = 60  # characters of a refused text that are repeated


def show(instant: datetime) -> str:
    """An aware instant in UTC with `Z`; a fraction of a second only where there is one."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def show_local(local: datetime) -> str:
    """A naive wall time without offset, to the second."""
    return local.isoformat(timespec="seconds")


def parse(text: str) -> datetime:
    """An instant (aware, UTC) or a local time (naive), whole seconds. Raises ValueError."""
    shape = SHAPE.fullmatch(text)
    if shape is None:
        raise ValueError(f"got {text[:SHOWN]!r}, expected {EXPECTED}")
    day, minute, second, _, offset = shape.groups()
    check_offset(text)
    try:
        value = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{(offset or '').upper()}")
        value = value.astimezone(UTC) if value.tzinfo else value
    except (ValueError, OverflowError):
        raise ValueError(f"got {text[:SHOWN]!r}, expected a date and time that exist") from None
    check_year(value)
    return value


def check_year(value: date) -> None:
    """Refuse a year at the edge of the calendar. Raises ValueError."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"got the year {value.year}, expected one from {FIRST_YEAR} to {LAST_YEAR}")


def check_offset(text: str) -> None:
    """Refuse a time with an offset that no clock on earth has ever had. Raises ValueError."""
    shape = OFFSET.search(text)
    if shape is not None and int(shape[2]) >= NO_OFFSET_H:
        raise ValueError(f"got the offset {shape[1]}, expected one of less than {NO_OFFSET_H} hours")


def parse_instant(text: str) -> datetime:
    """An instant (aware, UTC). Raises ValueError for a local time too."""
    value = parse(text)
    if value.tzinfo is None:
        raise ValueError(f"got {text[:SHOWN]!r} without an offset, expected one at its end, such as Z or +09:00")
    return value


def has_fraction(text: str) -> bool:
    """Whether a text that `parse` takes says more than whole seconds."""
    shape = SHAPE.fullmatch(text)
    return bool(shape and (shape[4] or "").strip(".0"))
