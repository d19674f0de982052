"""What a part of a rule may say (RFC 5545 3.3.10, decision 8). Each refusal names the part.

Refused are numbers out of range, and parts that their FREQ forbids; what two parts say together is looked at in
`rule.py`. A rule that is merely useless (it never fires, or every second) is legal here: saying so is `analyse.py`'s
task, refusing it the caller's.
"""

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
PICKED_FROM: Final = ("byday", *(name for name in RANGES if name != "bysetpos"))
FORBIDDEN: Final = {  # part: the frequencies with which it has no meaning, and the one sentence about it
    "byweekno": (frozenset(Frequency) - {Frequency.YEARLY}, "BYWEEKNO with YEARLY only"),
    "byyearday": (
        frozenset((Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY)),
        "BYYEARDAY with YEARLY, HOURLY, MINUTELY or SECONDLY",
    ),
    "bymonthday": (frozenset((Frequency.WEEKLY,)), "BYMONTHDAY with any frequency but WEEKLY"),
}
WITH_ORDINALS: Final = frozenset((Frequency.MONTHLY, Frequency.YEARLY))
WORDS: Final = frozenset(("until", "wkst", "skip"))  # what is right by its type


def checked(freq: Frequency, name: str, value: Any) -> Any:
    """The value of a part in its one form: lists in order, without doubles. Raises RecurrenceError, or TypeError for a
    part that there is not.
    """
    if name in RANGES:
        return numbers(freq, name, value)
    if name == "byday":
        return days(freq, value)
    if name == "interval" or (name == "count" and value is not None):
        check_number(name.upper(), value)
    elif name not in WORDS and name != "count":
        raise TypeError(f"a rule has no part {name}")
    return value


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
                backward = f" or -{high} to -{low}" if signed else ""
                raise RecurrenceError(name.upper(), value, f"{low} to {high}{backward}")
    if name in FORBIDDEN:
        frequencies, expected = FORBIDDEN[name]
        if freq in frequencies:
            raise RecurrenceError(name.upper(), f"FREQ={freq}", expected)
    return values


def days(freq: Frequency, values: tuple[ByDay, ...]) -> tuple[ByDay, ...]:
    """Weekdays; their ordinals have a meaning in months and years only."""
    if not all(map(lt, values, values[1:])):
        values = tuple(sorted(set(values)))
    if not values or not (values[0][0] or values[-1][0]):
        return values  # ordinals sort to the ends
    for ordinal, weekday in values:
        if ordinal and (freq not in WITH_ORDINALS or abs(ordinal) > MAX_ORDINAL):
            text = f"{ordinal}{weekday.name}"
            if abs(ordinal) > MAX_ORDINAL:
                raise RecurrenceError("BYDAY", text, "an ordinal of 1 to 53 or -53 to -1")
            raise RecurrenceError("BYDAY", f"{text} with FREQ={freq}", "ordinals with MONTHLY or YEARLY only")
    return values


def check_number(part: str, value: int) -> None:
    """A whole number from one up, of bearable size."""
    if value < 1:
        raise RecurrenceError(part, value, "a whole number from 1 up")
    if value > MAX_NUMBER:
        raise RecurrenceError(part, value, f"a whole number up to {MAX_NUMBER}")
