"""What sessions refer to: users, routines, programs, timelines, spaces, subjects. One way for all six."""

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from psycopg import errors
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Tx
from uuid_utils.compat import uuid7

from db import statements
from db.models import Named, Program, Routine, Space, Subject, Timeline, User
from services.errors import Conflict, InvalidField, NotFound

TAKEN = "another user has this e-mail address, in this case or another"

KINDS: Mapping[str, type[Named]] = MappingProxyType(
    {
        "users": User,
        "routines": Routine,
        "programs": Program,
        "timelines": Timeline,
        "spaces": Space,
        "subjects": Subject,
    }
)

FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "routine_id": "routines",
        "program_id": "programs",
        "timeline_id": "timelines",
        "space_id": "spaces",
        "subject_id": "subjects",
        "instructor_id": "users",
        "participants": "users",
    }
)
"""The fields of a plan that refer to something, and the kind that each refers to."""

KNOWN = statements.written(
    " UNION ALL ".join(
        f"SELECT id FROM {table} WHERE tenant_id = :tenant_id AND id = ANY (CAST(:{kind} AS uuid[]))"
        for kind, table in ((kind, inspect(model).local_table) for kind, model in KINDS.items())
    )
)


def create(tx: Tx, tenant_id: UUID, kind: str, values: Mapping[str, Any], now: datetime) -> Named:
    """A new one of this kind.

    Raises InvalidField when an e-mail address is taken.
    """
    given = {"tenant_id": tenant_id, "id": uuid7(), "created_at": now, "updated_at": now, **values}
    row = KINDS[kind](**given)
    check_address(tx, tenant_id, given["id"], values)
    tx.add(row)
    write(tx)
    return row


def get(tx: Tx, tenant_id: UUID, kind: str, id_: UUID, lock: bool = False) -> Named:
    """The one with this id; with `lock` nobody else changes it until the transaction ends.

    Raises NotFound when the tenant has none.
    """
    row = tx.get(KINDS[kind], (tenant_id, id_), with_for_update={"key_share": True} if lock else None)
    if row is None:
        raise NotFound(kind.removesuffix("s"), id_)
    return row


def many(tx: Tx, tenant_id: UUID, kind: str, ids: Collection[UUID]) -> dict[UUID, Named]:
    """Those of this kind that have these ids, by id, in one statement."""
    if not ids:
        return {}
    model = KINDS[kind]
    return {row.id: row for row in tx.scalars(select(model).where(model.tenant_id == tenant_id, model.id.in_(ids)))}


def listing(tx: Tx, tenant_id: UUID, kind: str, limit: int, after: UUID | None) -> list[Named]:
    """Those of this kind in the order in which they were made, after an id; at most `limit`."""
    model = KINDS[kind]
    statement = select(model).where(model.tenant_id == tenant_id).order_by(model.id).limit(limit)
    return list(tx.scalars(statement if after is None else statement.where(model.id > after)))


def update(tx: Tx, tenant_id: UUID, kind: str, id_: UUID, values: Mapping[str, Any], now: datetime) -> Named:
    """Change the given values. Raises NotFound, InvalidField; Conflict for a person who was erased."""
    row = get(tx, tenant_id, kind, id_, lock=True)
    if isinstance(row, User) and row.erased_at is not None:
        raise Conflict(f"user {id_} was erased")
    check_address(tx, tenant_id, id_, values)
    for name, value in values.items():
        setattr(row, name, value)
    row.updated_at = now
    write(tx)
    return row


def delete(tx: Tx, tenant_id: UUID, kind: str, id_: UUID) -> None:
    """Delete it.

    Raises NotFound; Conflict when a plan, a session or an attendance refers to it.
    """
    tx.delete(get(tx, tenant_id, kind, id_))
    try:
        tx.flush()
    except IntegrityError as error:
        if isinstance(error.orig, errors.ForeignKeyViolation):
            raise Conflict(f"{kind.removesuffix('s')} {id_} is still referred to") from None
        raise


def write(tx: Tx) -> None:
    """Send what changed; an e-mail address that is taken is told by name."""
    try:
        tx.flush()
    except IntegrityError as error:
        if isinstance(error.orig, errors.UniqueViolation):
            raise InvalidField("email", TAKEN) from None
        raise


def check_address(tx: Tx, tenant_id: UUID, user_id: UUID, values: Mapping[str, Any]) -> None:
    """Refuse an e-mail address that another user has, in whatever case; who wants the same one takes turns.

    Raises InvalidField.
    """
    if "email" not in values:
        return
    lower = func.lower(values["email"])
    tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(func.concat(str(tenant_id), "/", lower), 0))))
    others = select(User.id).where(User.tenant_id == tenant_id, User.id != user_id, func.lower(User.email) == lower)
    if tx.scalar(others.limit(1)) is not None:
        raise InvalidField("email", TAKEN)


def check(tx: Tx, tenant_id: UUID, named: Mapping[str, tuple[UUID, ...]]) -> None:
    """Refuse ids that the tenant does not have, in one statement; `named` maps a plan's field to the ids it gives.

    Raises InvalidField with the first field that names an unknown one.
    """
    wanted = {kind: [id_ for field, ids in named.items() if FIELDS[field] == kind for id_ in ids] for kind in KINDS}
    if not any(wanted.values()):
        return
    known = {id_ for [id_] in statements.fetch(tx, KNOWN, {"tenant_id": tenant_id, **wanted})}
    for field, ids in named.items():
        for id_ in ids:
            if id_ not in known:
                raise InvalidField(field, f"got {id_}, expected the id of one of the tenant's {FIELDS[field]}")


def check_new(tx: Tx, tenant_id: UUID, named: Mapping[str, tuple[UUID, ...]]) -> None:
    """The same, for what is to refer to these from now on: people who were erased are refused too.

    Raises InvalidField; Conflict.
    """
    check(tx, tenant_id, named)
    refuse_erased(tx, tenant_id, named)


def refuse_erased(tx: Tx, tenant_id: UUID, named: Mapping[str, tuple[UUID, ...]]) -> None:
    """Refuse people who were erased. Raises Conflict."""
    people = {id_ for field, ids in named.items() if FIELDS[field] == "users" for id_ in ids}
    if people:
        erased = select(User.id).where(User.tenant_id == tenant_id, User.id.in_(people), User.erased_at.is_not(None))
        found = tx.scalar(erased.order_by(User.id).limit(1))
        if found is not None:
            raise Conflict(f"user {found} was erased")
