"""What a plan that is edited has beside the new sessions of one of its segments, and must not clash with.

Of its people nothing is asked: whether they take part in two sessions of one plan at once is for the plan to say.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.bookings import Taken
from db.clashes import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The other segments of a plan, its rows that start before a local time, and those that were touched.

    segment_from: the segment that it is beside. resources: the space and the instructor that this takes for itself.
    """

    series_id: UUID
    segment_from: datetime
    resources: Collection[UUID]
    before: datetime
    touched: Collection[datetime]

    def goes_on(self, rule: Rule) -> bool:
        """Whether a rule is looked at: that of another plan, or of another segment."""
        if rule.series_id != self.series_id:
            return True
        return rule.resource in self.resources and rule.from_local != self.segment_from

    def stays(self, row: Taken) -> bool:
        """Whether a row is looked at: that of another plan, or one that the new sessions do not replace."""
        if row.series_id != self.series_id:
            return True
        start = row.recurrence_id
        return row.resource in self.resources and (start < self.before or start in self.touched)
