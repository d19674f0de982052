"""What a series gives from edit to edit: the second opinion on moving, splitting and another rule.

Written from the page on editing alone, for series in UTC whose sessions are some seconds apart and counted. A split
names a session and its new start; the sessions after it follow, and what is left of the count counts on. Another rule
goes on from the first session ahead, in place of all that was planned later. What has begun stays; what was touched
stays, and whatever would stand in its place is left out; where a stretch begins of which only such starts remain, none
begins anew. Local times are naive, in UTC. Nothing of ours is imported.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.chaos.journal import Told


class Stretch(NamedTuple):
    """What one rule gives: So many starts, `step` apart, but for those that are left out."""

    first: datetime
    step: timedelta
    times: int
    lasts: timedelta
    title: str
    out: frozenset[datetime] = frozenset()

    def starts(self) -> list[datetime]:
        """All starts of the rule, those that are left out too."""
        return [self.first + number * self.step for number in range(self.times)]

    def given(self) -> list[datetime]:
        """The starts that are sessions."""
        return [wall for wall in self.starts() if wall not in self.out]

    def head(self, cut: datetime) -> "Stretch":
        """What starts before the cut."""
        times = sum(wall < cut for wall in self.starts())
        return self._replace(times=times, out=frozenset(wall for wall in self.out if wall < cut))

    def rest(self, cut: datetime) -> "Stretch":
        """What starts at the cut, which is one of its starts, or later."""
        times = sum(wall >= cut for wall in self.starts())
        return self._replace(first=cut, times=times, out=frozenset(wall for wall in self.out if wall >= cut))


class Course(NamedTuple):
    """A series: its stretches from first to last, and the sessions that somebody touched by the last edit."""

    stretches: tuple[Stretch, ...]
    touched: frozenset[datetime] = frozenset()

    def of(self, wall: datetime) -> Stretch | None:
        """The stretch that gives this session."""
        return next((one for one in self.stretches if wall in one.given()), None)

    def given(self) -> list[datetime]:
        """The starts that are sessions by the rules."""
        return [wall for one in self.stretches for wall in one.given()]

    def has(self, wall: datetime) -> bool:
        """Whether there is this session."""
        return wall in self.touched or self.of(wall) is not None


def begun(told: Told) -> Course:
    """The course of a plan as it was made."""
    parts = dict(part.split("=") for part in told["rule"].split(";"))
    first = datetime.fromisoformat(told["first"])
    step, lasts = timedelta(seconds=int(parts["INTERVAL"])), timedelta(seconds=told["lasts"])
    return Course((Stretch(first, step, int(parts["COUNT"]), lasts, f"chaos-{told['plan']}"),))


def after(course: Course, told: Told, at: datetime, touched: frozenset[datetime]) -> Course | None:
    """The course after an edit of the plan at an instant (naive, in UTC), `touched` by then; None: it is refused."""
    if told["verb"] == "split":
        return split(course, told, at, touched)
    found = first_ahead(course, at, at)
    if found is None:
        return None
    place, cut = found
    stretch = course.stretches[place]
    later, earlier = course.stretches[place + 1 :], course.stretches[:place]
    count = sum(one.times for one in (stretch.rest(cut), *later))
    if told["total"] is not None:
        count = told["total"] - sum(one.times for one in (*earlier, stretch.head(cut)))
    tail = Stretch(cut, timedelta(seconds=told["step"]), count, timedelta(seconds=told["lasts"]), told["title"])
    return None if count <= 0 else replaced(course, place, cut, tail, touched)


def split(course: Course, told: Told, at: datetime, touched: frozenset[datetime]) -> Course | None:
    """The course after "this and following": the session named, or else the first one ahead, has the new start."""
    named, new = datetime.fromisoformat(told["local"]), datetime.fromisoformat(told["to"])
    found = first_ahead(course, at, named)
    if found is None or not (course.has(named) or named in touched):
        return None
    place, cut = found
    first = datetime.combine(cut.date() + (new.date() - named.date()), new.time())
    stays = [wall for one in course.stretches[: place + 1] for wall in one.given() if wall < cut]
    begun_there = any(one.first == first for one in heads(course, place, cut))
    if first <= at or any(first <= wall for wall in stays) or begun_there or place + 1 < len(course.stretches):
        return None
    tail = course.stretches[place].rest(cut)._replace(first=first, title=told["title"], out=frozenset())
    return replaced(course, place, cut, tail, touched)


def heads(course: Course, place: int, cut: datetime) -> tuple[Stretch, ...]:
    """What stays before the cut in a stretch: a head stays although all its starts are left out."""
    head = course.stretches[place].head(cut)
    return (*course.stretches[:place], *([head] if head.times else ()))


def first_ahead(course: Course, at: datetime, since: datetime) -> tuple[int, datetime] | None:
    """The first session that begins after an instant, and not before a local start; the number of its stretch too."""
    ahead = ((number, wall) for number, one in enumerate(course.stretches) for wall in one.given())
    return next(((number, wall) for number, wall in ahead if wall > at and wall >= since), None)


def replaced(course: Course, place: int, cut: datetime, tail: Stretch, touched: frozenset[datetime]) -> Course:
    """The course with a tail in place of all from the cut on; what stands for what is left out is left out of it."""
    stretch = course.stretches[place]
    was = [stretch.rest(cut), *course.stretches[place + 1 :]]
    before, starts = [wall for one in was for wall in one.starts()], tail.starts()
    gone = {wall for one in was for wall in one.out} | {wall for wall in touched if wall >= cut}
    out = {same_place(wall, before, starts) for wall in gone} - {None}
    stay = [one for one in heads(course, place, cut) if one.first < tail.first]  # nothing is left of one that is passed
    ended = (*stay, tail._replace(out=frozenset(wall for wall in out if wall)))
    return Course(ended, touched)


def same_place(wall: datetime, before: Sequence[datetime], starts: Sequence[datetime]) -> datetime | None:
    """The start that stands for another one now: the same, or the one at the same place of the same date.

    For what is no start of the rule (it was left alone by an earlier edit, which left out what stood for it) there is
    none.
    """
    if wall in starts or wall not in before:
        return wall if wall in starts else None
    of_day, now = ([one for one in many if one.date() == wall.date()] for many in (before, starts))
    place = of_day.index(wall)
    return now[place] if place < len(now) else None
