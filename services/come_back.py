"""An excuse that is taken back before the start: the place was given up, and may be somebody else's by now.

So whoever was excused and comes after all gets it back only if it is still there, by check-in as by a mark. When the
session has begun its line is closed, and who is there is a fact.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from db import places
from db.sessions import SessionKey
from services import free, stays, turn, waitlist
from services import room as rooms
from services.errors import Clash, Conflict


def check(tx: Tx, key: SessionKey, user_id: UUID, now: datetime, *, may_clash: bool) -> None:
    """Refuse whoever is excused from a session ahead, and whose place is somebody else's.

    may_clash: the person is there, so is not at another place. The caller has the plan's turn. (Who is excused in the
    moment of a check-in takes it here, against the order of locks: of two who would wait for each other the database
    sends one round again.) Raises Conflict; Clash.
    """
    if user_id not in places.excused_at(tx, key, user_id):
        return
    waitlist.hold(tx, key.series_id)
    room = rooms.of_plan(tx, key.tenant_id, key.series_id, now)
    person, spot = room.people[user_id], room.spots.get(key.recurrence_id)
    had = key.recurrence_id in person.drop_ins or stays.covers(person.stays, key.recurrence_id)
    if spot is None or not spot.is_ahead or not had or key.recurrence_id not in person.excused:
        return
    if spot.capacity is not None and spot.taken >= spot.capacity:
        raise Conflict("the session is full: the place was given to somebody else")
    if may_clash or not free.asks(room):
        return
    turn.take(tx, [user_id])
    taken = free.at_spot(tx, room, user_id, spot)
    if taken:
        raise Clash(taken)
