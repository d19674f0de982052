"""How much work one question may be that walks several times: steps are counted where they are done.

A step is a chunk of a walk, or some starts of one that are written out. Steady rules are arithmetic, months are told by
their kinds: they are not watched, the sessions that they bring are counted by whoever reads them.
"""

from collections.abc import Iterator
from copy import copy

from recurrence.errors import BudgetError
from recurrence.kinds import Months
from recurrence.series import Series
from recurrence.steady import Steady
from recurrence.walk import Chunk, Walk, cost


class Work:
    """The steps that are left of one question."""

    __slots__ = ("left",)

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Raises BudgetError where fewer are left."""
        self.left -= steps
        if self.left < 0:
            raise BudgetError("RRULE", "a question of too many steps", "one that is answered in fewer")


class Watched:
    """A walk whose chunks are counted."""

    __slots__ = ("walk", "work")

    def __init__(self, walk: Walk, work: Work) -> None:
        self.walk, self.work = walk, work

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        for chunk in self.walk.chunks(low, high):
            self.work.spend(cost(chunk))
            yield chunk

    def per_day(self) -> int:
        return self.walk.per_day()


def watched(series: Series, work: Work) -> Series:
    """The same series, the steps of whose walk are counted."""
    if series.walk is None or isinstance(series.walk, (Steady, Months, Watched)):
        return series
    found = copy(series)
    found.__dict__["walk"] = Watched(series.walk, work)
    return found
