"""What the engine refuses, and how it says so.

    ValueError
    └── RecurrenceError          some part of a series is wrong; `part` names it
        ├── ZoneError            a time zone that tzdata does not know
        └── BudgetError          the answer would take more work than one call may do

Each sentence reads "PART: got X, expected Y". What was got is shown shortened and printable, because it comes
from outside and may be long or hostile.
"""

SHOWN = 60  # characters of a refused value that are repeated in the sentence


class RecurrenceError(ValueError):
    """A part of a series is wrong: `part` is its RFC 5545 name, the message says what was got and what was
    expected.
    """

    def __init__(self, part: str, got: object, expected: str) -> None:
        self.part = part
        self.got = shown(got)
        self.expected = expected
        super().__init__(f"{part}: got {self.got}, expected {expected}")

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), (self.part, self.got, self.expected)


class ZoneError(RecurrenceError):
    """A time zone name that the installed tzdata does not hold."""

    def __init__(self, part: str, got: object, expected: str = "an IANA name known to tzdata, or UTC") -> None:
        super().__init__(part, got, expected)


class BudgetError(RecurrenceError):
    """The next occurrence lies further than the steps one call may spend on it."""

    def __init__(self, part: str, got: object, expected: str = "a rule whose next start is found in fewer") -> None:
        super().__init__(part, got, expected)


def shown(value: object) -> str:
    """`value` as it may stand in a sentence: printable, at most SHOWN characters, "nothing" for the empty
    text.
    """
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(value)[: SHOWN + 1])
    return (text if len(text) <= SHOWN else text[: SHOWN - 1] + "…") or "nothing"
