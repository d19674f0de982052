"""Whether a person is free for the sessions of a plan: for ever, as `services.clash` looks at it.

A person who is enrolled takes part in one session at a time, unless the plan says that its participants may do
something else meanwhile (`exclusive`). Two sessions of one plan are for the plan to say.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session as Tx

import recurrence
from db import segments
from db.bookings import MOST_LISTED, Taken
from db.models import Segment
from db.places import Spot
from services import clash, counted, stays
from services.asked import Stretch
from services.room import Room
from services.stays import Stay

PARTICIPANTS = "participants"


def asks(room: Room) -> bool:
    """Whether a part of the plan takes its participants for itself."""
    return any(PARTICIPANTS in one.exclusive for one in room.segments.values())


def in_the_way(tx: Tx, room: Room, user_id: UUID, wanted: Sequence[Stay]) -> list[Taken]:
    """What stands in the way of a person at these sessions of a plan that are ahead, soonest first; at most 100."""
    found = at_moved(tx, room, user_id, wanted)
    for segment in room.segments.values():
        goes_on = PARTICIPANTS in segment.exclusive and segment.removed_at is None and not segments.is_empty(segment)
        if goes_on:
            found += along(tx, room, user_id, wanted, segment)
    return sorted(dict.fromkeys(found), key=lambda one: one.starts_at)[:MOST_LISTED]


def at_moved(tx: Tx, room: Room, user_id: UUID, wanted: Sequence[Stay]) -> list[Taken]:
    """The same at those of these sessions that have another time than their plan gives them."""
    excused = room.people[user_id].excused
    spots = [one for wall, one in room.spots.items() if stays.covers(wanted, wall) and wall not in excused]
    moved = [one for one in spots if one.is_ahead and one.takes_place and one.is_moved]
    return [taken for spot in moved for taken in at_spot(tx, room, user_id, spot)]


def at_spot(tx: Tx, room: Room, user_id: UUID, spot: Spot) -> list[Taken]:
    """What stands in the way of a person at one session, whatever its plan gives."""
    segment = room.segments[spot.segment_from]
    if PARTICIPANTS not in segment.exclusive:
        return []
    alone = clash.alone(spot.starts_at, spot.ends_at, segment.time_zone)
    asked = Stretch(series=alone, resources=[user_id], since=spot.starts_at, but=[room.series_id])
    return clash.check(tx, room.tenant_id, asked, spot.ends_at).taken


def along(tx: Tx, room: Room, user_id: UUID, wanted: Sequence[Stay], segment: Segment) -> list[Taken]:
    """What stands in the way of a person at what a segment gives; sessions that differ from it are not looked at."""
    excused = room.people[user_id].excused
    differ = {
        wall
        for wall, one in room.spots.items()
        if not one.takes_place or one.is_moved or not one.is_ahead or wall in excused
    }
    series = segments.series_of(segment)
    first = recurrence.localize(min(stay.from_local for stay in wanted), series.zone)
    since = room.now if first is None else max(room.now, first - timedelta(days=2))
    asked = Stretch(
        series=series,
        resources=[user_id],
        since=since,
        without=differ,
        but=[room.series_id],
        cursor=counted.carried_on(series, None, since),
        stays={user_id: wanted},
    )
    return clash.check(tx, room.tenant_id, asked, max(since, segment.materialized_until)).taken
