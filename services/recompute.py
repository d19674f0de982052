"""What the rules of its zone, as they are now, make of a segment's sessions that have not begun.

* A session keeps its key, the wall time its rule gave it; its instants follow the clocks of the place.
* One that was moved on its own follows the wall time it was moved to, with its exact length. Where the clock still
  shows that time at its instant, it stays: of a repeated hour that may be either. The hour that the clocks skip is
  moved on, whatever the plan says of gaps: somebody asked for that very session.
* One whose hour is skipped now, under `gap: SKIP`, or that coincides with another one of its plan (its day is
  skipped), or that lies after the rule's end now, is given up: removed, not deleted, so that excuses made in advance
  are kept, and it can be seen and restored. If a later edition brings its hour back, it stays removed until somebody
  does.
* One that its rule does not give for any other reason (an import wrote it) was no work of the clocks: it keeps its
  wall time and its exact length.
* One that the rule has now, ahead and before the watermark, is written where no row is kept.
* A start that has passed by the new rules is kept as it is: the session is due at once, and its effective instant
  is that start. Nothing is due before its instant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import recurrence
from db import segments
from db.models import Segment, Series
from db.moves import Ahead, Move
from db.sessions import NewSession
from services import counted, materialize

SLACK = timedelta(days=2)  # no clock was ever moved by more than a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """What is to be done to the sessions of one segment; `goes_on`: see `editions.Rezoned`.

    `new`: what is not among those that stand; a row of it that is history may be kept (`rezone.of_segment`).
    """

    moves: tuple[Move, ...]
    new: tuple[NewSession, ...]
    goes_on: bool


def recompute(segment: Segment, series: Series, ahead: Sequence[Ahead], now: datetime) -> Recomputed:
    """What the rules make of the sessions of this segment that have not begun at `now`.

    Raises RecurrenceError when the segment can't be expanded.
    """
    rule = segments.series_of(segment)
    until = segment.materialized_until
    beyond = until + min(SLACK, materialize.LAST - until)
    given = {one.recurrence_id: one for one in counted.expand(segment, rule, now - SLACK, beyond)}
    moves = []
    for row in ahead:
        new = times(row, segment, rule, given)
        if new != (row.starts_at, row.ends_at):
            moves.append(move(row, segment, new))
    alive = series.removed_at is None and segment.removed_at is None
    there = {row.recurrence_id for row in ahead}
    missing = [one for one in given.values() if now <= one.starts_at < until and one.recurrence_id not in there]
    lapsed = segment.next_materialize_at is None or segment.set_aside is not None
    return Recomputed(
        moves=tuple(moves),
        new=tuple(materialize.row_of(segment, one) for one in missing if alive),
        goes_on=alive and lapsed and next(recurrence.expand(rule, until), None) is not None,
    )


def times(
    row: Ahead, segment: Segment, rule: recurrence.Series, given: dict[datetime, recurrence.Occurrence]
) -> tuple[datetime, datetime] | None:
    """The start and end of a session by the rules as they are now; None when it is given up."""
    if row.moved_to_local is None:
        one = given.get(row.recurrence_id) or recurrence.occurrence_at(rule, row.recurrence_id)
        if one is not None:
            return one.starts_at, one.ends_at
        if is_gone(row.recurrence_id, rule):
            return None
    start = own_start(row, segment)
    return start, start + (row.ends_at - row.starts_at)


def is_gone(wall: datetime, rule: recurrence.Series) -> bool:
    """Whether the clocks are why the rule does not give this wall time: skipped, another's by now, or after its end."""
    start = recurrence.localize(wall, rule.zone, gap=rule.gap, fold=rule.fold)
    if start is None:
        return True
    coming = next(recurrence.expand(rule, start), None)
    if coming is None:
        return rule.rule is not None and (rule.rule.count is not None or rule.rule.until is not None)
    return coming.starts_at == start


def own_start(row: Ahead, segment: Segment) -> datetime:
    """The start of a session that has a wall time of its own."""
    wall = row.moved_to_local or row.recurrence_id
    if recurrence.wall_time(row.starts_at, segment.time_zone) == wall:
        return row.starts_at
    start = recurrence.localize(wall, segment.time_zone, fold=recurrence.Fold(segment.fold))
    assert start is not None, "with Gap.SHIFT every wall time has an instant"
    return start


def move(row: Ahead, segment: Segment, new: tuple[datetime, datetime] | None) -> Move:
    """The move of a session to its new start and end."""
    if new is None:
        return Move(*row.key, row.starts_at, None, None, None)
    return Move(*row.key, row.starts_at, *new, materialize.end_due_at(segment, new[1]))
