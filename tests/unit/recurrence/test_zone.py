"""Zones: where they come from, and clocks that change oddly."""

import re
from datetime import datetime, timedelta
from itertools import pairwise

import recurrence
from recurrence import Fold, Gap, tzif
from recurrence.zone import Section, Zone

DAY = 86_400
MIDNIGHT = 730_000 * DAY  # any day; only distances from it matter
HOUR = 3_600


def test_the_edition_of_the_zones_is_told() -> None:
    assert re.fullmatch(r"20\d\d[a-z]", recurrence.tzdata_version())


def test_a_wall_time_that_never_was_has_an_instant_unless_gaps_are_skipped() -> None:
    missing = datetime(2026, 3, 8, 2, 30)

    shifted = recurrence.localize(missing, "America/New_York")
    assert shifted is not None
    assert recurrence.wall_time(shifted, "America/New_York") == missing + timedelta(hours=1)
    assert recurrence.localize(missing, "America/New_York", gap=Gap.SKIP) is None


def test_a_summer_time_shorter_than_its_shift_leaves_no_hole() -> None:
    changes = [(MIDNIGHT, -HOUR), (MIDNIGHT + HOUR // 2, -2 * HOUR)]
    odd = Zone("Odd/Zone", tzif.Compiled(-2 * HOUR, changes, tzif.Footer(-2 * HOUR, 0, None, None)))

    first, second = (list(odd.sections(MIDNIGHT - DAY, fold)) for fold in Fold)

    assert [section.offset // HOUR for section in first] == [-2, -2, -1, -2]
    assert [section.offset // HOUR for section in second] == [-2, -2, -2]
    assert [section.gap for section in second] == [False, True, False]
    for sections in (first, second):
        assert whole(sections)


def whole(sections: list[Section]) -> bool:
    """Whether each section begins where the one before it ends."""
    return all(left.high == right.low for left, right in pairwise(sections))
