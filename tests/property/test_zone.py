"""The offset tables equal the standard zoneinfo, for every zone of tzdata."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import recurrence
from recurrence import Fold, Gap, zone

YEARS = (1999, 2007, 2011, 2026, 2037, 2038, 2100, 2407, 2412, 3000, 9998)


def walls_of(name: str) -> list[datetime]:
    """Walls all over the calendar, and close to some changes of the zone."""
    rng = Random(name)
    found = [datetime(year, 1, 1) + timedelta(seconds=rng.randrange(365 * 86_400)) for year in YEARS]
    where = ZoneInfo(name)
    for year in (1985, 2011, 2018, 2026, 2040):
        days = [datetime(year, 1, 1, 12) + timedelta(n) for n in range(365)]
        for day, following in pairwise(days):
            if day.replace(tzinfo=where).utcoffset() != following.replace(tzinfo=where).utcoffset():
                found += [day + timedelta(hours=rng.uniform(6, 18)) for _ in range(4)]
                found += [day + timedelta(hours=12, minutes=minutes) for minutes in (59, 60, 90, 119, 120, 150, 180)]
    return [wall.replace(microsecond=0) for wall in found]


def test_every_wall_of_every_zone_has_the_instant_of_zoneinfo() -> None:
    for name in sorted(zone.names()):
        where = ZoneInfo(name)
        for wall in walls_of(name):
            first, second = (wall.replace(tzinfo=where, fold=fold).utcoffset() for fold in (0, 1))
            assert first is not None
            assert second is not None
            gap = second > first
            expected = {Fold.FIRST: first, Fold.SECOND: first if gap else second}
            for fold, offset in expected.items():
                instant = recurrence.localize(wall, name, fold=fold)
                assert instant == (wall - offset).replace(tzinfo=UTC), (name, wall, fold)
                assert gap == (recurrence.localize(wall, name, gap=Gap.SKIP, fold=fold) is None)
                if not gap:
                    assert instant is not None
                    assert recurrence.wall_time(instant, name) == wall
