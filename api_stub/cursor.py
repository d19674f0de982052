"""The opaque cursor of a list: where the next page begins, and the `now` that all its pages share.

A cursor holds no secret and grants nothing: it is a position, read under the tenant's own policy. It is bound to the
tenant and to the filters it was given for, so that one cannot be carried over to another question.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from flask import request

from api_stub import instants
from api_stub.errors import Invalid
from api_stub.faults import Fault

MAX_TEXT = 512  # characters; ours are shorter
NOT_OURS = "got a cursor that no page of this list gave, expected nextCursor as it was answered, and the same filters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a page begins: after `position`, parts as text; `now` (an instant) is that of the first page."""

    now: datetime
    position: tuple[str, ...]


def write(cursor: Cursor, binding: str) -> str:
    """The text that a client hands back; `binding` names the question, see `bind`."""
    content = [cursor.now.isoformat(), binding, *cursor.position]
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def read(text: str, binding: str, parts: int) -> Cursor:
    """The cursor of a text; `parts` is how many a position of this list has. Raises Invalid for one not given here."""
    try:
        if len(text) > MAX_TEXT:
            raise ValueError(text)
        content = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        if (
            not isinstance(content, list)
            or len(content) != parts + 2
            or not all(isinstance(one, str) for one in content)
        ):
            raise ValueError(text)
        now, bound, *position = content
    except (ValueError, binascii.Error, RecursionError):
        raise refused() from None
    if bound != binding:
        raise refused()
    return Cursor(now=position_time(now, aware=True), position=tuple(position))


def refused() -> Invalid:
    """A cursor that is not one of this list."""
    return Invalid([Fault(pointer="/cursor", message=NOT_OURS)])


def bind(tenant_id: UUID, question: Sequence[object]) -> str:
    """A short digest of whose list it is and what was asked."""
    return hashlib.sha256(repr((tenant_id, *question)).encode("utf-8", "replace")).hexdigest()[:16]


def link(text: str) -> str:
    """The Link header's value for the next page (RFC 8288): this request's own address, with the cursor."""
    query = {**request.args.to_dict(), "cursor": text}
    return f'<{urlsplit(request.base_url).path}?{urlencode(query)}>; rel="next"'


def position_time(text: str, *, aware: bool) -> datetime:
    """One part of a position. Raises Invalid."""
    try:
        value = datetime.fromisoformat(text)
        value = value.astimezone(UTC) if value.tzinfo else value
    except (ValueError, OverflowError):
        raise refused() from None
    if (value.tzinfo is not None) != aware or not instants.FIRST_YEAR <= value.year <= instants.LAST_YEAR:
        raise refused()
    return value


def position_id(text: str) -> UUID:
    """One part of a position. Raises Invalid."""
    try:
        return UUID(text)
    except ValueError:
        raise refused() from None


def position_number(text: str, most: int) -> int:
    """One part of a position. Raises Invalid."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= most):
        raise refused()
    return int(text)
