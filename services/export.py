"""Everything that is kept of a person, to be handed out: one statement for each kind of thing."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from db import people
from db.models import User
from services import references


class Export(NamedTuple):
    """A person, and what is kept of them by what it is (`db.people.KEPT`): rows in the order of time."""

    user: User
    kept: dict[str, list[dict[str, Any]]]


def export(tx: Tx, tenant_id: UUID, user_id: UUID) -> Export:
    """All of it. Raises NotFound."""
    user = references.get(tx, tenant_id, "users", user_id)
    assert isinstance(user, User)
    return Export(user, {what: list(people.kept(tx, tenant_id, user_id, what)) for what in people.KEPT})
