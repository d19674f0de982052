"""Who asks: `Authorization: Bearer sb_...`, and whether the key's role is enough for the call.

A key that is unknown, revoked or missing is a 401 without a word on which of the three it is. The role is asked
before the body is read. `/metrics` needs none from this machine itself; what a proxy hands on comes from elsewhere.
"""

from flask import g, request

from api_stub import door, roles
from api_stub.errors import Forbidden, Unauthorized
from services import keys

MAX_KEY = 200  # characters; ours are far shorter
LOOPBACK = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
OF_A_PROXY = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")


def check() -> None:
    """Let in who may make this call; what needs no key passes. Raises Unauthorized, Forbidden."""
    call = request.endpoint
    if call is None or call in roles.PUBLIC or (call in roles.PUBLIC_HERE and is_here()):
        return
    caller = authenticate(bearer(request.headers.get("Authorization", "")))
    if not roles.may(caller.role, call):
        raise Forbidden(caller.role, f"{roles.LEAST[call]} or more")
    g.caller = caller


def is_here() -> bool:
    """Whether the request was made on this machine, and not handed on by a proxy that runs on it."""
    return request.remote_addr in LOOPBACK and not any(name in request.headers for name in OF_A_PROXY)


def bearer(header: str) -> str:
    """The key in the header. Raises Unauthorized."""
    scheme, _, key = header.partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key.startswith("sb_") or len(key) > MAX_KEY or not key.isascii():
        raise Unauthorized
    return key


def authenticate(key: str) -> keys.Caller:
    """Whose key it is. Raises Unauthorized."""
    with door.system() as (tx, _):
        caller = keys.authenticate(tx, key)
    if caller is None:
        raise Unauthorized
    return caller
