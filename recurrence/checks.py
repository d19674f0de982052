"""What a rule may not say (RFC 5545 3.3.10, decision 8). Each refusal names the part.

Refused are numbers out of range and combinations that the RFC forbids. A rule that is merely useless (it
never fires, or every second) is legal here: saying so is `analyse.py`'s task, refusing it the caller's.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from recurrence.errors import RecurrenceError
from recurrence.parts import ByDay, Frequency

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


def check_rule(rule: "Rule", given: dict[str, Any]) -> None:
    """Raises RecurrenceError for the first part that is wrong; `given` are those that are not left out, but FREQ."""
    for name, value in given.items():
        if name in CHECKS:
            CHECKS[name](rule, value)
        elif name in RANGES:
            check_range(name, value, *RANGES[name])
        elif name not in WORDS:
            raise TypeError(f"a rule has no part {name}")
    if rule.bysetpos and not any(rule.__dict__.get(name) for name in PICKED_FROM):
        raise RecurrenceError("BYSETPOS", "it alone", "another BY part beside it, to pick from")


def check_interval(_: "Rule", value: int) -> None:
    """INTERVAL starts at one."""
    check_number("INTERVAL", value)


def check_count(rule: "Rule", value: int | None) -> None:
    """COUNT starts at one, and stands without UNTIL."""
    if value is None:
        return
    check_number("COUNT", value)
    if rule.until is not None:
        raise RecurrenceError("COUNT", "COUNT and UNTIL together", "one of the two")


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


def check_byday(rule: "Rule", value: tuple[ByDay, ...]) -> None:
    """Ordinals have a meaning in months and years only."""
    for ordinal, weekday in value:
        if not ordinal:
            continue
        text = f"{ordinal}{weekday.name}"
        if abs(ordinal) > 53:
            raise RecurrenceError("BYDAY", text, "an ordinal of 1 to 53 or -53 to -1")
        if rule.freq not in (Frequency.MONTHLY, Frequency.YEARLY):
            raise RecurrenceError("BYDAY", f"{text} with FREQ={rule.freq}", "ordinals with MONTHLY or YEARLY only")
        if rule.byweekno:
            raise RecurrenceError("BYDAY", f"{text} with BYWEEKNO", "days without an ordinal beside BYWEEKNO")


def check_byweekno(rule: "Rule", value: tuple[int, ...]) -> None:
    """Weeks are numbered within a year."""
    check_range("byweekno", value, *RANGES["byweekno"])
    if value and rule.freq is not Frequency.YEARLY:
        raise RecurrenceError("BYWEEKNO", f"FREQ={rule.freq}", "BYWEEKNO with YEARLY only")


def check_byyearday(rule: "Rule", value: tuple[int, ...]) -> None:
    """Days of the year have no meaning in shorter periods of days."""
    check_range("byyearday", value, *RANGES["byyearday"])
    if value and rule.freq in (Frequency.DAILY, Frequency.WEEKLY, Frequency.MONTHLY):
        raise RecurrenceError("BYYEARDAY", f"FREQ={rule.freq}", "BYYEARDAY with YEARLY, HOURLY, MINUTELY or SECONDLY")


def check_bymonthday(rule: "Rule", value: tuple[int, ...]) -> None:
    """Days of the month have no meaning in a week."""
    check_range("bymonthday", value, *RANGES["bymonthday"])
    if value and rule.freq is Frequency.WEEKLY:
        raise RecurrenceError("BYMONTHDAY", f"FREQ={rule.freq}", "BYMONTHDAY with any frequency but WEEKLY")


PICKED_FROM: Final = ("byday", *(name for name in RANGES if name != "bysetpos"))
WORDS: Final = frozenset(("until", "wkst", "skip"))  # what is right by its type
CHECKS: Final[dict[str, Callable[["Rule", Any], None]]] = {
    "interval": check_interval,
    "count": check_count,
    "byday": check_byday,
    "byweekno": check_byweekno,
    "byyearday": check_byyearday,
    "bymonthday": check_bymonthday,
}
