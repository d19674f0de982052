"""Plans that can't be read any more: a zone that vanished from tzdata, or a rule that only an older engine took.

They can't be expanded, and are in nobody's way. What is stored of them is told as ever. Where a plan itself is shown, a
zone that is gone is taken for UTC; where that is not enough, the plan's first start is all that is told.
"""

from datetime import UTC, datetime
from typing import Final

import recurrence
from db import segments
from db.models import Segment
from db.segments import Columns

ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
NO_LENGTH: Final = recurrence.Duration()


def series(segment: Segment) -> recurrence.Series | None:
    """The series that a segment holds; None when it can't be read any more."""
    try:
        return segments.series_of(segment)
    except recurrence.RecurrenceError:
        return None


def reason(segment: Segment) -> str | None:
    """Why a segment can't be read any more; None when it can."""
    try:
        segments.series_of(segment)
    except recurrence.RecurrenceError as error:
        return str(error)
    return None


def is_gone(time_zone: str) -> bool:
    """Whether tzdata does not know a zone (any more)."""
    try:
        recurrence.wall_time(ANY_TIME, time_zone)
    except recurrence.ZoneError:
        return True
    return False


def zone(time_zone: str) -> str:
    """The zone, or UTC where it is gone."""
    return "UTC" if is_gone(time_zone) else time_zone


def shown(segment: Segment) -> recurrence.Series:
    """The series that is shown of a segment: its own, or as much of it as can be read."""
    columns = Columns(**{name: getattr(segment, name) for name in Columns._fields})
    known = columns._replace(time_zone=zone(segment.time_zone))
    try:
        return segments.series_of(known)
    except recurrence.RecurrenceError:
        start = segment.dtstart.replace(microsecond=0)
        return recurrence.Series(dtstart=start, time_zone=known.time_zone, duration=NO_LENGTH)
