"""Who asks: `Authorization: Bearer sb_...`, whether the key's role is enough for the call, and how often it asks.

A key that is unknown, revoked or missing is a 401 without a word on which of the three it is. The role is asked
before the body is read. `/metrics` needs none from this machine itself; what a proxy hands on comes from elsewhere.

A program that subscribes to a calendar can send no header, so a call that the role `feed` may make (`roles.LEAST`) also
takes its key as the parameter `token`: a call only has to have it in its query (`Token`). No key of another role is
taken there: what stands in an address is seen by many.
"""

import math
from typing import Annotated

from flask import g, request
from pydantic import Field

from api_stub import door, roles
from api_stub.errors import Forbidden, TooMany, Unauthorized
from db.models import Role
from services import keys

MAX_KEY = 200  # characters; ours are far shorter
LOOPBACK = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
OF_A_PROXY = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
BUCKET = 16  # bytes of a key's digest by which its requests are counted

Token = Annotated[str | None, Field(description="a key of the role `feed`, for programs that can't send a header")]
"""The parameter of a call that calendar programs make: `token: Token = None`."""


def check() -> None:
    """Let in who may make this call; what needs no key passes. Raises Unauthorized, Forbidden, TooMany."""
    call = request.endpoint
    if call is None or call in roles.PUBLIC or (call in roles.PUBLIC_HERE and is_here()):
        return
    caller = caller_of(call)
    if not roles.may(caller.role, call):
        raise Forbidden(caller.role, f"{roles.LEAST[call]} or more")
    g.caller = caller


def caller_of(call: str) -> keys.Caller:
    """Who makes a call. Raises Unauthorized, TooMany."""
    if roles.LEAST[call] is Role.FEED and "token" in request.args:
        caller = authenticate(checked(request.args["token"]))
        if caller.role is not Role.FEED:
            raise Unauthorized
        return caller
    return authenticate(bearer(request.headers.get("Authorization", "")))


def is_here() -> bool:
    """Whether the request was made on this machine, and not handed on by a proxy that runs on it."""
    return request.remote_addr in LOOPBACK and not any(name in request.headers for name in OF_A_PROXY)


def bearer(header: str) -> str:
    """The key in the header. Raises Unauthorized."""
    scheme, _, key = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized
    return checked(key.strip())


def checked(key: str) -> str:
    """A text that may be a key. Raises Unauthorized."""
    if not key.startswith(keys.PREFIX) or len(key) > MAX_KEY or not key.isascii():
        raise Unauthorized
    return key


def authenticate(key: str) -> keys.Caller:
    """Whose key it is; who asks too often is sent away before the database is asked. Raises Unauthorized, TooMany."""
    here, bucket = door.current(), keys.digest(key)[:BUCKET]
    slow_down(here.limiter.ask(bucket, take=False))
    caller = door.enter(key)
    if caller is None:
        raise Unauthorized
    slow_down(here.limiter.ask(bucket))
    return caller


def slow_down(wait_s: float) -> None:
    """Refuse a request that has to wait (seconds). Raises TooMany."""
    if wait_s > 0:
        raise TooMany(math.ceil(wait_s))
