"""How long a session lasts.

Days and weeks are nominal: "one day later" is the same wall time on the next day, 23 to 25 hours away. Hours,
minutes and seconds are exact: fifty minutes are fifty minutes, whatever the clock does (RFC 5545 3.3.6,
decision 18). Years and months are refused: nobody can say how long they are. The nominal part is applied
first, then the exact part.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from recurrence.errors import RecurrenceError
from recurrence.timeline import DAY

MAX_DAYS = 36_525  # a hundred years: longer is a mistake, and would leave datetime's range
MAX_TEXT = 40  # characters
FORM = re.compile(
    r"\+?P(?:(\d+)W|(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)",
    re.ASCII,
)
CALENDAR_FORM = re.compile(r"\+?P[\dW]*\d[YM]", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """`days` nominal days, then `seconds` exact seconds; neither negative, together at most a hundred years."""

    days: int = 0
    seconds: int = 0

    def __post_init__(self) -> None:
        days, seconds = self.days, self.seconds
        if days < 0 or seconds < 0 or days + seconds // DAY > MAX_DAYS:
            expected = "at most a hundred years" if days >= 0 and seconds >= 0 else "neither below zero"
            raise RecurrenceError("DURATION", f"{days} days and {seconds} seconds", expected)

    @classmethod
    def parse(cls, text: str) -> "Duration":
        """Reads "PT50M", "P1W", "P1DT2H" (RFC 5545 3.3.6). Raises RecurrenceError."""
        if text in EVERYDAY:
            return EVERYDAY[text]
        match = FORM.fullmatch(text) if len(text) <= MAX_TEXT else None
        if match is None or text[-1] in "PT":
            vague = CALENDAR_FORM.match(text[:MAX_TEXT])
            expected = "weeks, days, hours, minutes or seconds: years and months vary in length"
            raise RecurrenceError("DURATION", text, expected if vague else "a length like PT50M, PT1H30M, P1D or P1W")
        weeks, days, hours, minutes, seconds = match.groups()
        nominal = (int(weeks) * 7 if weeks else 0) + (int(days) if days else 0)
        exact = (int(hours) * 3600 if hours else 0) + (int(minutes) * 60 if minutes else 0)
        return cls(days=nominal, seconds=exact + (int(seconds) if seconds else 0))

    @classmethod
    def parse_some(cls, text: str) -> "Duration":
        """Reads what a session is said to last: never nothing (decision 18). Raises RecurrenceError."""
        found = cls.parse(text)
        if not found:
            raise RecurrenceError("DURATION", text, "a length above zero")
        return found

    @classmethod
    def exactly(cls, length: timedelta) -> "Duration":
        """The exact duration of a whole number of seconds."""
        return cls(seconds=length.days * DAY + length.seconds)

    def __bool__(self) -> bool:
        return bool(self.days or self.seconds)

    def __str__(self) -> str:
        if self.days and not self.seconds and self.days % 7 == 0:
            return f"P{self.days // 7}W"
        hours, rest = divmod(self.seconds, 3600)
        minutes, seconds = divmod(rest, 60)
        parts = ((hours, "H"), (minutes, "M"), (seconds, "S"))
        exact = "".join(f"{n}{unit}" for n, unit in parts if n)
        nominal = f"{self.days}D" if self.days else ""
        return f"P{nominal}{'T' + exact if exact else ''}" if nominal or exact else "PT0S"

    @property
    def longest(self) -> int:
        """An upper bound in exact seconds: a nominal day has at most two days' length (a skipped or repeated
        day).
        """
        return (self.days + 1) * DAY + self.seconds if self.days else self.seconds


EVERYDAY = {f"PT{n}{unit}": Duration(seconds=n * of) for n in range(1, 100) for unit, of in (("M", 60), ("H", 3600))}
