"""Let a person have places in a plan, or give them up, in place of what there was before.

What has begun stays as it was. A place given up late (`places.LATE_CANCEL`) is written down; whoever takes it back did
not cancel.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from db import places
from db.sessions import SessionKey
from services import stays
from services.room import Person, Room
from services.stays import Stay


def give(tx: Tx, room: Room, user_id: UUID, stay: Stay, *, drop_in: bool) -> None:
    """Let a person have the places of a stretch that are ahead and no others of the plan; or that at one session.

    Drop-ins at sessions of the stretch become a part of it.
    """
    before = room.people[user_id]
    if not drop_in:
        held = room.renewed(user_id, stay)
        left = {wall for wall in before.drop_ins if not (is_ahead(room, wall) and stays.covers(held, wall))}
        change(tx, room, user_id, Person(held, left, before.excused))
        return
    wall = stay.from_local
    drop_ins = before.drop_ins if stays.covers(before.stays, wall) else {*before.drop_ins, wall}
    places.take_back_excuse(tx, SessionKey(room.tenant_id, room.series_id, wall), user_id)
    change(tx, room, user_id, Person(before.stays, drop_ins, before.excused - {wall}))


def leave(tx: Tx, room: Room, user_id: UUID) -> None:
    """Let a person's enrolment in a plan end now; drop-ins stay."""
    before = room.people[user_id]
    change(tx, room, user_id, Person(room.renewed(user_id, None), before.drop_ins, before.excused))


def take_part(tx: Tx, room: Room, begin: datetime, people: Collection[UUID]) -> list[UUID]:
    """Let just these people be enrolled from a local time on, with no drop-ins beside that; who of them was not.

    What has begun keeps whom it had, wherever it was moved from.
    """
    begun = [wall for wall, spot in room.spots.items() if wall >= begin and not spot.is_ahead]
    new = []
    for user_id in dict.fromkeys([*room.people, *people]):
        before, takes_part = room.people[user_id], user_id in people
        held = stays.renewed(before.stays, Stay(begin) if takes_part else None, begin, begun, ())
        drop_ins = {wall for wall in before.drop_ins if not takes_part or wall < begin or wall in begun}
        if (held, drop_ins) != (before.stays, before.drop_ins):
            change(tx, room, user_id, Person(held, drop_ins, before.excused))
            new += [user_id] if takes_part else []
    return new


def leave_session(tx: Tx, room: Room, user_id: UUID, wall: datetime) -> None:
    """Let a person drop in at a session no more."""
    before = room.people[user_id]
    change(tx, room, user_id, Person(before.stays, before.drop_ins - {wall}, before.excused))


def vanish(tx: Tx, room: Room, user_id: UUID) -> None:
    """Let a person have no place ahead any more, who did not give them up: no late cancel is written down."""
    before = room.people[user_id]
    begun = {wall for wall in before.drop_ins if not is_ahead(room, wall)}
    write(tx, room, user_id, Person(room.renewed(user_id, None), begun, before.excused))


def is_ahead(room: Room, wall: datetime) -> bool:
    """Whether a session has not begun."""
    spot = room.spots.get(wall)
    return spot is not None and spot.is_ahead


def change(tx: Tx, room: Room, user_id: UUID, after: Person) -> None:
    """Let a person have just these places, and keep what was given up late."""
    before, plan = room.people[user_id], (room.tenant_id, room.series_id)
    taken = [wall for wall, spot in room.spots.items() if spot.is_ahead and after.is_at(wall) > before.is_at(wall)]
    given_up = write(tx, room, user_id, after)
    places.forget_withdrawals(tx, plan, user_id, taken)
    last = room.now + places.LATE_CANCEL
    late = [wall for wall in given_up if room.spots[wall].takes_place and room.spots[wall].starts_at <= last]
    places.withdrawn(tx, plan, user_id, late, room.now)


def write(tx: Tx, room: Room, user_id: UUID, after: Person) -> list[datetime]:
    """Let a person have just these places; the sessions ahead at which a place is given up."""
    had, has = rows_of(room.people[user_id]), rows_of(after)
    gone = [stay.from_local for stay, _ in had - has]
    new = sorted((*stay, drop_in) for stay, drop_in in has - had)
    places.hold(tx, (room.tenant_id, room.series_id), user_id, gone, new)
    return room.becomes(user_id, after)


def rows_of(person: Person) -> set[tuple[Stay, bool]]:
    """A person's places as they are stored: each stretch, and whether it is a drop-in."""
    return {(stay, False) for stay in person.stays} | {(stays.at(wall), True) for wall in person.drop_ins}
