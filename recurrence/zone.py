"""Wall times to instants and back, by tables of a zone's offsets (decisions 1 to 4).

Zones come from the tzdata package alone, never from the machine: the same plan gives the same instants
everywhere, and `tzdata_version()` says by which edition. Looking here also points the standard zoneinfo at
that package, so that a ZoneInfo made by anyone in this process agrees.

A zone is cut into sections of the wall clock, each with one offset. Where the clock jumps forward, the hour
that never was is a section of its own, marked as a gap: a start in it uses the offset before the jump
(Gap.SHIFT; RFC 5545 3.3.5, erratum 4271) or is left out (Gap.SKIP). Where the clock goes back, the repeated
hour belongs to the section before the change (Fold.FIRST) or to the one after it (Fold.SECOND), never to
both.

The rule at the end of a zone's file repeats with the Gregorian calendar every 400 years. One such cycle is
tabulated; later years use the same table, moved.
"""

import zoneinfo
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from itertools import pairwise
from typing import Final, NamedTuple

import tzdata  # type: ignore[import-untyped]  # data; it has no types to speak of

from recurrence import timeline, tzif
from recurrence.calendar import CYCLE, MONTH_KINDS, MONTH_STARTS, YEARS_IN_CYCLE, is_leap
from recurrence.errors import RecurrenceError, ZoneError
from recurrence.timeline import DAY

zoneinfo.reset_tzpath(to=())

FAR: Final = 30 * CYCLE  # beyond every second of the line, on both sides
KEPT: Final = 64  # zones held in memory; a table with its cycle takes about 250 kB


class Gap(StrEnum):
    """A start that falls into the hour the clock skips."""

    SHIFT = "SHIFT"  # keeps the offset before the jump: 02:30 is shown as 03:30
    SKIP = "SKIP"  # is left out and not counted


class Fold(StrEnum):
    """A start that falls into the hour the clock repeats."""

    FIRST = "FIRST"  # means the first of the two
    SECOND = "SECOND"  # means the second

    __hash__ = str.__hash__  # Enum's own is slow


class Section(NamedTuple):
    """The walls from `low` to before `high`, all with one `offset` in seconds east of UTC."""

    low: int
    high: int
    offset: int
    gap: bool


class Zone:
    """One time zone: `offsets[n]` holds between `instants[n - 1]` and `instants[n]`.

    `spells[n]` tells its walls, and between which instants no clock changes within a day.
    """

    __slots__ = ("footer", "instants", "name", "offsets", "repeats_from", "seam", "spells", "tables")

    def __init__(self, name: str, compiled: tzif.Compiled) -> None:
        self.name = name
        self.footer = compiled.footer
        self.instants: list[int] = []
        self.offsets = [compiled.first]
        for at, offset in compiled.changes:
            self.add(at, offset)
        known_until = compiled.changes[-1][0] if compiled.changes else timeline.FIRST
        self.repeats_from = self.seam = FAR  # from repeats_from to seam lies one cycle, which then repeats
        if compiled.footer.start is not None:
            self.extend(compiled.footer, known_until)
        spans = pairwise([-FAR, *self.instants, FAR])
        self.spells = [
            (low + DAY, min(high - DAY, self.seam - 1), Section(low + offset, high + offset, offset, False))
            for offset, (low, high) in zip(self.offsets, spans, strict=True)
        ]
        self.tables: dict[Fold, tuple[list[int], list[Section]]] = {}

    def add(self, at: int, offset: int) -> None:
        """Appends a change, unless nothing changes."""
        if offset != self.offsets[-1]:
            self.instants.append(at)
            self.offsets.append(offset)

    def extend(self, footer: tzif.Footer, known_until: int) -> None:
        """Appends one whole cycle of the footer's rule, and some years more, so that the seam is never met."""
        year = timeline.to_wall(known_until).year
        kinds: dict[tuple[bool, int], list[tuple[int, int]]] = {}  # of years: what changes how long after new year
        for n in range(year, year + 405):
            cycles, place = divmod(n, YEARS_IN_CYCLE)
            begin = MONTH_STARTS[12 * place] + cycles * CYCLE
            kind = is_leap(place), MONTH_KINDS[12 * place]
            if kind not in kinds:
                kinds[kind] = [(at - begin, offset) for at, offset in footer.changes(n)]
            for past, offset in kinds[kind]:
                if begin + past > known_until:
                    self.add(begin + past, offset)
        self.repeats_from = date(year + 2, 1, 1).toordinal() * DAY
        self.seam = self.repeats_from + CYCLE

    def cycles(self, second: int) -> int:
        """The shift (a multiple of CYCLE) that brings a wall or an instant into the tables."""
        return 0 if second < self.seam else (second - self.repeats_from) // CYCLE * CYCLE

    def earliest(self, instant: int) -> int:
        """A wall second before which none is of this instant or a later one."""
        index = bisect_right(self.instants, instant - self.cycles(instant))
        return instant + min(self.offsets[max(index - 1, 0) : index + 2])

    def sections(self, wall: int, fold: Fold) -> Iterator[Section]:
        """The sections in order, from the one that holds `wall` on, to the end of time."""
        highs, table = self.table(fold)
        shift = self.cycles(wall)
        index = bisect_right(highs, wall - shift)
        while index < len(table):
            section = table[index]
            yield section if not shift else moved(section, shift)
            index += 1
            if section.high >= self.seam:  # a cycle on, the table begins anew
                shift += CYCLE
                index = bisect_right(highs, section.high - CYCLE)

    def table(self, fold: Fold) -> tuple[list[int], list[Section]]:
        """The sections as far as they are tabulated, and where each ends."""
        if fold not in self.tables:
            table = list(cut(self.instants, self.offsets, fold))
            self.tables[fold] = ([section.high for section in table], table)
        return self.tables[fold]

    def section(self, wall: int, fold: Fold) -> Section:
        """The section that holds a wall."""
        highs, table = self.table(fold)
        shift = self.cycles(wall)
        section = table[bisect_right(highs, wall - shift)]
        return moved(section, shift) if shift else section

    def offset_at(self, instant: int) -> int:
        """The offset in force at an instant, seconds east of UTC."""
        return self.offsets[bisect_right(self.instants, instant - self.cycles(instant))]

    def place(self, wall: int, fold: Fold) -> tuple[int, bool]:
        """The instant of a wall second, and whether that wall lies in a gap (its offset is then the one
        before).
        """
        section = self.section(wall, fold)
        return wall - section.offset, section.gap


def moved(section: Section, shift: int) -> Section:
    """The same section one or more cycles later."""
    return Section(section.low + shift, section.high + shift, section.offset, section.gap)


def cut(instants: list[int], offsets: list[int], fold: Fold) -> Iterator[Section]:
    """The sections of each offset in order: its gap, if the clock jumped there, and its own walls.

    They join without a hole; one that is swallowed by changes close to it is left out.
    """
    low = -FAR
    before = offsets[0]
    for at, offset, after in zip([*instants, FAR], offsets, [*offsets[1:], offsets[-1]], strict=True):
        if offset > before:
            yield Section(low, low + offset - before, before, True)
            low += offset - before
        high = at + (offset if fold is Fold.FIRST else min(offset, after))
        if high > low:
            yield Section(low, high, offset, False)
            low = high
        before = offset


@cache
def names() -> frozenset[str]:
    """Every zone name that the installed tzdata knows."""
    return frozenset(resources.files(tzdata).joinpath("zones").read_text(encoding="ascii").split())


def check_zone(name: str) -> str:
    """`name` itself, if it is an IANA name known to tzdata, or UTC. Raises ZoneError."""
    if name not in names():
        raise ZoneError("TZID", name)
    return name


@lru_cache(maxsize=KEPT)
def load(name: str) -> Zone:
    """The zone of that name. Raises ZoneError."""
    path = resources.files(tzdata).joinpath("zoneinfo", *check_zone(name).split("/"))
    return Zone(name, tzif.read(name, path.read_bytes()))


def tzdata_version() -> str:
    """The edition of the IANA time zone database in use, like "2026f"."""
    return str(tzdata.IANA_VERSION)


def localize(wall: datetime, zone: str, *, gap: Gap = Gap.SHIFT, fold: Fold = Fold.FIRST) -> datetime | None:
    """The UTC instant of a naive wall time; None for one in a gap under Gap.SKIP. Raises ZoneError,
    RecurrenceError.
    """
    second, missing = load(zone).place(timeline.of_wall(wall), fold)
    if missing and gap is Gap.SKIP:
        return None
    try:
        return timeline.to_instant(second)
    except OverflowError:
        raise RecurrenceError("time", f"{wall.isoformat()} in {zone}", "an instant in the years 1 to 9999") from None


def wall_time(instant: datetime, zone: str) -> datetime:
    """The naive wall time that a zone's clock shows at an aware instant. Raises ZoneError, RecurrenceError."""
    second = timeline.of_instant(instant)
    try:
        return timeline.to_wall(second + load(zone).offset_at(second))
    except OverflowError:
        raise RecurrenceError(
            "time", f"{instant.isoformat()} in {zone}", "a wall time in the years 1 to 9999"
        ) from None
