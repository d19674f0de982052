"""Reads a compiled time zone (TZif, RFC 8536): the instants at which its offset changed, and the rule for the
rest.

Only the second, 64-bit block counts, and of it only the offsets: names and daylight-saving flags mean nothing
to a plan. The footer ("EST5EDT,M3.2.0,M11.1.0") says how it goes on for ever; every zone of tzdata that still
changes its clocks does so on the n-th weekday of a month, and nothing else is read.
"""

import re
import struct
from datetime import date
from typing import Final, NamedTuple

from recurrence.errors import ZoneError
from recurrence.timeline import DAY

UNIX: Final = date(1970, 1, 1).toordinal() * DAY
HEADER: Final = struct.Struct(">4s1s15x6l")
NAME: Final = r"(?:[A-Za-z]{3,}|<[-+A-Za-z0-9]+>)"
TIME: Final = r"[-+]?\d+(?::\d\d)?(?::\d\d)?"
DAY_OF_YEAR: Final = rf"M\d+\.\d\.\d(?:/{TIME})?"
FOOTER: Final = re.compile(
    rf"{NAME}(?P<standard>{TIME})(?:{NAME}(?P<summer>{TIME})?,(?P<start>{DAY_OF_YEAR}),(?P<end>{DAY_OF_YEAR}))?",
    re.ASCII,
)


class YearlyChange(NamedTuple):
    """The `week`-th `weekday` (0 = Sunday, as POSIX counts; week 5 = the last) of a month, `second` seconds
    into it.
    """

    month: int
    week: int
    weekday: int
    second: int

    def wall(self, year: int) -> int:
        """The wall second of this change in a year."""
        first = date(year, self.month, 1)
        day = (self.weekday - first.isoweekday()) % 7 + 7 * (self.week - 1)
        length = (date(year + self.month // 12, self.month % 12 + 1, 1) - first).days
        if day >= length:
            day -= 7
        return (first.toordinal() + day) * DAY + self.second


class Footer(NamedTuple):
    """Offsets in seconds east of UTC, and the changes to and from summer time, if there are any."""

    standard: int
    summer: int
    start: YearlyChange | None
    end: YearlyChange | None

    def changes(self, year: int) -> list[tuple[int, int]]:
        """(instant, offset from then on) of a year, in order; only where there are changes."""
        assert self.start is not None
        assert self.end is not None
        return sorted(
            [
                (self.start.wall(year) - self.standard, self.summer),
                (self.end.wall(year) - self.summer, self.standard),
            ]
        )


class Compiled(NamedTuple):
    """The offset before the first change, the changes as (instant, offset from then on), and the footer."""

    first: int
    changes: list[tuple[int, int]]
    footer: Footer


def read(name: str, data: bytes) -> Compiled:
    """A TZif file of version 2 or later. Raises ZoneError when it is not one."""
    try:
        skipped = HEADER.unpack_from(data)
        start = HEADER.size + block_size(skipped[2:], 4)
        magic, _, *counts = HEADER.unpack_from(data, start)
        isut, isstd, leap, changes, types, names = counts
        start += HEADER.size
        instants = struct.unpack_from(f">{changes}q", data, start)
        kinds = data[start + 8 * changes : start + 9 * changes]
        infos = list(struct.iter_unpack(">lBB", data[start + 9 * changes : start + 9 * changes + 6 * types]))
        end = start + block_size([isut, isstd, leap, changes, types, names], 8)
        footer = data[end:].decode("ascii").strip("\n")
    except (struct.error, UnicodeDecodeError) as error:
        raise ZoneError("TZID", name, "a readable TZif file") from error
    if magic != b"TZif":
        raise ZoneError("TZID", name, "a TZif file of version 2 or later")
    moved = [(UNIX + at, infos[kind][0]) for at, kind in zip(instants, kinds, strict=True)]
    return Compiled(infos[0][0], moved, read_footer(name, footer))


def block_size(counts: "list[int] | tuple[int, ...]", width: int) -> int:
    """Bytes of one data block whose instants are `width` bytes wide."""
    isut, isstd, leap, changes, types, names = counts
    return changes * (width + 1) + types * 6 + names + leap * (width + 4) + isstd + isut


def read_footer(name: str, text: str) -> Footer:
    """The POSIX TZ text at the end of the file, of the one form that tzdata uses."""
    match = FOOTER.fullmatch(text)
    if match is None:
        raise ZoneError("TZID", f"{name} ({text})", "a zone whose clocks change on weekdays of months")
    standard = -seconds(match["standard"])
    summer = -seconds(match["summer"]) if match["summer"] else standard + 3600
    return Footer(standard, summer, change(match["start"]), change(match["end"]))


def change(text: str | None) -> YearlyChange | None:
    """M3.2.0/2: month, week, weekday, time of day (two o'clock when it is left out)."""
    if text is None:
        return None
    day, _, time = text.removeprefix("M").partition("/")
    month, week, weekday = map(int, day.split("."))
    return YearlyChange(month, week, weekday, seconds(time or "2"))


def seconds(text: str) -> int:
    """[-+]h[:mm[:ss]] in seconds."""
    hours, *rest = (int(part) for part in text.lstrip("+-").split(":"))
    total = hours * 3600 + sum(part * unit for part, unit in zip(rest, (60, 1), strict=False))
    return -total if text.startswith("-") else total
