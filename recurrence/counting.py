"""The walls of a series from DTSTART on, and how far COUNT lets them go.

COUNT counts walls from DTSTART on; EXDATE does not top it up, RDATE is not counted (decision 6). A window far from
DTSTART needs the count before it: by arithmetic where the rule is steady, else from a Cursor if there is one. Starts in
a gap do not count under Gap.SKIP (decision 2).
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from recurrence import timeline
from recurrence.calendar import month_of
from recurrence.errors import BudgetError
from recurrence.kinds import Months
from recurrence.steady import PORTION, Steady
from recurrence.timeline import DAY, END
from recurrence.walk import FEW, Chunk, cost, growing
from recurrence.zone import Gap

if TYPE_CHECKING:
    from recurrence.series import Series

BUDGET: Final = 8_000  # steps in a row without an occurrence: some 40 ms at worst
COUNTED: Final = 6_000  # steps on which may be counted on the way to a far window: some 15 ms at worst
SECTIONS: Final = 2_000  # sections of the clock in which starts of Gap.SKIP may be counted: five hundred years or more
CLOSE: Final = "a cursor close to it"
MOST: Final = "per_day"  # the name under which a series keeps how many starts one day can have


class Cursor(NamedTuple):
    """The count reached at a wall time: `counted` starts of the rule lie before the naive local time `wall`."""

    wall: datetime
    counted: int


def walls(series: "Series", low: int, high: int) -> Iterable[Chunk]:
    """The walls in [low, high), which may not begin before DTSTART, in chunks that are not empty; without a rule
    DTSTART alone. COUNT is not applied. Raises BudgetError after BUDGET steps in a row that bring nothing.
    """
    walk = series.walk
    if walk is None:
        return ((series.first,),) if low <= series.first < high else ()
    return walk.portions(low, high) if isinstance(walk, Steady) else trimmed(walk.chunks(low, high), low, high)


def trimmed(chunks: Iterable[Chunk], low: int, high: int) -> Iterator[Chunk]:
    """The walls in [low, high) of these chunks, in chunks of bearable size that are not empty."""
    idle = 0
    for chunk in chunks:
        if chunk and (chunk[0] < low or chunk[-1] >= high):
            chunk = chunk[bisect_left(chunk, low) : bisect_left(chunk, high)]
        if chunk:
            idle = 0
            if len(chunk) <= PORTION:
                yield chunk
            else:
                yield from growing(chunk, 1)
        elif (idle := idle + 1) > BUDGET:
            raise BudgetError("RRULE", f"a rule that fires nowhere within {BUDGET} steps")


def allowed(series: "Series", cursor: Cursor | None, wall: int, high: int) -> int:
    """How many starts COUNT still allows from a wall on; END where it cannot be reached before the wall `high`."""
    rule = series.rule
    if rule is None or rule.count is None or not reachable(series, rule.count, high):
        return END
    return max(0, rule.count - count_to(series, wall, cursor))


def reachable(series: "Series", number: int, high: int) -> bool:
    """Whether COUNT must be counted, and may reach that number before the wall `high`."""
    if not series.counts or series.walk is None:
        return False
    most = series.notes.get(MOST)
    if most is None:
        most = series.notes[MOST] = series.walk.per_day()
    return number <= most * ((high - series.first) // DAY + 2)


def cursor_before(series: "Series", instant: int, cursor: Cursor | None) -> Cursor | None:
    """The count reached where the starts from an instant on begin to be looked for; None where nothing is counted."""
    rule = series.rule
    if rule is None or rule.count is None or not reachable(series, rule.count, END):
        return None
    wall = min(max(series.where.earliest(instant), series.first), END - 1)
    return Cursor(timeline.to_wall(wall), count_to(series, wall, cursor))


def count_to(series: "Series", wall: int, cursor: Cursor | None = None) -> int:
    """How many starts the rule has before a wall, COUNT at most. Goes on from the cursor if that lies before it."""
    reached, seen = series.first, 0
    if cursor is not None and reached < timeline.of_wall(cursor.wall) <= wall:
        reached, seen = timeline.of_wall(cursor.wall), cursor.counted
    limit = END if series.rule is None or series.rule.count is None else series.rule.count
    if seen < limit and wall > reached:
        seen += count(series, reached, wall, limit - seen)
    return min(seen, limit)


def count(series: "Series", low: int, high: int, enough: int = END) -> int:
    """How many starts of the rule lie in the walls [low, high) and count: those in a gap do not under Gap.SKIP. Where
    there are `enough`, the rest may be left uncounted.
    """
    if series.gap is not Gap.SKIP:
        return count_all(series, low, high, enough)
    total = count_all(series, low, high, END)
    for steps, section in enumerate(series.where.sections(low, series.fold)):
        if section.low >= high:
            break
        if steps > SECTIONS:
            raise BudgetError("COUNT", f"a window more than {SECTIONS} changes of the clock away", CLOSE)
        if section.gap and section.high > low:
            total -= count_all(series, max(low, section.low), min(high, section.high), END)
    return total


def count_all(series: "Series", low: int, high: int, enough: int) -> int:
    """The same without regard to gaps: by arithmetic where the rule is steady, else period by period."""
    walk, total = series.walk, 0
    if isinstance(walk, Steady):
        return walk.before(high) - walk.before(low)
    if isinstance(walk, Months) and walk.rule.skip == "OMIT":
        months = walk.indices.numbers(month_of(low), month_of(high) + 1)
        if isinstance(months, range) and len(months) > FEW:
            total = walk.count(months[1:-1])
            ends = walk.walls((months[0], months[-1]))
            return total + sum(low <= wall < high for wall in ends)
    steps = 0
    for chunk in ((series.first,),) if walk is None else walk.chunks(low, high):
        steps += cost(chunk)
        if steps > COUNTED:
            raise BudgetError("COUNT", f"a window more than {COUNTED} steps away", CLOSE)
        total += bisect_left(chunk, high) - bisect_left(chunk, low)
        if total >= enough:
            break
    return total
