"""`Idempotency-Key`: a POST that is sent again is answered again, and not done again.

Around every POST, so that no call has to think of it: the call runs in one transaction with the answer that is kept
(`services.repeats`). Only what succeeded is kept; whatever failed left nothing behind and may be tried again. A
repeated answer says so in `Idempotency-Replayed`. Of a new key of the API the key itself is not kept: it is told once.
"""

import functools
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask, Response, request
from sqlalchemy.orm import Session as Tx

from api_stub import answer, door
from api_stub.errors import Invalid
from api_stub.faults import Fault
from services import repeats
from services.repeats import Asked, Told

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
SHAPE = re.compile(r"[!-~]{1,255}", re.ASCII)
EXPECTED = "expected 1 to 255 visible ASCII characters without a space"
KEPT_HEADERS = ("Content-Type", "Location", "ETag", "Link")
TOLD_ONCE = "key"

View = Callable[..., Response]


def register(app: Flask) -> None:
    """Put it around every POST of the app."""
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()):
            app.view_functions[rule.endpoint] = around(app.view_functions[rule.endpoint])


def around(view: Any) -> View:
    """The call, done once for each key."""

    @functools.wraps(view)
    def once(**arguments: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None or request.method != "POST":
            done: Response = view(**arguments)
            return done
        asked = asked_with(key)

        def journey(tx: Tx, now: datetime) -> Response:
            told = repeats.begin(tx, asked, now)
            if told is not None:
                return replay(told)
            made: Response = view(**arguments)
            if 200 <= made.status_code < 300:
                repeats.keep(tx, asked, told_by(made), now)
            return made

        return door.together(journey)

    return once


def asked_with(key: str) -> Asked:
    """What this request is known by. Raises Invalid for a key that can't be one."""
    if not SHAPE.fullmatch(key):
        raise Invalid([Fault(pointer=f"/{HEADER}", message=f"got {key[:60]!r}, {EXPECTED}")])
    caller = door.caller()
    return Asked(
        tenant_id=caller.tenant_id,
        scope=repeats.digest(caller.key_id.bytes, request.path, key),
        asked=repeats.digest(request.query_string, meaning()),
    )


def meaning() -> bytes:
    """The body, so that two ways to write one JSON value are the same."""
    raw = request.get_data(cache=True)
    if not request.is_json or not raw.strip():
        return raw
    return json.dumps(request.get_json(), sort_keys=True).encode()


def told_by(made: Response) -> Told:
    """An answer as it is kept."""
    headers = {name: made.headers[name] for name in KEPT_HEADERS if name in made.headers}
    body = made.get_data()
    if made.is_json and TOLD_ONCE in (content := made.get_json()):
        body = answer.text(content | {TOLD_ONCE: None})
    return Told(status=made.status_code, headers=headers, body=body)


def replay(told: Told) -> Response:
    """A kept answer, told again."""
    again = Response(told.body, told.status, headers=told.headers)
    again.headers[REPLAYED] = "true"
    return again
