"""Enrol people in plans and at single sessions, and let them go again.

Who asks for a place that somebody else has waits for it (`services.waitlist`). Asking again for the same changes
nothing; asking for another stretch changes what is ahead, and who waits keeps the place in the line. A clash is
refused.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session as Tx

from db import places
from db.models import Mark, Series, User, Waiting
from db.sessions import SessionKey
from lifecycle import State
from services import attend, reach, references, seats, settled, stays, waitlist
from services import room as rooms
from services.errors import Clash, Conflict, InvalidField, NotFound
from services.reach import OVER, Named
from services.room import Room
from services.stays import Stay
from services.waitlist import Wish

BEGUN = "the session has begun: who comes now is marked, not enrolled"


def in_plan(
    tx: Tx,
    tenant_id: UUID,
    series_id: UUID,
    user_id: UUID,
    begin: datetime | None,
    until: datetime | None,
    now: datetime,
) -> None:
    """Give a person a place in a plan of many sessions, or let the person wait for one.

    begin, until: local times of the plan, or instants; None: from now on, for ever. The caller holds the plan. Raises
    NotFound; InvalidField; Conflict when nothing of it lies ahead; Clash.
    """
    check_person(tx, tenant_id, user_id)
    series = tx.scalar(select(Series).where(Series.tenant_id == tenant_id, Series.id == series_id))
    if series is None:
        raise NotFound("session", series_id)
    if series.removed_at is not None:
        raise Conflict("the plan is removed: restore it first")
    room = rooms.of_plan(tx, tenant_id, series_id, now)
    check_ahead(room, now)
    first = max(room.first_wall(), room.local(begin)) if begin else room.first_wall()
    stay = Stay(first, None if until is None else room.local(until))
    if stay.until_local is not None and stay.until_local <= stay.from_local:
        raise InvalidField("until", f"got {stay.until_local.isoformat()}, expected after {first.isoformat()}")
    want(tx, room, Wish(user_id, stay, drop_in=False, since=now))


def at_session(tx: Tx, key: SessionKey, user_id: UUID, now: datetime, *, one_time: bool = False) -> None:
    """Give a person a place at one session, or let the person wait for one; an excuse is taken back.

    one_time: the session is a plan of its own. The caller holds plan and session. Raises NotFound; Conflict when it has
    begun or does not take place; Clash.
    """
    check_person(tx, key.tenant_id, user_id)
    session, _ = settled.one(tx, key, now)
    if session.removed_at is not None:
        raise Conflict("the session is removed")
    if session.state == State.CANCELLED:
        raise Conflict("the session is CANCELLED")
    if session.state != State.SCHEDULED or session.starts_at <= now or not session.tracked:
        raise Conflict(BEGUN)
    tx.flush()
    room, wall = rooms.of_plan(tx, key.tenant_id, key.series_id, now), key.recurrence_id
    person = room.people[user_id]
    if person.is_at(wall):
        return
    of_plan = one_time and wall not in person.excused
    stay = Stay(room.first_wall()) if of_plan else stays.at(wall)
    want(tx, room, Wish(user_id, stay, drop_in=not of_plan, since=now))


def want(tx: Tx, room: Room, wish: Wish) -> None:
    """Put a wish in the line, and give what places there are."""
    line = waitlist.line_of(tx, room.tenant_id, room.series_id)
    mine = [one for one in line if one.user_id == wish.user_id and one.drop_in == wish.drop_in]
    earlier = next((one for one in mine if not wish.drop_in or one.stay == wish.stay), None)
    if earlier is not None:
        wish = wish._replace(since=earlier.since, stay=earlier.stay if is_same(room, earlier, wish) else wish.stay)
    taken = waitlist.in_the_way(tx, room, wish)
    if taken:
        raise Clash(taken)
    others = [one for one in line if one is not earlier]
    order = sorted([*others, wish], key=lambda one: (one.since, one.user_id))
    given = waitlist.serve(tx, room, order, waitlist.ENROLLED, wish)
    if earlier is not None and (wish in given or earlier.stay != wish.stay):
        waitlist.forget(tx, room, [earlier])
    if wish not in given and (earlier is None or earlier.stay != wish.stay):
        wait(tx, room, wish)


def is_same(room: Room, earlier: Wish, wish: Wish) -> bool:
    """Whether a wish is for the sessions that an earlier one is for, but for what has passed meanwhile."""
    begins = earlier.stay.from_local <= wish.stay.from_local <= room.first_wall()
    return begins and earlier.stay.until_local == wish.stay.until_local


def wait(tx: Tx, room: Room, wish: Wish) -> None:
    """Write down that a person waits."""
    own = {"tenant_id": room.tenant_id, "series_id": room.series_id, "user_id": wish.user_id}
    stay = {"from_local": wish.stay.from_local, "until_local": wish.stay.until_local}
    look_at = None if wish.drop_in else room.next_start()
    row = insert(Waiting).values(**own, **stay, drop_in=wish.drop_in, since=wish.since, look_at=look_at)
    tx.execute(row.on_conflict_do_nothing())


def leave_plan(tx: Tx, tenant_id: UUID, series_id: UUID, user_id: UUID, now: datetime) -> None:
    """Let a person's enrolment in a plan end now, and let the person wait for it no more; drop-ins stay.

    Again, it changes nothing. The caller holds the plan. Raises NotFound.
    """
    references.get(tx, tenant_id, "users", user_id)
    room = rooms.of_plan(tx, tenant_id, series_id, now)
    waits = [one for one in waitlist.line_of(tx, tenant_id, series_id) if one.user_id == user_id and not one.drop_in]
    waitlist.forget(tx, room, waits)
    if room.renewed(user_id, None) != room.people[user_id].stays:
        seats.leave(tx, room, user_id)
        waitlist.promote(tx, tenant_id, series_id, waitlist.WITHDRAWN, now)


def leave_session(tx: Tx, key: SessionKey, user_id: UUID, actor: str, now: datetime, *, one_time: bool = False) -> None:
    """Let a person not come to one session: a drop-in goes, and so does who is enrolled in a one-time plan; whoever is
    enrolled in a plan of many is excused.

    Again, it changes nothing. The caller holds plan and session. Raises NotFound; Conflict when it has begun.
    """
    references.get(tx, key.tenant_id, "users", user_id)
    settled.one(tx, key, now)
    tx.flush()
    room, wall = rooms.of_plan(tx, key.tenant_id, key.series_id, now), key.recurrence_id
    line = waitlist.line_of(tx, key.tenant_id, key.series_id)
    mine = [one for one in line if one.user_id == user_id]
    waitlist.forget(tx, room, [one for one in mine if one_time or (one.drop_in and one.stay.from_local == wall)])
    person = room.people[user_id]
    if not person.is_at(wall) or user_id in places.excused_at(tx, key):
        return
    if not seats.is_ahead(room, wall):
        raise Conflict("the session has begun: mark who is absent or excused")
    if wall in person.drop_ins:
        seats.leave_session(tx, room, user_id, wall)
    elif one_time:
        seats.leave(tx, room, user_id)
    else:
        attend.mark(tx, key, user_id, Mark.EXCUSED, actor, now)  # gives the place to who waits
        return
    waitlist.promote(tx, key.tenant_id, key.series_id, waitlist.WITHDRAWN, now)


def check_person(tx: Tx, tenant_id: UUID, user_id: UUID) -> None:
    """Refuse somebody who is not there, or was erased. Raises NotFound; Conflict."""
    user = references.get(tx, tenant_id, "users", user_id)
    if isinstance(user, User) and user.erased_at is not None:
        raise Conflict(f"user {user_id} was erased")


def check_ahead(room: Room, now: datetime) -> None:
    """Refuse a plan of which nothing lies ahead. Raises Conflict."""
    if any(spot.is_ahead for spot in room.spots.values()):
        return
    named = Named(tenant_id=room.tenant_id, series_id=room.series_id, recurrence_id=None, following=False)
    if reach.first_ahead(list(room.segments.values()), named, now) is None:
        raise Conflict(OVER)
