"""What a part of a rule may say (RFC 5545 3.3.10, decision 8). Each refusal names the part.

Refused are numbers out of range, and parts that their FREQ forbids; what two parts say together is looked at in
`rule.py`. A rule that is merely useless (it never fires, or every second) is legal here: saying so is `analyse.py`'s
task, refusing it the caller's.
"""

from collections.abc import Callable, Mapping
from operator import lt
from typing import Any, Final

from recurrence.errors import RecurrenceError
from recurrence.parts import ByDay, Frequency

MAX_NUMBER: Final = 1_000_000_000  # INTERVAL and COUNT; more seconds than that lie beyond any plan
MAX_ORDINAL: Final = 53  # of a weekday in a year
RANGES: Final = {  # part: smallest, largest, whether it may count from the end
    "bysecond": (0, 60, False),
    "byminute": (0, 59, False),
    "byhour": (0, 23, False),
    "bymonthday": (1, 31, True),
    "byyearday": (1, 366, True),
    "byweekno": (1, 53, True),
    "bymonth": (1, 12, False),
    "bysetpos": (1, 366, True),
}
PICKED_FROM: Final = frozenset(RANGES) - {"bysetpos"} | {"byday"}
FORBIDDEN: Final = {  # part: the frequencies with which it has no meaning, and the one sentence about it
    "byweekno": (frozenset(Frequency) - {Frequency.YEARLY}, "BYWEEKNO with YEARLY only"),
    "byyearday": (
        frozenset((Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY)),
        "BYYEARDAY with YEARLY, HOURLY, MINUTELY or SECONDLY",
    ),
    "bymonthday": (frozenset((Frequency.WEEKLY,)), "BYMONTHDAY with any frequency but WEEKLY"),
}
WITH_ORDINALS: Final = frozenset((Frequency.MONTHLY, Frequency.YEARLY))


def wanted(name: str) -> str:
    """The numbers that a part takes, in words."""
    if name not in RANGES:
        return f"a whole number from 1 to {MAX_NUMBER}"
    low, high, signed = RANGES[name]
    return f"{low} to {high} or -{high} to -{low}" if signed else f"{low} to {high}"


def numbers(freq: Frequency, name: str, values: tuple[int, ...]) -> tuple[int, ...]:
    """A list of numbers within their range, under a FREQ with which they mean something."""
    if not values:
        return values
    if len(values) > 1:
        values = tuple(sorted(set(values)))
    low, high, signed = RANGES[name]
    least = values[0]
    if values[-1] > high or least < low:
        for value in values:
            if not low <= (abs(value) if signed else value) <= high:
                raise RecurrenceError(name.upper(), value, wanted(name))
    if name in FORBIDDEN:
        frequencies, expected = FORBIDDEN[name]
        if freq in frequencies:
            raise RecurrenceError(name.upper(), f"FREQ={freq}", expected)
    return values


def days(freq: Frequency, name: str, values: tuple[ByDay, ...]) -> tuple[ByDay, ...]:
    """Weekdays; their ordinals have a meaning in months and years only."""
    if len(values) > 1 and not all(map(lt, values, values[1:])):
        values = tuple(sorted(set(values)))
    if not values or not (values[0][0] or values[-1][0]):
        return values  # ordinals sort to the ends
    for ordinal, weekday in values:
        if ordinal and (freq not in WITH_ORDINALS or abs(ordinal) > MAX_ORDINAL):
            text = f"{ordinal}{weekday.name}"
            if abs(ordinal) > MAX_ORDINAL:
                raise RecurrenceError(name.upper(), text, "an ordinal of 1 to 53 or -53 to -1")
            raise RecurrenceError(name.upper(), f"{text} with FREQ={freq}", "ordinals with MONTHLY or YEARLY only")
    return values


def whole(freq: Frequency, name: str, value: int | None) -> int | None:
    """A whole number from one up, of bearable size; a COUNT may be None."""
    if value is None and name == "count":
        return value
    if value is None or not 1 <= value <= MAX_NUMBER:
        raise RecurrenceError(name.upper(), value, wanted(name))
    return value


def right(freq: Frequency, name: str, value: Any) -> Any:
    """What is right by its type."""
    return value


CHECKS: Final[Mapping[str, Callable[[Frequency, str, Any], Any]]] = {
    **dict.fromkeys(RANGES, numbers),
    "byday": days,
    "interval": whole,
    "count": whole,
    **dict.fromkeys(("until", "wkst", "skip"), right),
}
"""Checks and puts in order the value of each part: lists sorted, without doubles. They raise RecurrenceError."""
