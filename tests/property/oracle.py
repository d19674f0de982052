"""A second opinion, written from the RFC's text and from the decisions alone: every date is looked at.

It shares no code with the engine: rules are taken apart from their text here, zones are the standard zoneinfo's. It is
slow, and its windows must be small.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import product
from zoneinfo import ZoneInfo

DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
FINE = {"HOURLY": timedelta(hours=1), "MINUTELY": timedelta(minutes=1), "SECONDLY": timedelta(seconds=1)}


@dataclass
class Parts:
    """The parts of one rule, as the text has them."""

    freq: str
    interval: int = 1
    count: int | None = None
    until: str | None = None
    wkst: int = 0
    skip: str = "OMIT"
    by: dict[str, list[int]] = field(default_factory=dict)
    byday: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, text: str) -> "Parts":
        said = dict(piece.split("=") for piece in text.split(";"))
        parts = cls(freq=said.pop("FREQ"))
        parts.interval = int(said.pop("INTERVAL", "1"))
        parts.count = int(said.pop("COUNT")) if "COUNT" in said else None
        parts.until = said.pop("UNTIL", None)
        parts.wkst = DAYS.index(said.pop("WKST", "MO"))
        parts.skip = said.pop("SKIP", "OMIT")
        said.pop("RSCALE", None)
        parts.byday = [(int(d[:-2] or 0), DAYS.index(d[-2:])) for d in said.pop("BYDAY", "").split(",") if d]
        parts.by = {name: [int(n) for n in value.split(",")] for name, value in said.items()}
        return parts


@cache
def week_of(day: date, wkst: int) -> tuple[int, int, int]:
    """(week-year, number, weeks in it) of a date: a week belongs to the year that has four or more of its days."""
    start = day - timedelta((day.weekday() - wkst) % 7)
    year = owner(start)
    first = next(
        s for n in range(-7, 8) if (s := date(year, 1, 1) + timedelta(n)).weekday() == wkst and owner(s) == year
    )
    weeks = 53 if owner(first + timedelta(7 * 52)) == year else 52
    return year, (start - first).days // 7 + 1, weeks


@cache
def owner(start: date) -> int:
    years = [(start + timedelta(n)).year for n in range(7)]
    return max(set(years), key=years.count)


@cache
def month_end(day: date) -> int:
    return (day.replace(day=28) + timedelta(4)).replace(day=1).toordinal() - day.replace(day=1).toordinal()


def in_list(values: list[int], position: int, total: int) -> bool:
    """Whether the position-th of `total` is named, from the front or from the back."""
    return position in values or position - total - 1 in values


def weekday_named(parts: Parts, day: date) -> bool:
    """BYDAY: with an ordinal the n-th of the month, or of the year in a yearly rule without BYMONTH."""
    for ordinal, weekday in parts.byday:
        if day.weekday() != weekday:
            continue
        if not ordinal:
            return True
        if parts.freq == "MONTHLY" or "BYMONTH" in parts.by:
            position, left = day.day, month_end(day) - day.day
        else:
            position = day.timetuple().tm_yday
            left = date(day.year, 12, 31).timetuple().tm_yday - position
        if ordinal in ((position - 1) // 7 + 1, -(left // 7 + 1)):
            return True
    return False


def day_named(parts: Parts, day: date, monthday: bool = True) -> bool:
    """Whether every part that chooses days names this date."""
    by = parts.by
    if "BYMONTH" in by and day.month not in by["BYMONTH"]:
        return False
    if "BYWEEKNO" in by and not in_list(by["BYWEEKNO"], *week_of(day, parts.wkst)[1:]):
        return False
    length = date(day.year, 12, 31).timetuple().tm_yday
    if "BYYEARDAY" in by and not in_list(by["BYYEARDAY"], day.timetuple().tm_yday, length):
        return False
    if monthday and "BYMONTHDAY" in by and not in_list(by["BYMONTHDAY"], day.day, month_end(day)):
        return False
    return not parts.byday or weekday_named(parts, day)


def filled(parts: Parts, start: datetime) -> Parts:
    """What DTSTART lends to the rule."""
    by = dict(parts.by)
    byday = parts.byday
    chosen = byday or any(name in by for name in ("BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"))
    if parts.freq == "WEEKLY" and not byday:
        byday = [(0, start.weekday())]
    if parts.freq in ("MONTHLY", "YEARLY") and not chosen:
        by["BYMONTHDAY"] = [start.day]
        if parts.freq == "YEARLY":
            by.setdefault("BYMONTH", [start.month])
    if parts.freq not in FINE:
        by.setdefault("BYHOUR", [start.hour])
    if parts.freq not in ("MINUTELY", "SECONDLY"):
        by.setdefault("BYMINUTE", [start.minute])
    if parts.freq != "SECONDLY":
        by.setdefault("BYSECOND", [start.second])
    return Parts(parts.freq, parts.interval, parts.count, parts.until, parts.wkst, parts.skip, by, byday)


def period_of(parts: Parts, day: date) -> int:
    """A number for the period that a date lies in; the next period has the next number."""
    if parts.freq == "YEARLY":
        return week_of(day, parts.wkst)[0] if "BYWEEKNO" in parts.by else day.year
    if parts.freq == "MONTHLY":
        return day.year * 12 + day.month
    if parts.freq == "WEEKLY":
        return (day.toordinal() - 1 - parts.wkst) // 7
    return day.toordinal()


def walls(text: str, start: datetime, end: datetime) -> Iterator[datetime]:
    """The local starts of a rule before `end`, in order; COUNT and UNTIL not applied."""
    parts = filled(Parts.of(text), start)
    found = fine_periods(parts, start, end) if parts.freq in FINE else coarse_periods(parts, start, end)
    seen: set[datetime] = set()
    for starts in found:
        chosen = picked(parts, sorted(set(starts)))
        seen.update(wall for wall in chosen if start <= wall < end)
    yield from sorted(seen)


def picked(parts: Parts, starts: list[datetime]) -> list[datetime]:
    positions = parts.by.get("BYSETPOS")
    if positions is None:
        return starts
    return [wall for n, wall in enumerate(starts, 1) if in_list(positions, n, len(starts))]


def coarse_periods(parts: Parts, start: datetime, end: datetime) -> Iterator[list[datetime]]:
    """The starts of each period of days, one list a period."""
    origin = period_of(parts, start.date())
    periods: dict[int, set[date]] = {}
    margin = timedelta({"YEARLY": 373, "MONTHLY": 32, "WEEKLY": 7, "DAILY": 0}[parts.freq])
    day = max(start.date() - margin, date(1, 1, 20))
    while day <= end.date() + margin:
        number = period_of(parts, day)
        if number >= origin and (number - origin) % parts.interval == 0:
            for stand_in in stand_ins(parts, day):
                periods.setdefault(number, set()).add(stand_in)
        day += timedelta(1)
    for number in sorted(periods):
        yield [at for chosen in periods[number] for at in times(parts, chosen)]


def stand_ins(parts: Parts, day: date) -> Iterator[date]:
    """The date itself, if named; and with SKIP, on the last of a month, what stands in for the days that it has not."""
    if day_named(parts, day):
        yield day
    last = month_end(day)
    if parts.skip == "OMIT" or day.day != last or parts.freq not in ("MONTHLY", "YEARLY"):
        return
    if "BYMONTH" in parts.by and day.month not in parts.by["BYMONTH"]:
        return
    for n in parts.by.get("BYMONTHDAY", []):
        if n > last:
            stand_in = day if parts.skip == "BACKWARD" else day + timedelta(1)
        elif n < -last:
            stand_in = day - timedelta(last) if parts.skip == "BACKWARD" else day - timedelta(last - 1)
        else:
            continue
        if (
            not parts.byday
            or any(not o and w == stand_in.weekday() for o, w in parts.byday)
            or (stand_in.month == day.month and weekday_named(parts, stand_in))
        ):
            yield stand_in


def times(parts: Parts, day: date) -> Iterator[datetime]:
    for hour, minute, second in product(parts.by["BYHOUR"], parts.by["BYMINUTE"], parts.by["BYSECOND"]):
        yield datetime(day.year, day.month, day.day, hour, minute, min(second, 59))


def fine_periods(parts: Parts, start: datetime, end: datetime) -> Iterator[list[datetime]]:
    """The starts of each hour, minute or second on the grid."""
    by = parts.by
    at = start.replace(minute=0, second=0) if parts.freq == "HOURLY" else start
    at = at.replace(second=0) if parts.freq == "MINUTELY" else at
    while at < end:
        fits = (
            day_named(parts, at.date())
            and at.hour in by.get("BYHOUR", [at.hour])
            and (parts.freq == "HOURLY" or at.minute in by.get("BYMINUTE", [at.minute]))
            and (parts.freq != "SECONDLY" or at.second in [min(s, 59) for s in by.get("BYSECOND", [at.second])])
        )
        if fits:
            minutes = by["BYMINUTE"] if parts.freq == "HOURLY" else [at.minute]
            seconds = by["BYSECOND"] if parts.freq != "SECONDLY" else [at.second]
            yield [at.replace(minute=m, second=min(s, 59)) for m in minutes for s in seconds]
        at += FINE[parts.freq] * parts.interval


def place(wall: datetime, zone: str, fold: str = "FIRST") -> tuple[datetime, bool]:
    """The instant of a wall time, and whether the clock skips it."""
    here = wall.replace(tzinfo=ZoneInfo(zone), fold=0)
    first = here.astimezone(UTC)
    if first.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall:
        return first, True
    return (first if fold == "FIRST" else here.replace(fold=1).astimezone(UTC)), False


def sessions(
    text: str, start: datetime, zone: str, end: datetime, gap: str = "SHIFT", fold: str = "FIRST"
) -> list[tuple[datetime, datetime]]:
    """(local start, instant) of a rule's sessions whose local start lies before `end`, in order of instants."""
    parts = Parts.of(text)
    placed = [(wall, *place(wall, zone, fold)) for wall in walls(text, start, end)]
    placed = [entry for entry in placed if gap == "SHIFT" or not entry[2]][: parts.count]
    if parts.until is not None:
        last = datetime.strptime(parts.until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        placed = [entry for entry in placed if entry[1] <= last]
    kept: dict[datetime, tuple[datetime, bool]] = {}
    for wall, instant, missing in placed:
        if instant not in kept or kept[instant][1]:
            kept[instant] = wall, missing
    return [(kept[instant][0], instant) for instant in sorted(kept)]
