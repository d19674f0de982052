"""The rule: how a plan repeats (RFC 5545 3.3.10, and SKIP of RFC 7529).

Values only; `rule_text.py` reads and writes them, `checks.py` says what is refused. A part that was left out
stays left out: what it takes from DTSTART is decided where the rule is compiled, so that a rule means the
same on its own as in its series. Lists are kept sorted and free of doubles, so that two spellings of one rule
are equal.

Weeks start on Monday unless WKST says otherwise, never by locale (decision 13).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict, Unpack

from recurrence import rule_text
from recurrence.checks import CHECKS, PICKED_FROM
from recurrence.errors import RecurrenceError
from recurrence.parts import ByDay, Frequency, Skip, Weekday


class Parts(TypedDict, total=False):
    """The parts that a rule may leave out."""

    interval: int
    count: int | None
    until: datetime | date | None
    bysecond: tuple[int, ...]
    byminute: tuple[int, ...]
    byhour: tuple[int, ...]
    byday: tuple[ByDay, ...]
    bymonthday: tuple[int, ...]
    byyearday: tuple[int, ...]
    byweekno: tuple[int, ...]
    bymonth: tuple[int, ...]
    bysetpos: tuple[int, ...]
    wkst: Weekday
    skip: Skip


@dataclass(frozen=True, kw_only=True, init=False)
class Rule:
    """One recurrence rule, valid from birth. Raises RecurrenceError, naming the part, for what RFC 5545 forbids.

    `until` is an instant (aware), a local time (naive) or a date, always inclusive.
    """

    freq: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | date | None = None
    bysecond: tuple[int, ...] = ()
    byminute: tuple[int, ...] = ()
    byhour: tuple[int, ...] = ()
    byday: tuple[ByDay, ...] = ()
    bymonthday: tuple[int, ...] = ()
    byyearday: tuple[int, ...] = ()
    byweekno: tuple[int, ...] = ()
    bymonth: tuple[int, ...] = ()
    bysetpos: tuple[int, ...] = ()
    wkst: Weekday = Weekday.MO
    skip: Skip = Skip.OMIT

    def __init__(self, *, freq: Frequency, **parts: Unpack[Parts]) -> None:
        fields = self.__dict__  # what is left out stays with the class
        fields["freq"] = freq
        for name, value in parts.items():
            if name not in CHECKS:
                raise TypeError(f"a rule has no part {name}")
            value = CHECKS[name](freq, name, value)
            if value != ():
                fields[name] = value
        self.check_together()

    def check_together(self) -> None:
        """Parts that do not go together, or not without another (decision 8)."""
        if self.count and self.until is not None:
            raise RecurrenceError("COUNT", "COUNT and UNTIL together", "one of the two")
        if self.bysetpos and PICKED_FROM.isdisjoint(self.__dict__):
            raise RecurrenceError("BYSETPOS", "it alone", "another BY part beside it, to pick from")
        if self.byweekno and any(ordinal for ordinal, _ in self.byday):
            raise RecurrenceError("BYDAY", "ordinals with BYWEEKNO", "days without an ordinal beside BYWEEKNO")

    @classmethod
    def parse(cls, text: str) -> "Rule":
        """Reads "FREQ=WEEKLY;BYDAY=MO", a leading "RRULE:" allowed. Raises RecurrenceError, naming the part."""
        rule = cls.__new__(cls)
        parts = rule_text.read(text)
        rule.__dict__.update(parts)
        if len(parts) > 2 or "bysetpos" in parts:
            rule.check_together()
        return rule

    def but(self, **parts: Unpack[Parts]) -> "Rule":
        """The same rule with other parts, which must be right: they are not looked at."""
        rule = Rule.__new__(Rule)
        rule.__dict__.update(self.__dict__, **parts)
        return rule

    def __str__(self) -> str:
        return rule_text.write(self)
