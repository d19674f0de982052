"""What a rule may not say (RFC 5545 3.3.10, decision 8). Each refusal names the part.

Refused are numbers out of range and combinations that the RFC forbids. A rule that is merely useless (it
never fires, or every second) is legal here: saying so is `analyse.py`'s task, refusing it the caller's.
"""

from typing import TYPE_CHECKING, Final

from recurrence.errors import RecurrenceError
from recurrence.parts import Frequency

if TYPE_CHECKING:
    from recurrence.rule import Rule

MAX_NUMBER: Final = 1_000_000_000  # INTERVAL and COUNT; more seconds than that lie beyond any plan
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
PLACES: Final = {  # part: the frequencies with which it has no meaning, and those with which it has
    "byweekno": (frozenset(Frequency) - {Frequency.YEARLY}, "YEARLY only"),
    "byyearday": (
        frozenset((Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY)),
        "YEARLY, HOURLY, MINUTELY or SECONDLY",
    ),
    "bymonthday": (frozenset((Frequency.WEEKLY,)), "any frequency but WEEKLY"),
}


def check_rule(rule: "Rule", given: list[str]) -> None:
    """Raises RecurrenceError for the first part that is wrong; `given` names the lists that are not empty."""
    check_number("INTERVAL", rule.interval)
    if rule.count is not None:
        check_number("COUNT", rule.count)
        if rule.until is not None:
            raise RecurrenceError("COUNT", "COUNT and UNTIL together", "one of the two")
    for name in given:
        if name == "byday":
            check_byday(rule)
        else:
            check_range(name, getattr(rule, name), *RANGES[name])
            if name in PLACES:
                check_place(rule, name)
    if rule.bysetpos and len(given) == 1:
        raise RecurrenceError("BYSETPOS", "it alone", "another BY part beside it, to pick from")


def check_number(part: str, value: int) -> None:
    """A whole number from one up, of bearable size."""
    if value < 1:
        raise RecurrenceError(part, value, "a whole number from 1 up")
    if value > MAX_NUMBER:
        raise RecurrenceError(part, value, f"a whole number up to {MAX_NUMBER}")


def check_range(name: str, values: tuple[int, ...], low: int, high: int, signed: bool) -> None:
    """Every value within low..high, or within -high..-low where counting from the end is allowed."""
    for value in values:
        if not low <= (abs(value) if signed else value) <= high:
            backward = f" or -{high} to -{low}" if signed else ""
            raise RecurrenceError(name.upper(), value, f"{low} to {high}{backward}")


def check_byday(rule: "Rule") -> None:
    """Ordinals have a meaning in months and years only."""
    for ordinal, weekday in rule.byday:
        if not ordinal:
            continue
        text = f"{ordinal}{weekday.name}"
        if abs(ordinal) > 53:
            raise RecurrenceError("BYDAY", text, "an ordinal of 1 to 53 or -53 to -1")
        if rule.freq not in (Frequency.MONTHLY, Frequency.YEARLY):
            raise RecurrenceError("BYDAY", f"{text} with FREQ={rule.freq}", "ordinals with MONTHLY or YEARLY only")
        if rule.byweekno:
            raise RecurrenceError("BYDAY", f"{text} with BYWEEKNO", "days without an ordinal beside BYWEEKNO")


def check_place(rule: "Rule", name: str) -> None:
    """Parts that RFC 5545 allows with some frequencies only."""
    forbidden, allowed = PLACES[name]
    if rule.freq in forbidden:
        raise RecurrenceError(name.upper(), f"FREQ={rule.freq}", f"{name.upper()} with {allowed}")
