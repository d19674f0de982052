"""How a series is written as iCalendar lines, and read again."""

from datetime import UTC, date, datetime, timedelta

import pytest

from recurrence import Duration, Period, Series
from tests.unit.recurrence.plans import HOUR, plan


def all_day(zone: str | None) -> Series:
    """Two days in a row, a Monday's date added and one taken out."""
    return Series(
        dtstart=datetime(2026, 1, 5),
        time_zone=zone,
        duration=Duration(days=2),
        rdates=(date(2026, 1, 12),),
        exdates=(date(2026, 1, 5),),
        all_day=True,
    )


DATES = "DURATION:P2D\nRDATE;VALUE=DATE:20260112\nEXDATE;VALUE=DATE:20260105"
EXTRA = (datetime(2026, 1, 6, 9), Period(start=datetime(2026, 1, 7, 9), duration=HOUR))

ADDED = "RDATE:20260106T090000\nRDATE;VALUE=PERIOD:20260107T090000/PT1H"

WRITTEN = [  # series, lines
    (all_day("Asia/Seoul"), f"DTSTART;VALUE=DATE:20260105\nX-WR-TIMEZONE:Asia/Seoul\n{DATES}"),
    (all_day(None), f"DTSTART;VALUE=DATE:20260105\n{DATES}"),
    (
        plan("FREQ=WEEKLY;WKST=SU", "2026-01-05T09:00", None, rdates=EXTRA),
        f"DTSTART:20260105T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;WKST=SU\n{ADDED}",
    ),
    (plan(None, "2026-01-05T09:00"), "DTSTART:20260105T090000Z\nDURATION:PT1H"),
]


@pytest.mark.parametrize("series, lines", WRITTEN)
def test_a_series_is_its_lines_and_the_lines_are_the_series(series: Series, lines: str) -> None:
    assert series.to_ical() == lines
    assert Series.from_ical(lines) == series


def test_empty_lines_and_parameters_that_mean_nothing_here_are_passed_over() -> None:
    series = Series.from_ical("\nDTSTART;X-SOURCE=desk;TZID=Asia/Seoul:20260105T090000\n\nDURATION:PT1H\n")

    assert series == plan(None, "2026-01-05T09:00", "Asia/Seoul")


def test_start_and_end_may_be_instants() -> None:
    series = Series.from_ical("DTSTART:20260105T090000Z\nDTEND:20260105T103000Z")

    assert (series.time_zone, series.duration) == ("UTC", Duration.exactly(timedelta(minutes=90)))
    assert series.dtstart.replace(tzinfo=UTC) == datetime(2026, 1, 5, 9, tzinfo=UTC)
