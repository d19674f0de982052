"""A rule as text: RFC 5545 3.3.10's grammar, read strictly and written in one canonical form.

Names and values may be in any case. A part that is unknown, empty or given twice is refused by name (decision
8), never guessed at. Written are FREQ first, then the other parts in a fixed order, defaults (INTERVAL=1,
WKST=MO, SKIP=OMIT) left out; RSCALE is written only beside a SKIP, which needs it (RFC 7529).
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from recurrence.errors import RecurrenceError
from recurrence.moment import Period, format_moment, parse_moment
from recurrence.parts import ByDay, Frequency, Skip, Weekday

if TYPE_CHECKING:
    from recurrence.rule import Rule

MAX_TEXT: Final = 16_384  # characters; every list filled to its brim needs fewer
Word = TypeVar("Word")

LISTS: Final = (
    "bysecond",
    "byminute",
    "byhour",
    "byday",
    "bymonthday",
    "byyearday",
    "byweekno",
    "bymonth",
    "bysetpos",
)
FREQUENCIES: Final = {freq.value: freq for freq in Frequency}
WEEKDAYS: Final = {day.name: day for day in Weekday}
DAYS: Final = {name: ByDay(0, day) for name, day in WEEKDAYS.items()}
SKIPS: Final = {skip.value: skip for skip in Skip}
NUMBERS: Final = {name.upper(): name for name in LISTS if name != "byday"}
UNSIGNED: Final = frozenset(("INTERVAL", "COUNT", "BYSECOND", "BYMINUTE", "BYHOUR", "BYMONTH"))
NUMBER: Final = re.compile(r"[+-]?\d{1,10}", re.ASCII)
DAY_FORM: Final = re.compile(r"([+-]?\d{1,2})(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)


def read(text: str) -> dict[str, Any]:
    """The parts of a rule by the names of Rule's fields. Raises RecurrenceError, naming the part."""
    if len(text) > MAX_TEXT:
        raise RecurrenceError("RRULE", text, f"at most {MAX_TEXT} characters")
    parts: dict[str, Any] = {}
    for piece in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, _, value = piece.partition("=")
        if not value:
            raise RecurrenceError(name or "RRULE", piece, "parts written NAME=VALUE, joined by semicolons")
        field = name.lower()
        if field in parts:
            raise RecurrenceError(name, "it twice", "each part once")
        parts[field] = READERS[name](value) if name in READERS else read_numbers(name, value)
    if "freq" not in parts:
        raise RecurrenceError("FREQ", "none", "one of " + ", ".join(sorted(FREQUENCIES)))
    rscale = parts.pop("rscale", None)
    if "skip" in parts and not rscale:
        raise RecurrenceError("SKIP", f"{parts['skip']} without RSCALE", "RSCALE=GREGORIAN beside it")
    return parts


def read_numbers(name: str, value: str) -> tuple[int, ...]:
    """The numbers of a list. Raises RecurrenceError, also for a name that is none of a list."""
    if name not in NUMBERS:
        raise RecurrenceError(name, value, "no such part: a rule has the parts of RFC 5545, RSCALE and SKIP")
    return tuple([number(name, item) for item in value.split(",")])


def number(name: str, text: str) -> int:
    """A whole number of at most ten digits, with an optional sign where the grammar has one."""
    if not NUMBER.fullmatch(text):
        raise RecurrenceError(name, text, "a whole number")
    if name in UNSIGNED and text[0] == "+":
        raise RecurrenceError(name, text, "a whole number without a sign")
    return int(text)


def read_interval(value: str) -> int:
    """The whole number of INTERVAL."""
    return number("INTERVAL", value)


def read_count(value: str) -> int:
    """The whole number of COUNT."""
    return number("COUNT", value)


def read_days(value: str) -> tuple[ByDay, ...]:
    """The entries of BYDAY."""
    return tuple([DAYS.get(item) or ordinal_day(item) for item in value.split(",")])


def ordinal_day(text: str) -> ByDay:
    """One entry of BYDAY with an ordinal."""
    match = DAY_FORM.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise RecurrenceError("BYDAY", text, "days like MO, 2TU or -1FR")
    return ByDay(int(match[1]), WEEKDAYS[match[2]])


def read_freq(value: str) -> Frequency:
    """FREQ's unit."""
    return FREQUENCIES.get(value) or choice("FREQ", value, FREQUENCIES)


def read_wkst(value: str) -> Weekday:
    """The day on which weeks start."""
    return choice("WKST", value, WEEKDAYS)


def read_skip(value: str) -> Skip:
    """What becomes of missing days."""
    return choice("SKIP", value, SKIPS)


def read_rscale(value: str) -> bool:
    """True for the one calendar there is."""
    return choice("RSCALE", value, {"GREGORIAN": True})


def choice(name: str, value: str, known: dict[str, Word]) -> Word:
    """What `value` means, which must be one of the known words."""
    if value not in known:
        raise RecurrenceError(name, value, "one of " + ", ".join(sorted(known)))
    return known[value]


def read_until(value: str) -> datetime | date:
    """UNTIL's instant, local time or date."""
    found = parse_moment(value, part="UNTIL")
    if isinstance(found, Period):
        raise RecurrenceError("UNTIL", value, "one date or time")
    return found


READERS: Final[dict[str, Callable[[str], Any]]] = {
    "FREQ": read_freq,
    "INTERVAL": read_interval,
    "COUNT": read_count,
    "UNTIL": read_until,
    "BYDAY": read_days,
    "WKST": read_wkst,
    "SKIP": read_skip,
    "RSCALE": read_rscale,
}


def write(rule: "Rule") -> str:
    """The canonical text of a rule."""
    parts = ["RSCALE=GREGORIAN"] if rule.skip is not Skip.OMIT else []
    parts.append(f"FREQ={rule.freq.value}")
    if rule.interval != 1:
        parts.append(f"INTERVAL={rule.interval}")
    if rule.count is not None:
        parts.append(f"COUNT={rule.count}")
    if rule.until is not None:
        parts.append(f"UNTIL={format_moment(rule.until)}")
    for name in reversed(LISTS):
        values = getattr(rule, name)
        if name == "byday":
            values = [f"{n or ''}{weekday.name}" for n, weekday in values]
        if values:
            parts.append(f"{name.upper()}={','.join(map(str, values))}")
    if rule.wkst:
        parts.append(f"WKST={rule.wkst.name}")
    if rule.skip is not Skip.OMIT:
        parts.append(f"SKIP={rule.skip.value}")
    return ";".join(parts)
