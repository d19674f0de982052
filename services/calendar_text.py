"""An .ics file as the components it holds, each with the line it begins in (RFC 5545 3.1 and 3.4).

A file is broken, and then nothing of it is taken, when it is not iCalendar: a line that is no content line, a
component that is not closed or closed by another's name, bytes that are not UTF-8. What a line says is not judged
here: an entry that makes no sense is the entry's affair, and the others are taken.

Lines may be folded (also within one character), end in CRLF, LF or CR, and begin with a byte order mark. A file may
hold several calendars one after another.

    BrokenCalendar (ValueError)    the file is not iCalendar; `line` is where that shows
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from icalendar.parser import Contentline

SHOWN = 60  # characters of a broken line that are repeated
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class BrokenCalendar(ValueError):
    """the file is not iCalendar; `line` counts from 1"""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(f"line {line}: {message}")


class Line(NamedTuple):
    """One content line, unfolded: where it begins in the file, its name in capitals, its value, and all of it."""

    number: int
    name: str
    value: str
    text: str


@dataclass(slots=True, kw_only=True)
class Component:
    """What stands between BEGIN and END: its name in capitals, its own lines, the components inside it."""

    name: str
    line: int
    lines: list[Line] = field(default_factory=list)
    inside: list["Component"] = field(default_factory=list)

    def value(self, name: str) -> str | None:
        """The value of its first line of that name; None when it has none."""
        return next((line.value.strip() for line in self.lines if line.name == name), None)

    def text(self) -> str:
        """Its own lines as iCalendar, without the components inside."""
        rows = [f"BEGIN:{self.name}", *(line.text for line in self.lines), f"END:{self.name}", ""]
        return "\r\n".join(rows)


def read(content: bytes) -> list[Component]:
    """The calendars (VCALENDAR) of a file.

    Raises BrokenCalendar, naming the line.
    """
    calendars: list[Component] = []
    stack: list[Component] = []
    last = 1
    for line in content_lines(content):
        last = line.number
        if line.name == "BEGIN":
            begin(line, stack, calendars)
        elif line.name == "END":
            end(line, stack)
        elif stack:
            stack[-1].lines.append(line)
        else:
            raise BrokenCalendar(line.number, f"got {shown(line.text)}, expected BEGIN:VCALENDAR")
    if stack:
        missing = f"the file ends within the {stack[-1].name} of line {stack[-1].line}, expected END:{stack[-1].name}"
        raise BrokenCalendar(last, missing)
    if not calendars:
        raise BrokenCalendar(last, "got an empty file, expected BEGIN:VCALENDAR")
    return calendars


def begin(line: Line, stack: list[Component], calendars: list[Component]) -> None:
    """Open a component; outside of all only a calendar, and a calendar only there."""
    component = Component(name=line.value.strip().upper(), line=line.number)
    if (component.name == "VCALENDAR") == bool(stack):
        expected = f"END:{stack[-1].name}" if stack else "BEGIN:VCALENDAR"
        raise BrokenCalendar(line.number, f"got {shown(line.text)}, expected {expected}")
    (stack[-1].inside if stack else calendars).append(component)
    stack.append(component)


def end(line: Line, stack: list[Component]) -> None:
    """Close the component that was opened last."""
    if not stack:
        raise BrokenCalendar(line.number, f"got {shown(line.text)}, which closes nothing")
    if line.value.strip().upper() != stack[-1].name:
        expected = f"END:{stack[-1].name} for the one of line {stack[-1].line}"
        raise BrokenCalendar(line.number, f"got {shown(line.text)}, expected {expected}")
    stack.pop()


def content_lines(content: bytes) -> Iterator[Line]:
    """The content lines; unfolded as bytes, because a fold may stand within a character."""
    number, row = 0, b""
    for position, piece in enumerate(content.removeprefix(BYTE_ORDER_MARK).splitlines(), start=1):
        if piece[:1] in (b" ", b"\t") and number:
            row += piece[1:]
        elif piece.strip():
            if number:
                yield content_line(number, row)
            number, row = position, piece
    if number:
        yield content_line(number, row)


def content_line(number: int, row: bytes) -> Line:
    """One unfolded line.

    Raises BrokenCalendar.
    """
    try:
        text = row.decode()
    except UnicodeDecodeError:
        raise BrokenCalendar(number, f"got {shown(row.decode(errors='replace'))}, expected text in UTF-8") from None
    try:
        if "\0" in text:
            raise ValueError(text)
        name, _, value = Contentline(text).raw_parts()  # type: ignore[no-untyped-call]  # icalendar leaves it untyped
    except ValueError:
        raise BrokenCalendar(number, f"got {shown(text)}, expected NAME:VALUE") from None
    return Line(number, name.upper(), value, text)


def shown(text: str) -> str:
    """The beginning of a text, printable."""
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "…")
