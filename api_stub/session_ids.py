"""Which plan or session a path names, and how far a change reaches.

`scope=this` means one session, `all` the whole plan, `following` this session and what comes after. Left out: an id
with a time means `this`, a plan's id `all`; a one-time session is always `this` and the whole plan at once.
"""

from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session as Tx
from werkzeug.routing import BaseConverter

from api_stub.errors import Invalid
from api_stub.faults import Fault
from db.models import PlanType
from db.sessions import SessionKey
from services import identity, planned, settled
from services.errors import NotFound
from services.reach import Named
from services.remove import Target

SHAPE = "{plan}_{YYYYMMDDTHHMMSS}"


class Scope(StrEnum):
    """How far a change reaches."""

    THIS = "this"
    """One session."""

    FOLLOWING = "following"
    """One session and all that come after it."""

    ALL = "all"
    """The whole plan."""


class SessionConverter(BaseConverter):
    """`<session:id>` in a route: any text but the words that are calls of their own beside it (`/sessions/count`)."""

    regex = r"(?!(?:count|changes|removedAt)\Z)[^/]+"
    part_isolating = True


class SessionPath(BaseModel):
    """The id of a plan, or of one session."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(description="{plan}, or {plan}_{YYYYMMDDTHHMMSS} for one session of it")


def key_of(tx: Tx, tenant_id: UUID, text: str) -> SessionKey:
    """The session that an id names; a one-time plan's id names its session. Raises NotFound, Conflict."""
    series_id, recurrence_id = identity.parse_id(text)
    return planned.session_key(tx, tenant_id, series_id, recurrence_id)


def held(tx: Tx, tenant_id: UUID, text: str) -> SessionKey:
    """The session that an id names, locked. Raises as `key_of` does."""
    key = key_of(tx, tenant_id, text)
    settled.hold(tx, [key])
    return key


def edited(tx: Tx, tenant_id: UUID, text: str, scope: Scope | None) -> SessionKey | Named:
    """The session that an edit is about, or how far it reaches into a plan; a one-time session is its plan.

    Raises NotFound, Invalid.
    """
    series_id, recurrence_id = identity.parse_id(text)
    kind, start = planned.kind_of(tx, tenant_id, series_id)
    if kind == PlanType.ONE_TIME:
        if recurrence_id not in (None, start):
            raise NotFound("session", text)
        return Named(tenant_id=tenant_id, series_id=series_id, recurrence_id=None, following=False)
    reach = scope or (Scope.ALL if recurrence_id is None else Scope.THIS)
    if reach is not Scope.ALL and recurrence_id is None:
        raise refused(f"got {reach} beside the id of a plan, expected that of one session: {SHAPE}")
    if reach is Scope.THIS and recurrence_id is not None:
        return SessionKey(tenant_id, series_id, recurrence_id)
    following = reach is Scope.FOLLOWING
    return Named(tenant_id=tenant_id, series_id=series_id, recurrence_id=recurrence_id, following=following)


def removed(tx: Tx, tenant_id: UUID, text: str, scope: Scope | None) -> Target | Named:
    """The plan or session that a removal is about, or from which session on. Raises NotFound, Invalid."""
    series_id, recurrence_id = identity.parse_id(text)
    kind, start = planned.kind_of(tx, tenant_id, series_id)
    if kind == PlanType.ONE_TIME:
        if recurrence_id not in (None, start):
            raise NotFound("session", text)
        return Target(series_id)
    if scope not in (None, Scope.ALL) and recurrence_id is None:
        raise refused(f"got {scope} beside the id of a plan, expected that of one session: {SHAPE}")
    if scope is Scope.FOLLOWING:
        return Named(tenant_id=tenant_id, series_id=series_id, recurrence_id=recurrence_id, following=True)
    return Target(series_id, None if scope is Scope.ALL else recurrence_id)


def refused(message: str) -> Invalid:
    """A reach that can't be taken."""
    return Invalid([Fault(pointer="/scope", message=message)])
