"""The plans and windows that are expanded: ten everyday rules, each begun at five dates and hours.

All in New York, windows of four weeks from a Monday, spread over 2026; the one in March and the
one in October meet a change of clocks. A young plan began at most eight weeks before the end of its window, an old one
eight years before. What is asked for (60 times, 200 times) was measured on plans begun eight years before, where
dateutil takes 24 times as long as for young ones, so that is what `old` measures. `mixed` is the gentler question to
dateutil: ages that spread evenly over eight years, so that half of the plans are younger than four.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = "America/New_York"
NEW_YORK: Final = ZoneInfo(ZONE)
WINDOW: Final = timedelta(weeks=4)
WEEK: Final = timedelta(weeks=1)

DAILY: Final = "FREQ=DAILY"
THRICE: Final = "FREQ=WEEKLY;BYDAY=MO,WE,FR"
YEARLY: Final = "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """How a plan repeats; `without` leaves out the session on the Wednesday of the window's second week."""

    rule: str
    without: bool = False

    @property
    def name(self) -> str:
        """The rule, and that it has an EXDATE."""
        return self.rule + (" EXDATE" if self.without else "")


PATTERNS: Final = (
    Pattern(rule=DAILY),
    Pattern(rule=THRICE),
    Pattern(rule="FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,TH"),
    Pattern(rule="FREQ=MONTHLY;BYDAY=2TU"),
    Pattern(rule="FREQ=MONTHLY;BYMONTHDAY=-1"),
    Pattern(rule="FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
    Pattern(rule=YEARLY),
    Pattern(rule="FREQ=HOURLY"),
    Pattern(rule=THRICE, without=True),
    Pattern(rule=f"{THRICE};COUNT=2000"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One plan and one window: local times, `until` excluded."""

    pattern: Pattern
    start: datetime
    since: datetime
    until: datetime

    @property
    def text(self) -> str:
        """DTSTART, RRULE and EXDATE as text: what all read. Without DURATION a session ends as it starts."""
        told = f"DTSTART;TZID={ZONE}:{self.start:%Y%m%dT%H%M%S}\nRRULE:{self.pattern.rule}"
        if not self.pattern.without:
            return told
        left_out = (self.since + timedelta(days=9)).replace(hour=self.start.hour, minute=self.start.minute)
        return f"{told}\nEXDATE;TZID={ZONE}:{left_out:%Y%m%dT%H%M%S}"

    @property
    def calendar(self) -> str:
        """The same as a calendar with one event of an hour."""
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//sessionbeat//bench//EN", "BEGIN:VEVENT", "UID:1"]
        lines += ["DTSTAMP:20260101T000000Z", "DURATION:PT1H", *self.text.split("\n")]
        lines += ["END:VEVENT", "END:VCALENDAR", ""]
        return "\r\n".join(lines)

    @property
    def instants(self) -> tuple[datetime, datetime]:
        """The window in UTC."""
        return instant(self.since), instant(self.until)

    @property
    def locals(self) -> tuple[datetime, datetime]:
        """The window with New York's offset; the end is the last second inside, for those who count the end in."""
        return self.since.replace(tzinfo=NEW_YORK), (self.until - timedelta(seconds=1)).replace(tzinfo=NEW_YORK)


def instant(local: datetime) -> datetime:
    """A local time of New York in UTC."""
    return local.replace(tzinfo=NEW_YORK).astimezone(UTC)


WINDOWS: Final = (
    datetime(2026, 1, 5),
    datetime(2026, 3, 2),  # clocks change on 8 March
    datetime(2026, 5, 18),
    datetime(2026, 8, 10),
    datetime(2026, 10, 12),  # clocks change on 1 November
)
YOUNG: Final = (
    datetime(2025, 12, 9, 7, 15),
    datetime(2026, 2, 10, 9, 30),
    datetime(2026, 5, 5, 12, 5),
    datetime(2026, 8, 4, 18, 0),
    datetime(2026, 10, 11, 20, 45),
)
MIXED: Final = (
    datetime(2018, 11, 22, 7, 15),  # 7.2 years before the end of its window
    datetime(2020, 8, 23, 9, 30),
    datetime(2022, 6, 15, 12, 5),
    datetime(2024, 4, 14, 18, 0),
    datetime(2026, 1, 21, 20, 45),  # 0.8 years
)
FAR: Final = (
    datetime(1990, 1, 1, 7, 15),
    datetime(1990, 3, 14, 9, 30),
    datetime(1990, 6, 2, 12, 5),
    datetime(1990, 9, 21, 18, 0),
    datetime(1990, 12, 31, 20, 45),
)
EIGHT_WEEKS: Final = timedelta(weeks=8)
EIGHT_YEARS: Final = timedelta(weeks=417)  # nearly, and the same day of the week


def cases(pattern: Pattern, starts: tuple[datetime, ...], length: timedelta = WINDOW) -> list[Case]:
    """The pattern begun at each of the starts, each with its window."""
    return [
        Case(pattern=pattern, start=start, since=since, until=since + length)
        for start, since in zip(starts, WINDOWS, strict=True)
    ]


def old_cases(pattern: Pattern) -> list[Case]:
    """The pattern in every window, begun eight years before its end."""
    return [aged(case, EIGHT_YEARS) for case in cases(pattern, YOUNG)]


def aged(case: Case, age: timedelta) -> Case:
    """The same window, the plan begun so long before its end."""
    began = case.until - age
    return replace(case, start=began.replace(hour=case.start.hour, minute=case.start.minute))
