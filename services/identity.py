"""Ids as clients see them: `{series}` names a plan, `{series}_{YYYYMMDDTHHMMSS}` one session of it."""

import re
from datetime import datetime
from uuid import UUID

from services.errors import NotFound

SHAPE = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:_(\d{8}T\d{6}))?", re.ASCII)
LOCAL = "%Y%m%dT%H%M%S"
BASIC = str.maketrans("", "", "-:")


def format_id(series_id: UUID, recurrence_id: datetime | None = None) -> str:
    """The id of a plan, or with a recurrence id (local wall time) that of one session."""
    if recurrence_id is None:
        return str(series_id)
    return f"{series_id}_{recurrence_id.isoformat(timespec='seconds').translate(BASIC)}"


def parse_id(text: str) -> tuple[UUID, datetime | None]:
    """The series and the recurrence id (None: a plan) that an id names.

    Raises NotFound for a text that is no id: nothing has it.
    """
    shape = SHAPE.fullmatch(text)
    if shape is None:
        raise NotFound("session", text)
    try:
        recurrence_id = None if shape[2] is None else datetime.strptime(shape[2], LOCAL)
    except ValueError:
        raise NotFound("session", text) from None
    return UUID(shape[1]), recurrence_id
