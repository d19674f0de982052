"""How much work one question may be that walks several times: steps are counted where they are done.

A step is a chunk of a walk, or some starts of one that are written out; of months, which are told by their kinds, more
of these. Steady rules are arithmetic: they are not watched, the sessions that they bring are counted by whoever reads
them.
"""

from collections.abc import Iterator
from copy import copy
from typing import Final

from recurrence.errors import BudgetError
from recurrence.kinds import Months
from recurrence.parts import OMIT
from recurrence.series import Series
from recurrence.steady import Steady
from recurrence.walk import Chunk, Walk, cost

OF_MONTHS: Final = 64  # starts of whole months that are as much work as a step


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

    __slots__ = ("is_of_months", "walk", "work")

    def __init__(self, walk: Walk, work: Work) -> None:
        self.walk, self.work = walk, work
        self.is_of_months = isinstance(walk, Months) and walk.rule.skip is OMIT

    def chunks(self, low: int, high: int) -> Iterator[Chunk]:
        for chunk in self.walk.chunks(low, high):
            self.work.spend(len(chunk) // OF_MONTHS if self.is_of_months else cost(chunk))
            yield chunk

    def per_day(self) -> int:
        return self.walk.per_day()


def watched(series: Series, work: Work) -> Series:
    """The same series, the steps of whose walk are counted."""
    if series.walk is None or isinstance(series.walk, (Steady, Watched)):
        return series
    found = copy(series)
    found.__dict__["walk"] = Watched(series.walk, work)
    return found
