"""Places are given away in one way: whoever wants one waits, if only for a moment, and those who wait are looked at in
order.

The first who fits gets a place; one who does not is passed over and keeps waiting. In a plan somebody fits when each
session of the stretch that is ahead has a place left, at one session when that has. Who would be at two places at once
is passed over too, and the change log says so. Nobody gets a place at a session that has begun.

Whatever frees places, or makes more of them, calls `promote` in its own transaction, after `hold`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session as Tx

from db import bookings, places
from db.models import Waiting
from db.sessions import SessionKey
from services import changes, free, identity, stays
from services import room as rooms
from services.room import Person, Room
from services.stays import Stay

EXCUSED = "somebody is excused"
WITHDRAWN = "somebody gave up a place"
EDITED = "the plan was edited"
ENROLLED = "an enrolment changed"


class Wish(NamedTuple):
    """Who wants a place: in a plan from a local time on and before another (None: for ever), or at one session.

    since: from when on, an instant; whoever came first is first.
    """

    user_id: UUID
    stay: Stay
    drop_in: bool
    since: datetime


def hold(tx: Tx, series_id: UUID, people: Sequence[UUID] = ()) -> None:
    """Wait for the turn to give away places of a plan, and to take these people: before any row is locked."""
    bookings.lock(tx, people, [series_id])


def promote(tx: Tx, tenant_id: UUID, series_id: UUID, reason: str, now: datetime) -> None:
    """Give what places there are to those who wait, in order; the change log says when, to whom, and why.

    reason: what freed a place, in words. The caller holds the plan (`hold`).
    """
    tx.flush()
    line = line_of(tx, tenant_id, series_id)
    if line:
        serve(tx, rooms.of_plan(tx, tenant_id, series_id, now), line, reason)


def line_of(tx: Tx, tenant_id: UUID, series_id: UUID) -> list[Wish]:
    """Who waits for a place in a plan or at a session of it, in order."""
    rows = places.waitlist(tx, tenant_id, series_id)
    return [Wish(one.user_id, Stay(one.from_local, one.until_local), one.drop_in, one.since) for one in rows]


def serve(tx: Tx, room: Room, line: Sequence[Wish], reason: str, newcomer: Wish | None = None) -> list[Wish]:
    """Give places to those of this line who fit, in order; returns their wishes.

    newcomer: the one of them who does not wait yet, and is known to be free.
    """
    given: list[Wish] = []
    passed: list[tuple[str, str]] = []
    for wish in line:
        if not is_open(room, wish) or not room.has_for(wish.user_id, [wish.stay]):
            continue
        taken = [] if wish is newcomer else taken_by(tx, room, wish)
        if taken:
            passed.append((id_of(room, wish), f"{wish.user_id} waits on: taken by {taken[0]}"))
            continue
        give(tx, room, wish)
        given.append(wish)
    promoted = [(id_of(room, one), f"{one.user_id} has a place: {reason}") for one in given if one is not newcomer]
    forget(tx, room, [one for one in given if one is not newcomer])
    changes.tell(tx, room.tenant_id, "promote", promoted)
    changes.tell(tx, room.tenant_id, "pass_over", passed)
    return given


def is_open(room: Room, wish: Wish) -> bool:
    """Whether a place can still be given: one session must be ahead and take place, of a plan something."""
    if wish.drop_in:
        spot = room.spots.get(wish.stay.from_local)
        return spot is not None and spot.is_ahead and spot.takes_place
    until = wish.stay.until_local
    return until is None or until > room.first_wall()


def taken_by(tx: Tx, room: Room, wish: Wish) -> list[str]:
    """The ids of sessions that the person of a wish has to be at instead."""
    if not free.asks(room):
        return []
    bookings.lock(tx, [wish.user_id])
    found = free.in_the_way(tx, room, wish.user_id, of_wish(room, wish))
    return [identity.format_id(one.series_id, one.recurrence_id) for one in found]


def of_wish(room: Room, wish: Wish) -> list[Stay]:
    """The places that a wish is for, of those that are ahead."""
    if wish.drop_in:
        return [wish.stay]
    return [stay for one in [wish.stay] for stay in stays.since(one, room.first_wall())]


def give(tx: Tx, room: Room, wish: Wish) -> None:
    """Let a person have the place, in place of what there was of it before."""
    before = room.people[wish.user_id]
    if wish.drop_in:
        wall = wish.stay.from_local
        drop_ins = before.drop_ins if stays.covers(before.stays, wall) else {*before.drop_ins, wall}
        after = Person(before.stays, drop_ins, before.excused - {wall})
        places.take_back_excuse(tx, SessionKey(room.tenant_id, room.series_id, wall), wish.user_id)
    else:
        held = room.renewed(wish.user_id, wish.stay)
        ahead = {wall for wall in before.drop_ins if (spot := room.spots.get(wall)) and spot.is_ahead}
        after = Person(held, {one for one in before.drop_ins if one not in ahead or not stays.covers(held, one)}, before.excused)
    write(tx, room, wish.user_id, after)


def write(tx: Tx, room: Room, user_id: UUID, after: Person) -> list[datetime]:
    """Let a person have just these places; the sessions ahead at which one is given up."""
    before, plan = room.people[user_id], (room.tenant_id, room.series_id)
    had = {*before.stays, *map(stays.at, before.drop_ins)}
    has = {*after.stays, *map(stays.at, after.drop_ins)}
    own = {stays.at(wall) for wall in after.drop_ins}
    places.hold_stays(tx, plan, user_id, [one.from_local for one in had - has], sorted((has - had) - own, key=first))
    places.hold_stays(tx, plan, user_id, [], sorted((has - had) & own, key=first), drop_in=True)
    given_up = room.becomes(user_id, after)
    again = [wall for wall, spot in room.spots.items() if spot.is_ahead and after.is_at(wall) and not before_is_at(before, wall)]
    places.forget_withdrawals(tx, plan, user_id, again)
    return given_up


def before_is_at(before: Person, wall: datetime) -> bool:
    """Whether a person had a place."""
    return before.is_at(wall)


def first(stay: Stay) -> datetime:
    """When it begins."""
    return stay.from_local


def forget(tx: Tx, room: Room, wishes: Collection[Wish]) -> None:
    """Let these people wait no more."""
    if wishes:
        of_plan = (Waiting.tenant_id == room.tenant_id, Waiting.series_id == room.series_id)
        own = or_(
            *((Waiting.user_id == one.user_id) & (Waiting.from_local == one.stay.from_local) for one in wishes)
        )
        tx.execute(delete(Waiting).where(*of_plan, own).execution_options(synchronize_session=False))


def id_of(room: Room, wish: Wish) -> str:
    """The id of the plan or session that a wish is about, as the API writes it."""
    return identity.format_id(room.series_id, wish.stay.from_local if wish.drop_in else None)
