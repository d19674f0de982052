"""A rule as text: RFC 5545 3.3.10's grammar, read strictly and written in one canonical form.

Names and values may be in any case. A part that is unknown, empty, wrong beside its FREQ or given twice is refused by
name (decision 8), never guessed at. The parts of most rules are read and checked once, at the start.

Written are FREQ first, then the other parts in a fixed order, defaults (INTERVAL=1,
WKST=MO, SKIP=OMIT) left out; RSCALE is written only beside a SKIP, which needs it (RFC 7529).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, TypeVar

from recurrence.checks import CHECKS, RANGES, wanted
from recurrence.errors import RecurrenceError
from recurrence.moment import format_moment, parse_time
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
UNSIGNED: Final = frozenset(("INTERVAL", "COUNT", "BYSECOND", "BYMINUTE", "BYHOUR", "BYMONTH"))
MOST_DIGITS: Final = 10
NUMBER: Final = re.compile(r"[+-]?\d{1,10}", re.ASCII)
DAY_FORM: Final = re.compile(r"([+-]?\d{1,2})(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)


def read(text: str) -> dict[str, Any]:
    """The parts of a rule by the names of Rule's fields, each checked by itself. Raises RecurrenceError."""
    if len(text) > MAX_TEXT:
        raise RecurrenceError("RRULE", text, f"at most {MAX_TEXT} characters")
    text = text.strip()
    pieces = text.split(";")
    known = BESIDE.get(pieces[0])
    if known is None:
        if text[:6].upper() == "RRULE:":
            pieces = text[6:].split(";")
        known = beside(pieces)
    parts = dict(map(known.__getitem__, pieces))
    if len(parts) < len(pieces):
        fields = [known[piece][0] for piece in pieces]
        twice = next(field for field in fields if fields.count(field) > 1)
        raise RecurrenceError(twice.upper(), "it twice", "each part once")
    if parts.pop("rscale", None) is None and "skip" in parts:
        raise RecurrenceError("SKIP", f"{parts['skip']} without RSCALE", "RSCALE=GREGORIAN beside it")
    return parts


def beside(pieces: Sequence[str]) -> "Beside":
    """What may stand beside the FREQ among these pieces. Raises RecurrenceError."""
    for piece in pieces:
        name, value = named(piece)
        if name == "FREQ":
            return BESIDE[f"FREQ={read_freq(name, value)}"]
    raise RecurrenceError("FREQ", "none", "one of " + ", ".join(sorted(FREQUENCIES)))


def named(piece: str) -> tuple[str, str]:
    """Name of one part, and its value as it is written. Raises RecurrenceError."""
    name, _, value = piece.partition("=")
    name = name.upper()
    if name not in PARTS or not value:
        expected = "parts written NAME=VALUE, joined by semicolons"
        if value and name:
            expected = "no such part: a rule has the parts of RFC 5545, RSCALE and SKIP"
        raise RecurrenceError(name or "RRULE", value or piece, expected)
    return name, value


def number(name: str, text: str) -> int:
    """A whole number of at most ten digits, with an optional sign where the grammar has one."""
    if text.isdecimal() and text.isascii() and len(text) <= MOST_DIGITS:
        return int(text)
    if not NUMBER.fullmatch(text):
        field = name.lower()
        raise RecurrenceError(name, text, f"a whole number, {wanted(field)}" if field in RANGES else wanted(field))
    if text[0] == "+" and name in UNSIGNED:
        raise RecurrenceError(name, text, "a whole number without a sign")
    return int(text)


def numbers(name: str, text: str) -> tuple[int, ...]:
    """The numbers of a list."""
    return tuple([number(name, item) for item in text.split(",")])


def days(name: str, text: str) -> tuple[ByDay, ...]:
    """The entries of BYDAY."""
    return tuple([DAYS.get(item.upper()) or ordinal_day(name, item) for item in text.split(",")])


def ordinal_day(name: str, text: str) -> ByDay:
    """One entry of BYDAY with an ordinal."""
    match = DAY_FORM.fullmatch(text.upper())
    if match is None or int(match[1]) == 0:
        raise RecurrenceError(name, text, "days like MO, 2TU or -1FR")
    return ByDay(int(match[1]), WEEKDAYS[match[2]])


def word_of(known: Mapping[str, Word]) -> Callable[[str, str], Word]:
    """A reader of one of these words."""

    def read_word(name: str, text: str) -> Word:
        if (word := text.upper()) not in known:
            raise RecurrenceError(name, text, "one of " + ", ".join(sorted(known)))
        return known[word]

    return read_word


read_freq: Final = word_of(FREQUENCIES)


def until(name: str, text: str) -> datetime | date:
    """UNTIL's instant, local time or date."""
    try:
        return parse_time(text.upper(), name)
    except RecurrenceError as error:
        raise RecurrenceError(name, text, error.expected) from None


PARTS: Final[Mapping[str, tuple[str, Callable[[str, str], Any]]]] = {  # how each part's value is read
    "FREQ": ("freq", read_freq),
    "INTERVAL": ("interval", number),
    "COUNT": ("count", number),
    "UNTIL": ("until", until),
    **{name.upper(): (name, days if name == "byday" else numbers) for name in LISTS},
    "WKST": ("wkst", word_of(WEEKDAYS)),
    "RSCALE": ("rscale", word_of({"GREGORIAN": True})),
    "SKIP": ("skip", word_of(SKIPS)),
}


class Beside(dict[str, tuple[str, Any]]):
    """The parts of rules of one FREQ, itself included: by their text the name of Rule's field and the value, checked.

    Those of most rules are kept; any other is read when it is asked for. Raises RecurrenceError, naming the part.
    """

    def __init__(self, freq: Frequency) -> None:
        self.freq = freq

    def __missing__(self, piece: str) -> tuple[str, Any]:
        name, text = named(piece)
        field, read_value = PARTS[name]
        value = read_value(name, text)
        return field, CHECKS[field](self.freq, field, value) if field in CHECKS else value

    def keep(self, pieces: Iterable[str]) -> None:
        """Reads those of the pieces that are right beside this FREQ, once for all."""
        for piece in pieces:
            with suppress(RecurrenceError):
                self[piece] = self[piece]


def everyday() -> Iterator[str]:
    """The parts of most rules, FREQ apart: weekdays in their order, small numbers, an ordinal."""
    for number_of_days in range(1, 8):
        for names in combinations(WEEKDAYS, number_of_days):
            yield f"BYDAY={','.join(names)}"
    for name in WEEKDAYS:
        yield f"WKST={name}"
        for ordinal in (*range(1, 6), *range(-5, 0)):
            yield f"BYDAY={ordinal}{name}"
    for part, most in (("INTERVAL", 12), ("BYMONTH", 12), ("BYMONTHDAY", 31), ("BYHOUR", 23), ("BYSETPOS", 5)):
        for n in range(1, most + 1):
            yield f"{part}={n}"
    for part in ("BYMONTHDAY", "BYSETPOS"):
        for n in range(1, 6):
            yield f"{part}=-{n}"


BESIDE: Final = {f"FREQ={freq}": Beside(freq) for freq in Frequency}
for known in BESIDE.values():
    known.keep((f"FREQ={known.freq}", *everyday()))


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
