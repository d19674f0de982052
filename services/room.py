"""How many places are left at the sessions of a plan that are ahead, for ever.

Of stored sessions they are counted; a drop-in, an excuse, or a capacity of its own makes a session a stored one. Beyond
what is stored nothing but who is enrolled in the plan takes a place, and only where somebody's stay begins can there be
more people than before: looked at is each of these times, and whether a session follows it.

A session that was called off, removed or paused keeps its people, and counts: so it may come back at any time.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session as Tx

import recurrence
from db import places, segments
from db.models import Segment
from db.places import Spot
from recurrence import Occurrence, Series
from services import counted, stays
from services.stays import Stay

DAY = timedelta(days=1)


@dataclass(slots=True)
class Person:
    """Where one has a place: in the plan, at single sessions; and from which one is excused."""

    stays: list[Stay] = field(default_factory=list)
    drop_ins: set[datetime] = field(default_factory=set)
    excused: set[datetime] = field(default_factory=set)

    def is_at(self, wall: datetime) -> bool:
        """Whether the person has a place at a session."""
        return wall not in self.excused and (wall in self.drop_ins or stays.covers(self.stays, wall))


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """What a segment gives where nothing is stored: from a local time on and before another (None: for ever)."""

    segment: Segment
    since: datetime
    until: datetime | None


@dataclass(slots=True, kw_only=True)
class Room:
    """A plan that the caller holds, as far as places are concerned. `here` is now as a local time of the plan.

    segments: all of them, by their local start. spots: stored sessions that are ahead, or whose recurrence id is.
    taken: how many have a place at each of these.
    """

    tenant_id: UUID
    series_id: UUID
    now: datetime
    here: datetime
    segments: dict[datetime, Segment]
    spots: dict[datetime, Spot]
    taken: dict[datetime, int]
    people: defaultdict[UUID, Person]
    beyond: list[Beyond]

    def has_for(self, user_id: UUID, wanted: Sequence[Stay], *, drop_in: bool) -> bool:
        """Whether a person can have a place at each of these sessions that are ahead; one who has it needs none.

        Nor one who is excused, and wants a place in the plan; but whoever asks for that session takes the excuse back.
        """
        person = self.people[user_id]
        for wall, spot in self.spots.items():
            stays_away = wall in person.excused and not drop_in
            new = spot.is_ahead and stays.covers(wanted, wall) and not person.is_at(wall) and not stays_away
            if new and spot.capacity is not None and self.taken[wall] >= spot.capacity:
                return False
        limited = [(one, one.segment.capacity) for one in self.beyond if one.segment.capacity is not None]
        return all(self.crowd(one, stay, most, user_id) is None for one, most in limited for stay in wanted)

    def crowd(self, beyond: Beyond, wanted: Stay, most: int, but: UUID | None = None) -> tuple[datetime, int] | None:
        """The first unstored session of a stretch at which so many people or more have a place, and how many do.

        but: a person who does not count. None: there is no such session.
        """
        since = max(wanted.from_local, beyond.since)
        until = min((end for end in (wanted.until_local, beyond.until) if end is not None), default=None)
        if until is not None and until <= since:
            return None
        others = [stay for id_, person in self.people.items() if id_ != but for stay in person.stays]
        for begin, end in parts(others, since, until):
            count = sum(1 for stay in others if stays.covers([stay], begin))
            first = self.first_unstored(beyond.segment, begin, end) if count >= most else None
            if first is not None:
                return first.recurrence_id, count
        return None

    def first_unstored(self, segment: Segment, since: datetime, until: datetime | None) -> Occurrence | None:
        """The first session of a segment in a stretch of local time that no row stands for; on a paused day too."""
        series = with_paused(segments.series_of(segment))
        begin = recurrence.localize(since, series.zone)
        end = None if until is None else recurrence.localize(until, series.zone)
        assert begin is not None, "with Gap.SHIFT every wall time has an instant"
        low = begin - 2 * DAY
        cursor = counted.carried_on(series, segments.cursor_of(segment), low)
        for one in recurrence.expand(series, low, None if end is None else end + 2 * DAY, cursor):
            wall = one.recurrence_id
            inside = wall >= since and (until is None or wall < until)
            if inside and wall not in self.spots and one.starts_at > self.now:
                return one
        return None

    def local(self, moment: datetime) -> datetime:
        """A moment as a local time of the plan: an instant in the zone that the plan has by then."""
        if moment.tzinfo is None:
            return moment
        held = [one for one in self.segments.values() if not segments.is_empty(one)] or list(self.segments.values())
        walls = [(one.from_local, recurrence.wall_time(moment, one.time_zone)) for one in held]
        return next((wall for begins, wall in reversed(walls) if begins <= wall), walls[0][1])

    def next_start(self) -> datetime | None:
        """When a session of the plan begins next, by plan; None: none does."""
        given = (self.first_unstored(one.segment, one.since, one.until) for one in self.beyond)
        starts = [one.starts_at for one in given if one is not None]
        return min([*starts, *(spot.starts_at for spot in self.spots.values() if spot.is_ahead)], default=None)

    def overfull(self) -> tuple[datetime, int, int] | None:
        """A session ahead at which more people have a place than may: when, how many, and its capacity."""
        for wall, spot in self.spots.items():
            if spot.is_ahead and spot.capacity is not None and self.taken[wall] > spot.capacity:
                return wall, self.taken[wall], spot.capacity
        for one in self.beyond:
            capacity = one.segment.capacity
            found = None if capacity is None else self.crowd(one, Stay(one.since), capacity + 1)
            if found is not None and capacity is not None:
                return *found, capacity
        return None

    def renewed(self, user_id: UUID, wish: Stay | None) -> list[Stay]:
        """The stays of a person in the plan when those ahead are as wished (None: there are none)."""
        begun = [wall for wall, spot in self.spots.items() if not spot.is_ahead and wall >= self.here]
        ahead = [wall for wall, spot in self.spots.items() if spot.is_ahead and wall < self.here]
        return stays.renewed(self.people[user_id].stays, wish, self.here, begun, ahead)

    def first_wall(self) -> datetime:
        """The local time from which on all sessions ahead are: mostly now."""
        return min([self.here, *(wall for wall, spot in self.spots.items() if spot.is_ahead)])

    def becomes(self, user_id: UUID, person: Person) -> list[datetime]:
        """Let a person have other places, and count; the sessions ahead at which the place is given up."""
        before, self.people[user_id] = self.people[user_id], person
        given_up = []
        for wall, spot in self.spots.items():
            change = int(person.is_at(wall)) - int(before.is_at(wall))
            self.taken[wall] += change
            if change < 0 and spot.is_ahead:
                given_up.append(wall)
        return given_up


def of_plan(tx: Tx, tenant_id: UUID, series_id: UUID, now: datetime) -> Room:
    """The room of a plan."""
    held = places.segments(tx, tenant_id, series_id)
    here = here_of(held, now)
    spots = {one.recurrence_id: one for one in places.sessions(tx, tenant_id, series_id, here, now)}
    people: defaultdict[UUID, Person] = defaultdict(Person)
    for row in places.enrolments(tx, tenant_id, series_id):
        if row.drop_in:
            people[row.user_id].drop_ins.add(row.from_local)
        else:
            people[row.user_id].stays.append(Stay(row.from_local, row.until_local))
    for user_id, wall in places.excuses(tx, tenant_id, series_id, now):
        people[user_id].excused.add(wall)
    return Room(
        tenant_id=tenant_id,
        series_id=series_id,
        now=now,
        here=here,
        segments={one.from_local: one for one in held},
        spots=spots,
        taken={wall: spot.taken for wall, spot in spots.items()},
        people=people,
        beyond=list(unstored(held, here)),
    )


def here_of(held: Sequence[Segment], now: datetime) -> datetime:
    """Now as a local time of a plan: in the zone of the segment that goes on, to the second."""
    living = [one for one in held if one.removed_at is None and not segments.is_empty(one)]
    return recurrence.wall_time(now, (living or held)[-1].time_zone).replace(microsecond=0)


def unstored(held: Sequence[Segment], here: datetime) -> Iterable[Beyond]:
    """Where segments give sessions that are not stored; a day earlier, for the clocks. Of paused days none may be."""
    living = [one for one in held if not segments.is_empty(one)]
    for segment, later in zip(living, [*living, None][1:], strict=True):
        if segment.removed_at is None and segment.next_materialize_at is not None:
            stored = recurrence.wall_time(segment.materialized_until, segment.time_zone) - DAY
            paused = any(day >= here.date() for day in segment.excluded_days)
            since = max(segment.from_local, here if paused else stored, here)
            until = None if later is None else later.from_local
            if until is None or since < until:
                yield Beyond(segment=segment, since=since, until=until)


def with_paused(series: Series) -> Series:
    """A series with the days that are taken out of it."""
    return replace(series, exdates=tuple(one for one in series.exdates if isinstance(one, datetime)))


def parts(
    others: Iterable[Stay], since: datetime, until: datetime | None
) -> Iterable[tuple[datetime, datetime | None]]:
    """The stretches of local time between which the number of people changes."""
    edges = {edge for stay in others for edge in stay if edge is not None}
    within = sorted(edge for edge in edges if edge > since and (until is None or edge < until))
    return zip([since, *within], [*within, until], strict=True)
