"""Short ways to write series in tests."""

from datetime import UTC, datetime

import recurrence
from recurrence import Duration, Fold, Gap, Moment, Rule, Series

BEGINNING = datetime(1800, 1, 1, tzinfo=UTC)
HOUR = Duration(seconds=3600)


def plan(
    rule: str | None,
    start: str,
    zone: str | None = "UTC",
    *,
    duration: Duration = HOUR,
    rdates: tuple[Moment, ...] = (),
    exdates: tuple[Moment, ...] = (),
    gap: Gap = Gap.SHIFT,
    fold: Fold = Fold.FIRST,
) -> Series:
    """A series whose DTSTART is given as ISO text."""
    return Series(
        dtstart=datetime.fromisoformat(start),
        time_zone=zone,
        duration=duration,
        rule=Rule.parse(rule) if rule else None,
        rdates=rdates,
        exdates=exdates,
        gap=gap,
        fold=fold,
    )


def locals_of(series: Series, limit: int = 20) -> list[str]:
    """The first local starts as text, hours and minutes only where they are not midnight."""
    found = recurrence.next_after(series, BEGINNING, limit)
    return [session.recurrence_id.isoformat(" ", "minutes").removesuffix(" 00:00") for session in found]


def instants_of(series: Series, limit: int = 20) -> list[str]:
    """The first starts in UTC as text."""
    return [f"{s.starts_at:%Y-%m-%d %H:%M}" for s in recurrence.next_after(series, BEGINNING, limit)]
