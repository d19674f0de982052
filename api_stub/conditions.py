"""What a change is asked for on condition of: `If-Match` (RFC 9110, 13.1.1).

`*` lets any pass, and of a list one tag that matches is enough; a tag that is none of ours matches nothing, nor does
one of another tenant or of another plan. Of a session's or plan's tag the version alone is compared, so that a session
that merely started by itself does not refuse an edit; what sessions refer to is compared by the whole tag. A proxy that
compresses makes tags weak: they count too.
"""

import re
from datetime import datetime

from flask import request
from sqlalchemy.orm import Session as Tx

from api_stub import answer, door, views
from api_stub.errors import Stale
from services.errors import VersionMismatch

SHAPE = re.compile(rf"(\d{{1,9}})-([0-9a-f]{{{answer.MARK}}})\.[0-9a-f]{{{answer.DIGEST}}}", re.ASCII)


def tags() -> frozenset[str] | None:
    """The entity tags that are asked for, without their quotes; None: none is asked for, or any will do."""
    if "If-Match" not in request.headers or request.if_match.star_tag:
        return None
    return frozenset(filter(None, request.if_match.as_set(include_weak=True)))  # an empty one is read as None


def versions() -> frozenset[int] | None:
    """The versions of what the path names that are asked for; None: none is asked for, or any will do.

    A one-time session answers to its own id and to its plan's, so a tag of the plan counts for its sessions too.
    """
    given = tags()
    if given is None:
        return None
    path_id: str = (request.view_args or {}).get("id", "")
    ids = {path_id, path_id.partition("_")[0]}
    shapes = [shape for shape in map(SHAPE.fullmatch, given) if shape]
    return frozenset(int(shape[1]) for shape in shapes if shape[2] in {answer.mark(id_, int(shape[1])) for id_ in ids})


def wanted(asked: frozenset[int], current: int) -> int:
    """The version that a change is about: the current one, if that is asked for. Raises Stale, VersionMismatch."""
    if not asked:
        raise Stale
    if current not in asked:
        raise VersionMismatch(max(asked), current)
    return current


def require(tx: Tx, id_: str, now: datetime) -> None:
    """Refuse to change a plan or session that somebody else edited; nobody can until this transaction ends.

    To be called once what it is about is held. Raises Stale, VersionMismatch; NotFound.
    """
    asked = versions()
    if asked is not None:
        wanted(asked, views.one(tx, door.tenant_id(), id_, now).version)


def check(tag: str) -> None:
    """Refuse when what is there has another tag (without quotes) than those asked for. Raises Stale."""
    given = tags()
    if given is not None and tag not in given:
        raise Stale
