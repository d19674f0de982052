"""What the OpenAPI document says of every call: its tag, its key, and the refusals it may answer."""

from types import MappingProxyType
from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.models.security_scheme import SecurityScheme
from flask_openapi3.models.tag import Tag

PREFIX = "/api/v1"
SESSIONS = "sessions"

INFO = Info(
    title="Sessionbeat",
    version="0.1.0",
    description="Plans become sessions that start and end on time. Every error is an RFC 9457 problem.",
)

SECURITY: list[dict[str, list[str]]] = [{"key": []}]
SCHEMES: dict[str, SecurityScheme | dict[str, Any]] = {
    "key": {"type": "http", "scheme": "bearer", "description": "an API key: sb_..."}
}

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
OBJECT = {"application/json": {"schema": {"type": "object"}}}

IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "the same key again, within 24 hours: the same answer, and nothing is done twice",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
"""What every POST takes besides."""

SAME = "the client has just this (If-None-Match)"
EMPTY = frozenset({"204", "304"})
"""Answers without a body."""

REFUSALS = MappingProxyType(
    {
        "308": "its plan was edited: `Location` has its place",
        "400": "the request is not JSON or not HTTP as it should be",
        "401": "no key, or one that is not known",
        "403": "the key's role is too small",
        "404": "nothing has this id",
        "409": "a clash, or a state that does not allow it",
        "410": "its plan was edited, and nothing has its place",
        "412": "somebody else edited it in between",
        "413": "the body is larger than 1 MiB",
        "414": "the address is longer than 4 KiB",
        "415": "the body is not said to be JSON",
        "422": "a field or parameter is wrong",
        "429": "too many requests with this key",
        "431": "the headers are too large",
        "503": "the database does not answer",
    }
)


def answers(shape: str | None = None, **successes: str) -> dict[Any, Any]:
    """The answers of a call: its successes (`s200="a page"`) in this shape, and every refusal as a problem."""
    content = OBJECT if shape is None else of_shape(shape)
    good = {name.removeprefix("s"): {"description": text, "content": content} for name, text in successes.items()}
    for status in EMPTY & set(good):
        del good[status]["content"]
    return good | {status: refusal(text) for status, text in REFUSALS.items()}


def refusal(text: str) -> dict[str, Any]:
    """An answer of a call that refuses."""
    return {"description": text, "content": PROBLEM}


def of_shape(name: str) -> dict[str, Any]:
    """JSON of a shape (see `document.py`)."""
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}


def group(name: str, prefix: str, about: str) -> APIBlueprint:
    """A group of calls that need a key. All calls on one path belong into one group: the document merges by path."""
    tag = Tag(name=name, description=about)
    return APIBlueprint(
        name, __name__, url_prefix=prefix, abp_tags=[tag], abp_security=SECURITY, operation_id_callback=operation_id
    )


def operation_id(*, bp_name: str, name: str, path: str, method: str) -> str:
    """How generated clients name a call: `list_sessions`, `create_spaces`."""
    return name if bp_name == SESSIONS else f"{name}_{bp_name}"
