"""Ids as clients see them: `{series}` names a plan, `{series}_{YYYYMMDDTHHMMSS}` one session of it.

In a calendar a plan is named by the UID it was imported with, else by `{series}@sessionbeat`; a later segment of it,
which has a rule of its own, by `{UID}/{YYYYMMDDTHHMMSS}`.
"""

import re
from datetime import datetime
from uuid import UUID

from services.errors import NotFound

SHAPE = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:_(\d{8}T\d{6}))?", re.ASCII)
LOCAL = "%Y%m%dT%H%M%S"
DOMAIN = "@sessionbeat"
OF_SEGMENT = re.compile(r"/\d{8}T\d{6}$", re.ASCII)


def format_id(series_id: UUID, recurrence_id: datetime | None = None) -> str:
    """The id of a plan, or with a recurrence id (local wall time) that of one session."""
    if recurrence_id is None:
        return str(series_id)
    wall = recurrence_id.isoformat(timespec="seconds").replace("-", "").replace(":", "")
    return f"{series_id}_{wall}"


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


def format_uid(series_id: UUID, own: str | None, segment_from: datetime | None = None) -> str:
    """The UID of a plan that has its `own` or none, or of one of its later segments."""
    uid = own or f"{series_id}{DOMAIN}"
    return uid if segment_from is None else f"{uid}/{segment_from.year:04}{segment_from:%m%dT%H%M%S}"


def of_plan(uid: str) -> str:
    """The UID of the plan that a UID is about, which may be that of a segment."""
    return OF_SEGMENT.sub("", uid)


def series_of(uid: str) -> UUID | None:
    """The series that a UID of ours names; None: it is none of ours."""
    shape = SHAPE.fullmatch(of_plan(uid).removesuffix(DOMAIN)) if DOMAIN in uid else None
    return None if shape is None else UUID(shape[1])
