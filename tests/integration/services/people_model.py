"""Who has a place and who waits, told in plain Python: one session a day, people, and a line."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

DAY = timedelta(days=1)
END = datetime(9000, 1, 1)


@dataclass
class Meeting:
    """One session: its date, the hour that names it, when it starts, and how many its plan and itself allow."""

    day: date
    hour: int
    start: datetime
    most: int
    own: int | None = None
    state: str = "SCHEDULED"
    was: str = "SCHEDULED"
    touched: bool = False
    there: set[str] = field(default_factory=set)  # has a place, be it by the plan or for this time alone
    by_plan: set[str] = field(default_factory=set)  # enrolled in the plan here, excused or not
    excused: set[str] = field(default_factory=set)

    @property
    def wall(self) -> datetime:
        """Its recurrence id."""
        return datetime.combine(self.day, time(self.hour))

    @property
    def limit(self) -> int:
        """How many may come."""
        return self.most if self.own is None else self.own


@dataclass
class Wish:
    """Who waits, since which number, and for what: from a local time on and before another, or for one session."""

    who: str
    since: int
    begin: datetime
    end: datetime = END
    alone: Meeting | None = None


@dataclass
class Model:
    """A plan of one session a day; `here` is now, local."""

    meetings: list[Meeting]
    here: datetime
    line: list[Wish] = field(default_factory=list)
    clock: int = 0

    def ahead(self) -> list[Meeting]:
        """Those that have not begun."""
        return [one for one in self.meetings if one.start > self.here]

    def first(self) -> datetime:
        """From when on everything ahead is."""
        return min([self.here, *(one.wall for one in self.ahead())])

    def wanted(self, wish: Wish) -> list[Meeting]:
        """The sessions of a wish that are ahead."""
        if wish.alone is not None:
            return [one for one in self.ahead() if one is wish.alone]
        return [one for one in self.ahead() if wish.begin <= one.wall < wish.end]

    def fits(self, wish: Wish) -> bool:
        """Whether there is room."""
        wanted = self.wanted(wish)
        if wish.alone is not None:
            return bool(wanted) and wish.alone.state == "SCHEDULED" and len(wish.alone.there) < wish.alone.limit
        new = [one for one in wanted if wish.who not in one.there | one.excused]
        return all(len(one.there) < one.limit for one in new)

    def is_void(self, wish: Wish) -> bool:
        """Whether there is nothing to wait for."""
        if wish.alone is not None:
            return not self.wanted(wish) or wish.who in wish.alone.there
        return wish.end <= self.first()

    def serve(self) -> None:
        """Those who fit get a place, in order."""
        self.line.sort(key=lambda wish: wish.since)
        given = []
        for wish in self.line:
            if not self.is_void(wish) and self.fits(wish):
                self.give(wish)
                given.append(wish)
        self.line = [one for one in self.line if one not in given and not self.is_void(one)]

    def give(self, wish: Wish) -> None:
        """Somebody has a place."""
        who = wish.who
        if wish.alone is not None:
            wish.alone.excused.discard(who)
            wish.alone.there.add(who)
            return
        wanted = self.wanted(wish)
        for one in self.ahead():
            if one in wanted:
                one.by_plan.add(who)
                if who not in one.excused:
                    one.there.add(who)
            elif who in one.by_plan:
                one.by_plan.discard(who)
                one.there.discard(who)

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
            one.there.discard(who)
        if held:
            self.serve()

    def leave_one(self, who: str, one: Meeting) -> None:
        """Somebody does not come to one session."""
        self.line = [wish for wish in self.line if wish.who != who or wish.alone is not one]
        if who in one.there:
            one.there.discard(who)
            if who in one.by_plan:
                one.excused.add(who)
            self.serve()

    def overfull(self) -> bool:
        """Whether more people have a place than may."""
        return any(len(one.there) > one.limit for one in self.ahead())
