"""The shape of a refusal on the wire (RFC 9457), and the id by which the log knows the request."""

from typing import Any
from uuid import uuid4

from flask import g
from pydantic import BaseModel, Field


class Wrong(BaseModel):
    """One wrong field."""

    pointer: str = Field(
        description="JSON pointer to the field, as the client spelled it; a query parameter's name alike"
    )
    message: str


class Problem(BaseModel):
    """RFC 9457: what was refused, and why."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[Wrong]
    requestId: str  # noqa: N815 the wire's spelling
    clashes: list[dict[str, Any]] | None = None


def printable(text: str) -> str:
    """`text` as UTF-8 can carry it: a lone surrogate in what is quoted from the request becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def request_id() -> str:
    """The id of this request, made at the first asking."""
    if "request_id" not in g:
        g.request_id = uuid4().hex
    return str(g.request_id)
