"""One session of a series, and where it ends.

An end counts nominal days on the wall clock from the start the rule gave, exact seconds after that (decision
18). Where a skipped day would put it at or before its start, the days count exactly.
"""

from datetime import datetime

from recurrence import timeline
from recurrence.series import Series
from recurrence.starts import Start
from recurrence.timeline import DAY


class Occurrence(tuple[datetime, datetime, datetime]):
    """One start of a series: `recurrence_id` is its naive local start, the others are aware UTC instants.

    Made of the three as one: a NamedTuple, which takes them one by one, costs a quarter more.
    """

    __slots__ = ()

    @property
    def recurrence_id(self) -> datetime:
        """The naive local start that the rule gave."""
        return self[0]

    @property
    def starts_at(self) -> datetime:
        """The instant at which it starts."""
        return self[1]

    @property
    def ends_at(self) -> datetime:
        """The instant at which it ends."""
        return self[2]


def of_start(series: Series, start: Start) -> Occurrence:
    """A start with its end."""
    end = start.end
    if end is None:
        days, seconds = series.duration.days, series.duration.seconds
        end = start.instant + seconds
        if days:
            end = series.where.place(start.wall + days * DAY, series.fold)[0] + seconds
            if end <= start.instant:
                end = start.instant + days * DAY + seconds
    return Occurrence((timeline.to_wall(start.wall), timeline.to_instant(start.instant), timeline.to_instant(end)))
