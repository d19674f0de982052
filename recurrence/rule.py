"""The rule: how a plan repeats (RFC 5545 3.3.10, and SKIP of RFC 7529).

Values only; `rule_text.py` reads and writes them, `checks.py` says what is refused. A part that was left out
stays left out: what it takes from DTSTART is decided where the rule is compiled, so that a rule means the
same on its own as in its series. Lists are kept sorted and free of doubles, so that two spellings of one rule
are equal.

Weeks start on Monday unless WKST says otherwise, never by locale (decision 13).
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from operator import attrgetter
from typing import NamedTuple

from recurrence import rule_text
from recurrence.checks import check_rule

lists_of = attrgetter(*rule_text.LISTS)


class Frequency(StrEnum):
    """The unit that INTERVAL counts."""

    SECONDLY = "SECONDLY"  # every second of the wall clock
    MINUTELY = "MINUTELY"  # every minute of the wall clock
    HOURLY = "HOURLY"  # every hour of the wall clock
    DAILY = "DAILY"  # every date
    WEEKLY = "WEEKLY"  # every week, from WKST on
    MONTHLY = "MONTHLY"  # every calendar month
    YEARLY = "YEARLY"  # every calendar year; with BYWEEKNO every week-year

    __hash__ = str.__hash__  # Enum's own is slow


class Weekday(IntEnum):
    """Days of the week, numbered as Python does."""

    MO = 0
    TU = 1
    WE = 2
    TH = 3
    FR = 4
    SA = 5
    SU = 6

    __hash__ = int.__hash__  # Enum's own is slow


class Skip(StrEnum):
    """What becomes of a day of the month that does not exist (RFC 7529)."""

    OMIT = "OMIT"  # it is left out and not counted
    BACKWARD = "BACKWARD"  # the last day before it stands in
    FORWARD = "FORWARD"  # the first day after it stands in


class ByDay(NamedTuple):
    """One entry of BYDAY: `ordinal` 0 means each such weekday, 2 the second, -1 the last."""

    ordinal: int
    weekday: Weekday


@dataclass(frozen=True, slots=True, kw_only=True)
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

    def __post_init__(self) -> None:
        given = [(name, values) for name, values in zip(rule_text.LISTS, lists_of(self), strict=True) if values]
        for name, values in given:
            if len(values) > 1:
                object.__setattr__(self, name, tuple(sorted(set(values))))
        check_rule(self, given)

    @classmethod
    def parse(cls, text: str) -> "Rule":
        """Reads "FREQ=WEEKLY;BYDAY=MO", a leading "RRULE:" allowed. Raises RecurrenceError, naming the part."""
        parts = rule_text.read(text)
        parts["freq"] = FREQUENCIES[parts["freq"]]
        if "byday" in parts:
            parts["byday"] = tuple([ByDay(n, WEEKDAYS[day]) for n, day in parts["byday"]])
        if "wkst" in parts:
            parts["wkst"] = WEEKDAYS[parts["wkst"]]
        if "skip" in parts:
            parts["skip"] = Skip(parts["skip"])
        return cls(**parts)

    def __str__(self) -> str:
        return rule_text.write(self)


WEEKDAYS = tuple(Weekday)
FREQUENCIES = {freq.value: freq for freq in Frequency}
