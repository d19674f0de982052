"""Plans whose zone vanished from tzdata: they can't be expanded any more, and are in nobody's way.

What is stored of them is told as ever; where a plan itself is shown, its wall times are read as if they were UTC.
"""

from datetime import UTC, datetime

import recurrence
from db import segments
from db.models import Segment
from db.segments import Columns

ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


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


def series(segment: Segment) -> recurrence.Series:
    """The series that a segment holds, in UTC where its zone is gone. Raises RecurrenceError."""
    if not is_gone(segment.time_zone):
        return segments.series_of(segment)
    columns = {name: getattr(segment, name) for name in Columns._fields}
    return segments.series_of(Columns(**(columns | {"time_zone": "UTC"})))
