"""When: RFC 5545 recurrence without a clock, a database or anything but tzdata. `docs/recurrence.md` explains
it.
"""

from recurrence.analyse import Analysis, analyse
from recurrence.clash import Answer, Verdict, clashes, first_clash
from recurrence.counting import Cursor
from recurrence.describe import describe
from recurrence.duration import Duration
from recurrence.errors import BudgetError, RecurrenceError, ZoneError
from recurrence.expand import Columns, columns, cursor_at, expand, next_after, occurrence_at
from recurrence.moment import Moment, Period, format_moment, parse_moment
from recurrence.observances import Observance, observances
from recurrence.occurrence import Occurrence
from recurrence.parts import ByDay, Frequency, Skip, Weekday
from recurrence.plan import completed
from recurrence.rule import Rule
from recurrence.series import Series
from recurrence.slot import Slot, slot
from recurrence.split import cut, split
from recurrence.zone import Fold, Gap, check_zone, localize, tzdata_version, wall_time

__all__ = [
    "Analysis",
    "Answer",
    "BudgetError",
    "ByDay",
    "Columns",
    "Cursor",
    "Duration",
    "Fold",
    "Frequency",
    "Gap",
    "Moment",
    "Observance",
    "Occurrence",
    "Period",
    "RecurrenceError",
    "Rule",
    "Series",
    "Skip",
    "Slot",
    "Verdict",
    "Weekday",
    "ZoneError",
    "analyse",
    "check_zone",
    "clashes",
    "columns",
    "completed",
    "cursor_at",
    "cut",
    "describe",
    "expand",
    "first_clash",
    "format_moment",
    "localize",
    "next_after",
    "observances",
    "occurrence_at",
    "parse_moment",
    "slot",
    "split",
    "tzdata_version",
    "wall_time",
]
