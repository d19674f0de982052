"""A rule as text: RFC 5545 3.3.10's grammar, read strictly and written in one canonical form.

Names and values may be in any case. A part that is unknown, empty or given twice is refused by name (decision
8), never guessed at. Written are FREQ first, then the other parts in a fixed order, defaults (INTERVAL=1,
WKST=MO, SKIP=OMIT) left out; RSCALE is written only beside a SKIP, which needs it (RFC 7529).
"""

import re
from typing import TYPE_CHECKING, Any, Final

from recurrence.errors import RecurrenceError
from recurrence.moment import Period, format_moment, parse_moment

if TYPE_CHECKING:
    from recurrence.rule import Rule

MAX_TEXT: Final = 16_384  # characters; every list filled to its brim needs fewer
DAYS: Final = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
DAY_NAMES: Final = tuple(DAYS)
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
FREQUENCIES: Final = frozenset(("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"))
SKIPS: Final = frozenset(("OMIT", "BACKWARD", "FORWARD"))
NUMBERS: Final = {name.upper(): name for name in LISTS if name != "byday"}
UNSIGNED: Final = frozenset(("INTERVAL", "COUNT", "BYSECOND", "BYMINUTE", "BYHOUR", "BYMONTH"))
NUMBER: Final = re.compile(r"[+-]?\d{1,10}", re.ASCII)
DAY_FORM: Final = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)


def read(text: str) -> dict[str, Any]:
    """The parts of a rule as plain values by lower-case name: numbers, tuples of numbers, (ordinal, weekday)
    pairs.
    """
    if len(text) > MAX_TEXT:
        raise RecurrenceError("RRULE", text, f"at most {MAX_TEXT} characters")
    text = text.strip().upper()
    text = text.removeprefix("RRULE:")
    parts: dict[str, Any] = {}
    rscale = False
    for piece in text.split(";"):
        name, equals, value = piece.partition("=")
        if not equals or not value:
            raise RecurrenceError(name or "RRULE", piece, "parts written NAME=VALUE, joined by semicolons")
        key = name.lower()
        if key in parts or (key == "rscale" and rscale):
            raise RecurrenceError(name, "it twice", "each part once")
        if key == "rscale":
            rscale = read_rscale(value)
        else:
            parts[key] = read_part(name, value)
    if "freq" not in parts:
        raise RecurrenceError("FREQ", "none", "one of " + ", ".join(sorted(FREQUENCIES)))
    if "skip" in parts and not rscale:
        raise RecurrenceError("SKIP", f"{parts['skip']} without RSCALE", "RSCALE=GREGORIAN beside it")
    return parts


def read_part(name: str, value: str) -> Any:
    """The value of one part. Raises RecurrenceError, naming it, for a name or a value that the grammar does
    not know.
    """
    if name in NUMBERS:
        return tuple([number(name, item) for item in value.split(",")])
    if name == "FREQ":
        return choice(name, value, FREQUENCIES)
    if name == "BYDAY":
        return tuple([day(item) for item in value.split(",")])
    if name in ("INTERVAL", "COUNT"):
        return number(name, value)
    if name == "UNTIL":
        return read_until(value)
    if name == "WKST":
        return DAYS[choice(name, value, frozenset(DAY_NAMES))]
    if name == "SKIP":
        return choice(name, value, SKIPS)
    raise RecurrenceError(name, value, "no such part: a rule has the parts of RFC 5545, RSCALE and SKIP")


def number(name: str, text: str) -> int:
    """A whole number of at most ten digits, with an optional sign where the grammar has one."""
    if not NUMBER.fullmatch(text):
        raise RecurrenceError(name, text, "a whole number")
    if name in UNSIGNED and text[0] == "+":
        raise RecurrenceError(name, text, "a whole number without a sign")
    return int(text)


def day(text: str) -> tuple[int, int]:
    """One entry of BYDAY as (ordinal or 0, weekday)."""
    if text in DAYS:
        return 0, DAYS[text]
    match = DAY_FORM.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise RecurrenceError("BYDAY", text, "days like MO, 2TU or -1FR")
    return int(match[1]), DAYS[match[2]]


def choice(name: str, value: str, known: frozenset[str]) -> str:
    """`value`, which must be one of the known words."""
    if value not in known:
        raise RecurrenceError(name, value, "one of " + ", ".join(sorted(known)))
    return value


def read_rscale(value: str) -> bool:
    """True for the one calendar there is."""
    return bool(choice("RSCALE", value, frozenset(("GREGORIAN",))))


def read_until(value: str) -> Any:
    """UNTIL's instant, local time or date."""
    found = parse_moment(value, part="UNTIL")
    if isinstance(found, Period):
        raise RecurrenceError("UNTIL", value, "one date or time")
    return found


def write(rule: "Rule") -> str:
    """The canonical text of a rule."""
    parts = ["RSCALE=GREGORIAN"] if rule.skip != "OMIT" else []
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
            values = [f"{n or ''}{DAY_NAMES[weekday]}" for n, weekday in values]
        if values:
            parts.append(f"{name.upper()}={','.join(map(str, values))}")
    if rule.wkst:
        parts.append(f"WKST={DAY_NAMES[rule.wkst]}")
    if rule.skip != "OMIT":
        parts.append(f"SKIP={rule.skip.value}")
    return ";".join(parts)
