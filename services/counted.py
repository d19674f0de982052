"""Where COUNT ends a rule that began long ago: expanded from the count that is kept with its segment.

The engine counts only so far in one call. So each segment keeps a cursor, the count reached a little before its
watermark; it is carried on with the watermark, in the same transaction. A window after the cursor goes on from it. In a
window before it COUNT is no bound at all as long as it had not run out by the window's end; where it had, it is counted
from the beginning, in as many legs as it takes, and no further than to where it ran out.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import recurrence
from db import segments
from db.models import Segment
from recurrence import BudgetError, Cursor, Occurrence, Series

SLACK = timedelta(days=2)  # a cursor lies so much before a window: whatever the clocks do, it is before its starts
FIRST, LAST = datetime(1, 1, 1), datetime(9999, 12, 31)
MOST_LEGS = 48  # counted one after the other, each at most as much as the engine counts in one call
FIRST_LEG = timedelta(days=366)


def expand(segment: Segment, series: Series, start: datetime, end: datetime) -> Iterator[Occurrence]:
    """The occurrences of the segment's series in [start, end), as `recurrence.expand` gives them."""
    return recurrence.expand(series, start, end, cursor_for(segment, series, start, end))


def occurrence_at(segment: Segment, series: Series, recurrence_id: datetime) -> Occurrence | None:
    """The occurrence with that naive local start, if the segment's series has it."""
    if not counts(series):
        return recurrence.occurrence_at(series, recurrence_id)
    near = recurrence.localize(recurrence_id, series.zone, fold=series.fold)
    if near is None:
        return None
    window = expand(segment, series, near - SLACK, near + SLACK)
    return next((one for one in window if one.recurrence_id == recurrence_id), None)


def cursor_for(segment: Segment, series: Series, start: datetime, end: datetime) -> Cursor | None:
    """A cursor from which the window [start, end) can be expanded; None where none is needed or kept."""
    kept = segments.cursor_of(segment)
    if kept is None or not counts(series):
        return None
    wall = before(start)
    if wall >= kept.wall:
        return kept
    if reached(series, max(after(end), kept.wall), kept).counted < count_of(series):
        return Cursor(wall, 0)
    return reached(series, wall, None)


def carried_on(series: Series, kept: Cursor | None, until: datetime) -> Cursor | None:
    """The cursor for windows that begin at the instant `until`; None for a rule that does not count.

    Raises BudgetError when it is too far away even for `MOST_LEGS`.
    """
    return reached(series, before(until), kept) if counts(series) else None


def reached(series: Series, wall: datetime, cursor: Cursor | None) -> Cursor:
    """The count reached at a wall time, in legs: each twice as long as the one before, half as long when refused.

    No further than to where COUNT runs out. Raises BudgetError after `MOST_LEGS`.
    """
    at = cursor or Cursor(series.dtstart, 0)
    leg = FIRST_LEG
    for _ in range(MOST_LEGS):
        if at.wall >= wall or at.counted >= count_of(series):
            return at
        try:
            at = recurrence.cursor_at(series, at.wall + min(leg, wall - at.wall), at)
            leg *= 2
        except BudgetError:
            leg /= 2
    return recurrence.cursor_at(series, wall, at)


def counts(series: Series) -> bool:
    """Whether the series ends by a COUNT that must be counted; of a steady rule the last start is arithmetic."""
    return series.counts


def count_of(series: Series) -> int:
    """COUNT of a series that has one."""
    assert series.rule is not None
    assert series.rule.count is not None
    return series.rule.count


def before(instant: datetime) -> datetime:
    """A wall time that lies before whatever starts at the instant or later, in any zone."""
    wall = instant.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return max(wall, FIRST + SLACK) - SLACK


def after(instant: datetime) -> datetime:
    """A wall time that lies after whatever starts before the instant, in any zone."""
    wall = instant.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return min(wall, LAST - SLACK) + SLACK
