"""How many may come is never less than how many have a place."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from db.sessions import SessionKey
from services import room, waitlist
from services.errors import Conflict, InvalidField


def refuse_overfull(tx: Tx, tenant_id: UUID, series_id: UUID, field: str, now: datetime) -> None:
    """Refuse what leaves more people at a session ahead than may come. Raises InvalidField for this field."""
    tx.flush()
    found = room.of_plan(tx, tenant_id, series_id, now).overfull()
    if found is not None:
        wall, people, most = found
        message = f"got {most} places, expected {people} or more: so many people have one at the session of "
        raise InvalidField(field, message + wall.isoformat())


def refuse_return(tx: Tx, tenant_id: UUID, series_id: UUID, now: datetime) -> None:
    """Refuse to bring back sessions that others have the places of by now. Raises Conflict."""
    tx.flush()
    found = room.of_plan(tx, tenant_id, series_id, now).overfull()
    if found is not None:
        wall, people, most = found
        raise Conflict(f"{people} people would have the {most} places at the session of {wall.isoformat()}")


def settle(tx: Tx, key: SessionKey, now: datetime) -> None:
    """Refuse fewer places at a session than are taken; give the others to who waits. Raises InvalidField."""
    refuse_overfull(tx, key.tenant_id, key.series_id, "capacity", now)
    waitlist.promote(tx, key.tenant_id, key.series_id, waitlist.MORE, now)
