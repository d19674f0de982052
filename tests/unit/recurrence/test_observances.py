"""A zone as a calendar tells it gives the same clocks as its table."""

from datetime import UTC, datetime, timedelta

import pytest

import recurrence
from recurrence import Duration, Observance, Rule, Series, timeline
from recurrence.observances import yearly
from recurrence.tzif import YearlyChange
from recurrence.zone import load, names

SINCE = datetime(2024, 1, 1, tzinfo=UTC)
UNTIL = datetime(2060, 1, 1, tzinfo=UTC)
DAY = 86_400


def changes(observance: Observance) -> list[tuple[datetime, int]]:
    """The instants at which an observance begins, and its offset."""
    onsets = list(observance.onsets)
    if observance.rule is not None:
        told = Series(
            dtstart=onsets[0], time_zone="UTC", duration=Duration(seconds=1), rule=Rule.parse(observance.rule)
        )
        onsets = [one.recurrence_id for one in recurrence.expand(told, datetime.min.replace(tzinfo=UTC), UNTIL)]
    moved = timedelta(seconds=observance.offset_from)
    return [((onset - moved).replace(tzinfo=UTC), observance.offset_to) for onset in onsets]


def by_table(name: str, since: datetime) -> list[tuple[datetime, int]]:
    """The same from the zone's own table."""
    zone, first, end = load(name), timeline.of_instant(since), timeline.of_instant(UNTIL)
    pairs = zip(zone.instants, zone.offsets[1:], strict=True)
    found = [(timeline.to_instant(at), offset) for at, offset in pairs if first < at < end]
    return [(since, zone.offset_at(first)), *found]


@pytest.mark.parametrize("since", [SINCE, datetime(1970, 1, 1, tzinfo=UTC), datetime(2045, 7, 1, tzinfo=UTC)])
def test_every_zone_does_what_its_table_says(since: datetime) -> None:
    start = since.replace(month=1)
    for name in sorted(names()):
        told = sorted(change for one in recurrence.observances(name, start, UNTIL) for change in changes(one))

        assert [one for one in told if one[0] < UNTIL] == by_table(name, start), name


def test_changes_of_every_year_are_told_by_rules() -> None:
    beginning, summer, winter = recurrence.observances("Europe/Berlin", SINCE, UNTIL)

    assert beginning == Observance((datetime(2024, 1, 1, 1),), 3600, 3600, None)
    assert summer == Observance((datetime(2024, 3, 31, 2),), 3600, 7200, "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU")
    assert winter == Observance((datetime(2024, 10, 27, 3),), 7200, 3600, "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU")


def test_a_zone_that_never_changes_has_one_offset() -> None:
    assert recurrence.observances("Asia/Seoul", SINCE, UNTIL) == [
        Observance((datetime(2024, 1, 1, 9),), 32_400, 32_400, None)
    ]


@pytest.mark.parametrize(
    "change, rule",
    [
        (YearlyChange(3, 2, 0, 7200), "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"),
        (YearlyChange(10, 5, 0, 0), "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"),
        (YearlyChange(3, 4, 4, 50 * 3600), "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=24,25,26,27,28,29,30;BYDAY=SA"),
        (YearlyChange(3, 5, 0, -3600), "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=-8,-7,-6,-5,-4,-3,-2;BYDAY=SA"),
        (YearlyChange(3, 1, 0, -3600), None),
        (YearlyChange(10, 5, 4, DAY), None),
        (YearlyChange(10, 5, 4, 8 * DAY), None),
        (YearlyChange(2, 4, 4, 3 * DAY), None),
    ],
)
def test_a_day_beside_the_named_one_is_a_weekday_among_seven_dates(change: YearlyChange, rule: str | None) -> None:
    assert yearly(change) == rule
