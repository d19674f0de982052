"""A pass mark: whether a person is on the way to it, and what is needed from here. Arithmetic alone, with fractions.

Of a person's counted sessions (came, or absent; excused ones count for nothing) and of those to come, the N worst are
dropped at the end. Absences are the worst, so with `k` sessions to come, of which a person attends `x`,

    judged     R = counted + k - N
    absences   max(0, absent + k - x - N), of which (1 - mark) * R are allowed, rounded down

and the fewest `x` that keeps the absences within what is allowed is what is needed.
"""

from fractions import Fraction
from math import floor
from typing import NamedTuple


class Record(NamedTuple):
    """How many counted sessions a person came to and was absent from, nothing dropped yet."""

    came: int
    absent: int


class Standing(NamedTuple):
    """Sessions to come (None: without end), and what of the mark.

    on_track: the rate of today reaches it (None: nothing is counted yet). can_still_pass: attending all that is to come
    reaches it; needed_from_here: of how many of these (None: not by attending all of them). Both are None too where
    sessions come without end, or where nothing is left to be judged.
    """

    to_come: int | None
    on_track: bool | None
    can_still_pass: bool | None
    needed_from_here: int | None


def standing(record: Record, to_come: int | None, mark: Fraction, drop: int = 0) -> Standing:
    """Where somebody stands; mark: a part of the whole, above 0 and at most 1; drop: how many of the worst."""
    counted = record.came + record.absent
    on_track = enough(max(0, record.absent - drop), counted - drop, mark)
    if to_come is None:
        return Standing(None, on_track, None, None)
    judged = counted + to_come - drop
    if judged <= 0:
        return Standing(to_come, on_track, None, None)
    needed = max(0, record.absent + to_come - drop - floor((1 - mark) * judged))
    passes = needed <= to_come
    return Standing(to_come, on_track, passes, needed if passes else None)


def enough(absent: int, judged: int, mark: Fraction) -> bool | None:
    """Whether so many absences of so many sessions reach the mark; None: there are none."""
    return None if judged <= 0 else judged - absent >= mark * judged
