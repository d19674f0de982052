"""Content lines of a calendar (RFC 5545 3.1, 3.3): texts, times, and lines folded at 75 octets."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

LONGEST = 75  # octets of a line, its end not counted
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
NEWLINES = re.compile(r"\r\n?")
UTC_ZONE = "Etc/UTC"
"""How the zone UTC is named, so that its wall times stay wall times of a zone."""


def text(value: str) -> str:
    """A TEXT value: what has a meaning there is escaped, control characters are left out."""
    plain = CONTROLS.sub("", NEWLINES.sub("\n", value))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def instant(moment: datetime) -> str:
    """An instant in UTC, whole seconds."""
    return f"{wall(moment.astimezone(UTC))}Z"


def wall(moment: datetime) -> str:
    """A wall time, or the fields of a time whose zone is told elsewhere."""
    return f"{moment.year:04}{moment:%m%dT%H%M%S}"


def tzid(zone: str) -> str:
    """The name under which a zone stands in a calendar."""
    return UTC_ZONE if zone == "UTC" else zone


def folded(lines: Iterable[str]) -> Iterator[str]:
    """The lines, each with its end; long ones in pieces, never within a character."""
    for line in lines:
        if len(line) <= LONGEST and line.isascii():
            yield f"{line}\r\n"
            continue
        piece, size = "", 0
        for letter in line:
            octets = len(letter.encode())
            if size + octets > LONGEST:
                yield f"{piece}\r\n"
                piece, size = " ", 1
            piece, size = piece + letter, size + octets
        yield f"{piece}\r\n"
