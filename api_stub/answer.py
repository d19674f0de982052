"""How an answer goes out: JSON, an entity tag, and what the request's conditions make of it.

The tag is the version of people's edits, a mark that binds this version to what it is of (the tenant, the id), and a
digest of the whole answer, expanded parts included: `"3-5e551082.0a1b2c..."`.
A client that has exactly this answer gets 304 (RFC 9110, 13.1.2); for `If-Match` see `conditions.py`. A list has no
version, and neither has what sessions refer to: their tags begin with `0`.
"""

import hashlib
from typing import Any

import orjson
from flask import Response, g, request

DIGEST = 16  # hexadecimal digits
MARK = 8  # likewise


def found(body: dict[str, Any], version: int) -> Response:
    """200 with the body, or 304 when the client has it."""
    return conditional(body, tag(body, version))


def page(items: list[dict[str, Any]], next_cursor: str | None, link: str | None) -> Response:
    """200 with one page, or 304; the cursor pins its `now` and so is left out of the tag."""
    data, more = orjson.Fragment(text(items)), next_cursor is not None
    answer = conditional(
        {"data": data, "nextCursor": next_cursor, "hasMore": more}, tag({"data": data, "hasMore": more}, 0)
    )
    if link is not None:
        answer.headers["Link"] = link
    return answer


def report(body: dict[str, Any], next_cursor: str | None, link: str | None) -> Response:
    """200 with a page of a report, or 304; as with `page`, the cursor is left out of the tag."""
    entity_tag = tag(body | {"hasMore": next_cursor is not None}, 0)
    answer = conditional(body | {"nextCursor": next_cursor, "hasMore": next_cursor is not None}, entity_tag)
    if link is not None:
        answer.headers["Link"] = link
    return answer


def feed(items: list[dict[str, Any]], next_cursor: str, link: str | None) -> Response:
    """200 with what came since the last time; there is always a cursor to ask with next, a link where there is more."""
    answer = done({"data": items, "nextCursor": next_cursor, "hasMore": link is not None})
    if link is not None:
        answer.headers["Link"] = link
    return answer


def created(body: dict[str, Any], version: int, location: str) -> Response:
    """201 with the body and where it now is."""
    answer = Response(text(body), 201, content_type="application/json")
    answer.headers["Location"] = location
    answer.set_etag(tag(body, version))
    return answer


def taken(body: dict[str, Any], location: str) -> Response:
    """202 with the body and where it can be seen how far it is."""
    answer = Response(text(body), 202, content_type="application/json")
    answer.headers["Location"] = location
    return answer


def changed(body: dict[str, Any], version: int) -> Response:
    """200 with the body after a change; no condition of a read applies."""
    answer = Response(text(body), content_type="application/json")
    answer.set_etag(tag(body, version))
    return answer


def done(body: dict[str, Any]) -> Response:
    """200 with a body that has no version."""
    return Response(text(body), content_type="application/json")


def gone() -> Response:
    """204: there is nothing more to say."""
    return Response(status=204)


def conditional(body: dict[str, Any], entity_tag: str) -> Response:
    """The body under a tag, or 304 when the request says that it has just this."""
    answer = Response(text(body), content_type="application/json")
    answer.set_etag(entity_tag)
    if "If-None-Match" in request.headers:
        answer.make_conditional(request)
    return answer


def text(body: Any) -> bytes:
    """The body as compact JSON; instants (UTC) with `Z`, wall times without offset, ids as text."""
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)


def tag(body: dict[str, Any], version: int) -> str:
    """The entity tag of an answer, without its quotes."""
    digest = hashlib.sha256(text(body)).hexdigest()[:DIGEST]
    return f"{version}-{mark(str(body.get('id', '')), version)}.{digest}"


def mark(id_: str, version: int) -> str:
    """What of a tag tells that this version is one of this id, in this tenant."""
    tenant_id = g.caller.tenant_id if "caller" in g else None
    return hashlib.sha256(f"{tenant_id}/{id_}/{version}".encode()).hexdigest()[:MARK]
