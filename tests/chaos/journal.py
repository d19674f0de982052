"""How to read the clients' journal: what a request's answer means, and when it can have been carried out."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

CLOCKS = timedelta(milliseconds=1)  # clients and database read the same clock, in different ways

Told = dict[str, Any]


def read(file: Path) -> list[Told]:
    """The lines of a journal; the last one of clients that were killed may be torn, and is left out."""
    whole, _, _ = file.read_text().rpartition("\n") if file.exists() else ("", "", "")
    return [json.loads(line) for line in whole.splitlines()]


def verdict(told: Told) -> str:
    """`acked`, `refused`, or `unknown`."""
    status = told.get("status")
    if status is None or status >= 500:
        return "unknown"
    return "acked" if status < 300 else "refused"


def is_busy(told: Told) -> bool:
    """Whether it was refused because its turn did not come in time, which may be at any instant."""
    return bool(told["status"] == 409 and told["body"].get("code") == "busy")


def instant(value: float | str) -> datetime:
    """An instant of the journal: of the client's clock (seconds), or of an answer (RFC 3339)."""
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    return datetime.fromtimestamp(value, UTC)


def window(told: Told, now: datetime) -> tuple[datetime, datetime]:
    """From when until when a request can have been carried out; without an answer, until `now`."""
    known = verdict(told) != "unknown"
    return instant(told["sent"]) - CLOCKS, instant(told["answered"]) + CLOCKS if known else now


def within(at: datetime, told: Told, now: datetime) -> bool:
    """Whether a request can have been carried out at `at`."""
    since, until = window(told, now)
    return since <= at <= until


def local(at: datetime) -> datetime:
    """The wall time of an instant, in UTC."""
    return at.astimezone(UTC).replace(tzinfo=None)


def utc(wall: str) -> datetime:
    """The instant of a wall time in UTC."""
    return datetime.fromisoformat(wall).replace(tzinfo=UTC)
