"""What sessions refer to, on the wire."""

from typing import Any

from api_stub import instants
from db.models import Named, Routine, User


def of_row(row: Named) -> dict[str, Any]:
    """One of a kind; a user has an e-mail address and a role instead of a description and a type,
    a routine its activities besides.
    """
    own: dict[str, Any] = {"description": row.description, "type": row.type}
    if isinstance(row, Routine):
        own["activities"] = list(row.activities)
    if isinstance(row, User):
        erased_at = None if row.erased_at is None else instants.show(row.erased_at)
        own = {"email": row.email, "role": row.role, "erasedAt": erased_at}
    times = {"createdAt": instants.show(row.created_at), "updatedAt": instants.show(row.updated_at)}
    return {"id": str(row.id), "name": row.name, **own, **times}
