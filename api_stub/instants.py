"""Times on the wire: RFC 3339 instants, and local times without offset.

Written are instants in UTC with `Z`. Read are `2026-01-05T18:00`, with or without seconds, with or without an offset. A
plan knows whole seconds: a fraction is cut off. Years 2 to 9998 are taken, so that no conversion between zones leaves
the calendar.
"""

import re
from datetime import UTC, datetime

SHAPE = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(\.\d{1,12})?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)
EXPECTED = "a time like 2026-01-05T18:00:00Z, 2026-01-05T18:00:00+09:00 or, local, 2026-01-05T18:00"
FIRST_YEAR, LAST_YEAR = 2, 9998
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
    try:
        value = datetime.fromisoformat(f"{day}T{minute}{second or ':00'}{(offset or '').upper()}")
        value = value.astimezone(UTC) if value.tzinfo else value
    except (ValueError, OverflowError):
        raise ValueError(f"got {text[:SHOWN]!r}, expected a date and time that exist") from None
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"got the year {value.year}, expected one from {FIRST_YEAR} to {LAST_YEAR}")
    return value


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
