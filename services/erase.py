"""Erase a person: nothing is kept that tells who this was, and every total stays what it is.

Name, e-mail address, description and type go; what the person attended stays under an id that says nothing. From now on
the person is expected nowhere: enrolments end, places and excuses that lie ahead go, and so does every wait. Answers
that are kept to be repeated and name the person are forgotten. The plans that the person gives keep the id.

An erased person is enrolled in nothing and gives nothing any more.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from db import people
from db.models import User
from services import references, seats, turn, waitlist
from services import room as rooms

NAME = "erased person"
DOMAIN = "erased.invalid"
"""No address ends so (RFC 2606)."""


def erase(tx: Tx, tenant_id: UUID, user_id: UUID, now: datetime) -> bool:
    """Erase a person; returns whether there was something to erase. Again, it changes nothing. Raises NotFound."""
    turn.take(tx, [user_id], people.plans(tx, tenant_id, user_id, now))
    user = references.get(tx, tenant_id, "users", user_id, lock=True)
    assert isinstance(user, User)
    if user.erased_at is not None:
        return False
    plans = people.plans(tx, tenant_id, user_id, now)
    people.leave(tx, tenant_id, user_id, now)
    for series_id in plans:
        seats.vanish(tx, rooms.of_plan(tx, tenant_id, series_id, now), user_id)
    people.forget(tx, tenant_id, user_id, user.email)
    user.name, user.email = NAME, f"{user_id}@{DOMAIN}"
    user.description = user.type = None
    user.erased_at = user.updated_at = now
    tx.flush()
    for series_id in plans:
        waitlist.promote(tx, tenant_id, series_id, waitlist.WITHDRAWN, now)
    return True
