"""The starts that a client knows a series to have: what it made of it, or was last answered."""

from datetime import datetime, timedelta
from typing import NamedTuple


class Grid(NamedTuple):
    """So many local starts in UTC, `step` apart."""

    first: datetime
    step: timedelta
    times: int

    @classmethod
    def of(cls, begins: str, rule: str) -> "Grid":
        """What a segment gives that an answer tells."""
        parts = dict(part.split("=") for part in rule.split(";"))
        step = timedelta(seconds=int(parts.get("INTERVAL", "1")))
        return cls(datetime.fromisoformat(begins), step, int(parts.get("COUNT", "1")))

    def near(self, now: datetime, ahead: int) -> datetime:
        """The start at `now` or the next one, and so many after that; the last one at most."""
        number = max(0, -((self.first - now.replace(tzinfo=None)) // self.step)) + ahead
        return self.first + min(number, self.times - 1) * self.step
