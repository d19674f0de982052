"""Who has a place, who waits and who came, told in plain Python: one session a day, people, and a line."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
END = datetime(9000, 1, 1)
CAME = ("PRESENT", "LATE")


@dataclass(eq=False)
class Meeting:
    """One session: its date, the hour that names it, when it starts, and how many its plan and itself allow.

    by_plan, dropped: who has a place for good, or for this time; both keep it when excused. started, ended: as people
    said. marks: what was said of each; stays: from when until when they were there (None: not gone yet).
    """

    day: date
    hour: int
    start: datetime
    most: int
    auto: bool = True
    own: int | None = None
    cancelled: bool = False
    removed: bool = False
    paused: bool = False
    touched: bool = False
    by_plan: set[str] = field(default_factory=set)
    dropped: set[str] = field(default_factory=set)
    marks: dict[str, str] = field(default_factory=dict)
    stays: dict[str, list[tuple[datetime, datetime | None]]] = field(default_factory=dict)
    started: datetime | None = None
    ended: datetime | None = None

    @property
    def wall(self) -> datetime:
        """Its recurrence id."""
        return datetime.combine(self.day, time(self.hour))

    @property
    def end(self) -> datetime:
        """When it is planned to end."""
        return self.start + HOUR

    @property
    def limit(self) -> int:
        """How many may come."""
        return self.most if self.own is None else self.own

    @property
    def placed(self) -> set[str]:
        """Who has a place, excused or not."""
        return self.by_plan | self.dropped

    @property
    def excused(self) -> set[str]:
        """Who is excused, with a place or without."""
        return {who for who, mark in self.marks.items() if mark == "EXCUSED"}

    @property
    def there(self) -> set[str]:
        """Who is expected."""
        return self.placed - self.excused

    def is_in(self, who: str) -> bool:
        """Whether somebody has come, and not gone."""
        return any(out is None for _, out in self.stays.get(who, []))


@dataclass(eq=False)
class Wish:
    """Who waits, since which number, and for what: from a local time on and before another, or for one session."""

    who: str
    since: int
    begin: datetime
    end: datetime = END
    alone: Meeting | None = None


@dataclass
class Model:
    """A plan of one session a day; `here` is now, local; `busy`: when people are somewhere else."""

    meetings: list[Meeting]
    here: datetime
    line: list[Wish] = field(default_factory=list)
    clock: int = 0
    busy: dict[str, list[datetime]] = field(default_factory=dict)

    def began(self, one: Meeting) -> datetime | None:
        """When a session started."""
        by_itself = one.auto and self.here >= one.start
        return one.started or (one.start if by_itself else None)

    def state(self, one: Meeting) -> str:
        """What became of a session by now."""
        if one.removed or one.paused:
            return "REMOVED"
        if one.cancelled:
            return "CANCELLED"
        if self.began(one) is None:
            return "MISSED" if self.here >= one.end else "SCHEDULED"
        return "COMPLETED" if one.ended or self.here >= one.end else "IN_PROGRESS"

    def ahead(self) -> list[Meeting]:
        """Those that have not begun."""
        return [one for one in self.meetings if one.start > self.here and one.started is None]

    def scheduled(self) -> list[Meeting]:
        """Those of them that take place."""
        return [one for one in self.ahead() if self.state(one) == "SCHEDULED"]

    def first(self) -> datetime:
        """From when on everything ahead is, to the second."""
        return min([self.here.replace(microsecond=0), *(one.wall for one in self.ahead())])

    def wanted(self, wish: Wish) -> list[Meeting]:
        """The sessions of a wish that are ahead."""
        if wish.alone is not None:
            return [one for one in self.ahead() if one is wish.alone]
        return [one for one in self.ahead() if wish.begin <= one.wall < wish.end]

    def is_busy(self, who: str, start: datetime) -> bool:
        """Whether somebody is somewhere else in the hour from then on."""
        return any(abs(start - other) < HOUR for other in self.busy.get(who, []))

    def clashes(self, wish: Wish) -> bool:
        """Whether somebody would be at two places."""
        taking = [one for one in self.wanted(wish) if self.state(one) == "SCHEDULED"]
        return any(
            self.is_busy(wish.who, one.start) for one in taking if wish.alone is one or wish.who not in one.excused
        )

    def fits(self, wish: Wish) -> bool:
        """Whether there is room."""
        wanted = self.wanted(wish)
        if wish.alone is not None and (not wanted or self.state(wish.alone) != "SCHEDULED"):
            return False
        excused = set[str]() if wish.alone is not None else {wish.who}
        new = [one for one in wanted if wish.who not in one.there | (one.excused & excused)]
        return bool(wanted) and all(len(one.there) < one.limit for one in new)

    def is_void(self, wish: Wish) -> bool:
        """Whether there is nothing to wait for."""
        if wish.alone is not None:
            return not self.wanted(wish) or wish.who in wish.alone.there
        return wish.end <= self.first()

    def serve(self) -> None:
        """Those who fit get a place, in order; whoever would be at two places is passed over."""
        self.line.sort(key=lambda wish: wish.since)
        given: list[Wish] = []
        while fitting := [one for one in self.line if one not in given and self.is_next(one)]:
            self.give(fitting[0])
            given.append(fitting[0])
        self.line = [one for one in self.line if one not in given and not self.is_void(one)]

    def is_next(self, wish: Wish) -> bool:
        """Whether somebody who waits could have a place now."""
        return not self.is_void(wish) and self.fits(wish) and not self.clashes(wish)

    def give(self, wish: Wish) -> None:
        """Somebody has a place."""
        who, one = wish.who, wish.alone
        if one is not None:
            if who in one.excused:
                del one.marks[who]
            if who not in one.by_plan:
                one.dropped.add(who)
            return
        wanted = self.wanted(wish)
        for one in self.ahead():
            one.by_plan.discard(who)
            if one in wanted:
                one.by_plan.add(who)
                one.dropped.discard(who)

    def want(self, wish: Wish) -> None:
        """Somebody asks for a place; who waits for the same kind already keeps the place in the line."""
        for one in self.line:
            if one.who == wish.who and one.alone is wish.alone:
                wish.since = one.since
                self.line.remove(one)
                break
        self.line.append(wish)
        self.serve()

    def leave(self, who: str) -> None:
        """Somebody leaves the plan."""
        self.line = [one for one in self.line if one.who != who or one.alone is not None]
        held = [one for one in self.ahead() if who in one.by_plan]
        for one in held:
            one.by_plan.discard(who)
        if held:
            self.serve()

    def leave_one(self, who: str, one: Meeting) -> None:
        """Somebody does not come to one session."""
        self.line = [wish for wish in self.line if wish.who != who or wish.alone is not one]
        if who in one.there:
            if who in one.dropped:
                one.dropped.discard(who)
            else:
                one.marks[who] = "EXCUSED"
            self.serve()

    def overfull(self) -> bool:
        """Whether more people have a place than may."""
        return any(len(one.there) > one.limit for one in self.ahead())
