"""A series: everything that says when its sessions are, valid from birth.

    dtstart     naive wall time, whole seconds; of an all-day series the midnight of its day
    time_zone   an IANA name, or UTC; None is a floating series, expanded as if in UTC until `in_zone` gives
                it a zone
    duration    zero is allowed: an entry without an end has none (RFC 5545 3.6.1), and callers may refuse it
    rule        None: DTSTART is the one start, with RDATE's beside it
    rdates      starts beside the rule's; exdates: sessions taken out (decisions 16 and 17)

One meaning has one value: entries are sorted and without doubles; in a UTC series an instant is its wall
time; in an all-day series a midnight is its date. UNTIL is brought to an instant, a date to the end of that
local day (decision 7); a floating series keeps a local UNTIL, an all-day series a date.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from recurrence import counting, ical, starts, timeline, zone
from recurrence.duration import Duration
from recurrence.entries import entries
from recurrence.errors import RecurrenceError
from recurrence.moment import Moment, check_number, format_moment, seconds_of, whole_seconds
from recurrence.plan import WALKS
from recurrence.rule import Rule
from recurrence.steady import Steady
from recurrence.timeline import DAY, END, FIRST, WALL_ZERO
from recurrence.times import UNITS
from recurrence.walk import Walk
from recurrence.zone import Fold, Gap

SHIFT, FIRST_ONE = Gap.SHIFT, Fold.FIRST  # to ask an Enum for a member takes as long as calling a function
USUAL: Final = {"last_wall": END, "last_instant": END, "counts": False, "rdates": (), "exdates": ()}
"""What every question looks at: with the series it is found in half the time that it takes with its class."""

NOTHING: Final[tuple[Set[int], ...]] = (frozenset(), frozenset(), frozenset())


@dataclass(frozen=True, kw_only=True, init=False)
class Series:
    """When a plan's sessions are; see the module. Raises RecurrenceError (ZoneError for the zone), naming the
    part.

    `first` is the wall second of DTSTART; `last_wall` the wall second and `last_instant` the instant before which the
    last start of the rule lies; `counts` whether COUNT must be counted on the way there; `where` the zone; `walk` the
    compiled rule (None without one); `excluded` EXDATE's wall seconds, instants and ordinals of days; `extra` the
    starts that RDATE adds; `notes` what `daytime.py`, `pattern.py` and `dates.py` found out once.
    """

    dtstart: datetime
    time_zone: str | None
    duration: Duration
    rule: Rule | None = None
    rdates: tuple[Moment, ...] = ()
    exdates: tuple[Moment, ...] = ()
    all_day: bool = False
    gap: Gap = Gap.SHIFT
    fold: Fold = Fold.FIRST
    first: int = field(init=False, repr=False, compare=False)
    last_wall: int = field(default=END, init=False, repr=False, compare=False)
    last_instant: int = field(default=END, init=False, repr=False, compare=False)
    counts: bool = field(default=False, init=False, repr=False, compare=False)
    excluded: tuple[Set[int], ...] = field(default=NOTHING, init=False, repr=False, compare=False)
    extra: Sequence[starts.Start] = field(default=(), init=False, repr=False, compare=False)
    notes: dict[str, int] = field(init=False, repr=False, compare=False)
    where: zone.Zone = field(init=False, repr=False, compare=False)
    walk: Walk | None = field(default=None, init=False, repr=False, compare=False)

    def __init__(
        self,
        *,
        dtstart: datetime,
        time_zone: str | None,
        duration: Duration,
        rule: Rule | None = None,
        rdates: tuple[Moment, ...] = (),
        exdates: tuple[Moment, ...] = (),
        all_day: bool = False,
        gap: Gap = Gap.SHIFT,
        fold: Fold = Fold.FIRST,
    ) -> None:
        if dtstart.tzinfo is not None:
            raise RecurrenceError("DTSTART", dtstart.isoformat(), "a wall time without offset, the zone beside it")
        if dtstart.microsecond or dtstart.fold:
            dtstart = whole_seconds(dtstart, "DTSTART")
        fields = self.__dict__  # as in Rule: most of what is left out stays with the class
        fields.update(USUAL)
        fields["dtstart"], fields["time_zone"], fields["duration"] = dtstart, time_zone, duration
        past = dtstart - WALL_ZERO
        time = past.seconds
        fields["first"] = (past.days + 1) * DAY + time
        fields["where"], fields["notes"] = zone.load("UTC" if time_zone is None else time_zone), {}
        if all_day or gap is not SHIFT or fold is not FIRST_ONE:
            fields.update(all_day=all_day, gap=gap, fold=fold)
        if all_day:
            self.check_all_day(rule)
        if rule is not None:
            if all_day or rule.until is not None:
                rule = self.settled(rule)
            walk = WALKS[rule.freq](rule, dtstart, time)
            fields["rule"], fields["walk"] = rule, walk
            if rule.count is not None:
                self.end_by_count(rule.count, walk)
        if exdates or rdates:
            self.take_dates(exdates, rdates)

    def take_dates(self, exdates: tuple[Moment, ...], rdates: tuple[Moment, ...]) -> None:
        """What is taken out of the rule and added to it."""
        fields, is_utc = self.__dict__, self.time_zone == "UTC"
        check_number("RDATE" if rdates else "EXDATE", len(exdates) + len(rdates))
        if exdates:
            fields["exdates"] = entries("EXDATE", exdates, self.all_day, is_utc)
            fields["excluded"] = seconds_of(self.exdates)
        if rdates:
            fields["rdates"] = entries("RDATE", rdates, self.all_day, is_utc)
            fields["extra"] = sorted(starts.rdate_starts(self))
            self.check_second_hours()

    def end_by_count(self, count: int, walk: Walk) -> None:
        """Of a steady rule the last start that COUNT allows is arithmetic; others are counted on the way."""
        if isinstance(walk, Steady) and self.gap is SHIFT and walk.offsets:
            last = walk.wall(walk.before(self.first) + count - 1)
            if last < END:
                self.__dict__["last_wall"] = last + 1
        else:
            self.__dict__["counts"] = True

    def check_all_day(self, rule: Rule | None) -> None:
        """An all-day series begins at midnight and lasts whole days (decision 19)."""
        if self.dtstart.hour or self.dtstart.minute or self.dtstart.second:
            raise RecurrenceError("DTSTART", self.dtstart.isoformat(), "midnight for an all-day series")
        if self.duration.seconds or not self.duration.days:
            raise RecurrenceError("DURATION", self.duration, "whole days, at least one, for an all-day series")
        if rule is not None and rule.freq in UNITS:
            raise RecurrenceError("FREQ", rule.freq, "DAILY, WEEKLY, MONTHLY or YEARLY for an all-day series")

    def check_second_hours(self) -> None:
        """An RDATE that means the other of two equal wall times cannot stand beside a session at the first
        (decision 4).
        """
        where, added = self.where, {(start.instant, start.wall) for start in self.extra}
        ended = END
        for start in self.extra:
            wall = start.wall
            told, _ = where.place(wall, self.fold)
            if told == start.instant:
                continue
            met = (told, wall) in added
            if not met and self.first <= wall < ended and any(counting.walls(self, wall, wall + 1)):
                met = any(found.wall == wall for found in starts.rule_starts(self, told, told + 1, None))
                ended = wall  # else the rule is over here
            if met:
                stamp = f"{format_moment(timeline.to_instant(start.instant))} ({timeline.to_wall(wall)} in {self.zone})"
                raise RecurrenceError("RDATE", stamp, "no second session at a wall time that already has one")

    def settled(self, rule: Rule) -> Rule:
        """The rule with UNTIL in the form this series keeps, which ends it, and without times of day if it is all-day
        (RFC 5545 3.3.10).
        """
        if self.all_day and (rule.byhour or rule.byminute or rule.bysecond):
            rule = replace(rule, byhour=(), byminute=(), bysecond=())
        until = rule.until
        if until is None:
            return rule
        if isinstance(until, datetime):
            until = whole_seconds(until, "UNTIL")
        if self.all_day:
            until = self.last_day(until)
        elif self.time_zone is not None and not (isinstance(until, datetime) and until.tzinfo):
            until = self.until_instant(until)
        if not isinstance(until, datetime):
            self.__dict__.update(last_wall=(until.toordinal() + 1) * DAY)
        elif until.tzinfo is None:
            self.__dict__.update(last_wall=timeline.of_wall(until) + 1)
        else:
            self.__dict__.update(last_instant=timeline.of_instant(until) + 1)
        return rule if until == rule.until and type(until) is type(rule.until) else rule.but(until=until)

    def last_day(self, until: datetime | date) -> date:
        """UNTIL of an all-day series."""
        if not isinstance(until, datetime):
            return until
        if until.tzinfo is None:
            return until.date()
        return zone.wall_time(until, self.zone).date()

    def until_instant(self, until: datetime | date) -> datetime:
        """A local UNTIL as an instant: a time by the series' own policy, a date as the last second of that day; the
        first or last instant there is, where it lies beyond.
        """
        if isinstance(until, datetime):
            second = self.where.place(timeline.of_wall(until), self.fold)[0]
        else:
            second = self.where.place((until.toordinal() + 1) * DAY, FIRST_ONE)[0] - 1
        return timeline.to_instant(min(max(second, FIRST), END - 1))

    @classmethod
    def from_ical(cls, text: str, *, gap: Gap = Gap.SHIFT, fold: Fold = Fold.FIRST) -> "Series":
        """Reads the lines DTSTART, DTEND or DURATION, RRULE, RDATE and EXDATE; see ical.py. Raises
        RecurrenceError.
        """
        return cls(**ical.read(text, gap, fold))

    def to_ical(self) -> str:
        """The same lines, joined by newlines; read again they give an equal series (but for `gap` and
        `fold`).
        """
        return ical.write(self)

    def in_zone(self, time_zone: str) -> "Series":
        """The same series, its wall times now read in `time_zone`. Raises ZoneError."""
        return replace(self, time_zone=time_zone)

    @property
    def zone(self) -> str:
        """The zone in which it is expanded: its own, or UTC for a floating one."""
        return self.time_zone or "UTC"

    @property
    def sub_daily(self) -> bool:
        """Whether the rule may start several times a day by its frequency alone."""
        return self.rule is not None and self.rule.freq in UNITS
