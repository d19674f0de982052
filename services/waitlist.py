"""Places are given away in one way: whoever wants one waits, if only for a moment, and those who wait are looked at in
order.

The first who fits gets a place; one who does not is passed over and keeps waiting. In a plan somebody fits when each
session of the stretch that is ahead has a place left, at one session when that has. Who would be at two places at once
is passed over too, and the change log says so. Nobody gets a place at a session that has begun.

Whatever frees places, or makes more of them, calls `promote` in its own transaction, after `hold`. Time does so too:
when a session begins, what is left of a plan may have room for who waits for it. So each wish for a plan says when
that is (`look_at`), and is looked at again then (`services.passing`); and at once when a session is called off, removed
or paused, at which somebody would have been at two places.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, tuple_
from sqlalchemy.orm import Session as Tx

from db import places
from db.bookings import Taken
from db.models import Waiting
from services import changes, free, identity, seats, stays, turn
from services import room as rooms
from services.room import Room
from services.stays import Stay

EXCUSED = "somebody is excused"
WITHDRAWN = "somebody gave up a place"
EDITED = "the plan was edited"
MORE = "the capacity was raised"
BACK = "the session takes place again"
DELETED = "a session was deleted"
ENROLLED = "an enrolment changed"
MOVED = "a session was moved"
CLEARED = "a session that was in the way has begun or was called off"


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
    turn.take(tx, people, [series_id])


def promote(tx: Tx, tenant_id: UUID, series_id: UUID, reason: str, now: datetime) -> int:
    """Give what places there are to those who wait, in order; the change log says when, to whom, and why. How many.

    reason: what freed a place, in words. The caller holds the plan (`hold`).
    """
    tx.flush()
    line = line_of(tx, tenant_id, series_id)
    if not line:
        return 0
    room = rooms.of_plan(tx, tenant_id, series_id, now)
    given = serve(tx, room, line, reason)
    places.look_at(tx, tenant_id, series_id, room.next_start())
    return len(given)


def line_of(tx: Tx, tenant_id: UUID, series_id: UUID) -> list[Wish]:
    """Who waits for a place in a plan or at a session of it, in order."""
    rows = places.waitlist(tx, tenant_id, series_id)
    return [Wish(one.user_id, Stay(one.from_local, one.until_local), one.drop_in, one.since) for one in rows]


def serve(tx: Tx, room: Room, line: Sequence[Wish], reason: str, newcomer: Wish | None = None) -> list[Wish]:
    """Give places to those of this line who fit, in order; returns their wishes.

    newcomer: the one of them who does not wait yet, and is known to be free.
    """
    given: list[Wish] = []
    passed: dict[Wish, str] = {}
    waits = list(line)
    while waits:
        wish = waits.pop(0)
        if not is_open(room, wish) or not room.has_for(wish.user_id, [wish.stay], drop_in=wish.drop_in):
            continue
        taken = [] if wish is newcomer else in_the_way(tx, room, wish)
        if taken:
            by = identity.format_id(taken[0].series_id, taken[0].recurrence_id)
            passed[wish] = f"{wish.user_id} waits on: taken by {by}"
            continue
        had_others = not wish.drop_in and bool(room.people[wish.user_id].stays)
        seats.give(tx, room, wish.user_id, wish.stay, drop_in=wish.drop_in)
        given.append(wish)
        if had_others:  # which are free now, for those who came first
            waits = [one for one in line if one not in given]
    promoted = [one for one in given if one is not newcomer]
    forget(tx, room, [*promoted, *(one for one in line if one not in given and is_void(room, one))])
    told = [(id_of(room, one), f"{one.user_id} has a place: {reason}") for one in promoted]
    changes.tell(tx, room.tenant_id, "promote", told)
    over = [] if reason == CLEARED else [(id_of(room, wish), why) for wish, why in passed.items() if wish not in given]
    changes.tell(tx, room.tenant_id, "pass_over", over)
    return given


def is_open(room: Room, wish: Wish) -> bool:
    """Whether a place can be given: one session must be ahead and take place, of a plan something."""
    if is_void(room, wish):
        return False
    if wish.drop_in:
        return room.spots[wish.stay.from_local].takes_place
    ahead = (wall for wall, spot in room.spots.items() if spot.is_ahead)
    return bool(room.beyond) or any(stays.covers([wish.stay], wall) for wall in ahead)


def is_void(room: Room, wish: Wish) -> bool:
    """Whether there is nothing left to wait for: it has begun, or the person has it in another way."""
    if wish.drop_in:
        wall = wish.stay.from_local
        return not seats.is_ahead(room, wall) or room.people[wish.user_id].is_at(wall)
    until = wish.stay.until_local
    return until is not None and until <= room.first_wall()


def in_the_way(tx: Tx, room: Room, wish: Wish) -> list[Taken]:
    """The sessions that the person of a wish has to be at instead; the person is held meanwhile."""
    if not free.asks(room):
        return []
    turn.take(tx, [wish.user_id])
    if wish.drop_in:
        return free.at_spot(tx, room, wish.user_id, room.spots[wish.stay.from_local])
    return free.in_the_way(tx, room, wish.user_id, stays.since(wish.stay, room.first_wall()))


def forget(tx: Tx, room: Room, wishes: Collection[Wish]) -> None:
    """Let these people wait no more."""
    if wishes:
        of_plan = (Waiting.tenant_id == room.tenant_id, Waiting.series_id == room.series_id)
        key = tuple_(Waiting.user_id, Waiting.from_local, Waiting.drop_in)
        own = key.in_([(one.user_id, one.stay.from_local, one.drop_in) for one in wishes])
        tx.execute(delete(Waiting).where(*of_plan, own).execution_options(synchronize_session=False))


def id_of(room: Room, wish: Wish) -> str:
    """The id of the plan or session that a wish is about, as the API writes it."""
    return identity.format_id(room.series_id, wish.stay.from_local if wish.drop_in else None)
