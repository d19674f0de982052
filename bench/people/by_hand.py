"""The limit of a check-in: the very statements of ours, sent by hand with psycopg. No layers, no models, no refusals.

One connection a thread, and one transaction: the key is looked up and the tenant's role taken, the session held, the
check-in and its mark written, what is known read back, and who did it written down.
"""

import hashlib
import os
import threading
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
import psycopg
from flask import Flask, Response, request

from bench.api.by_hand import ENTER
from db import presence

URL: Final = os.environ.get("DATABASE_URL", "")
LOG: Final = """
    INSERT INTO change_log (tenant_id, actor, noun, kind, subject) VALUES ($1, $2, 'sessions', 'check_in', $3)"""

app = Flask("by_hand")
mine = threading.local()


def connection() -> psycopg.Connection:
    """This thread's own."""
    if not hasattr(mine, "connection"):
        mine.connection = psycopg.connect(URL, options="-c timezone=UTC")
    found: psycopg.Connection = mine.connection
    return found


@app.post("/api/v1/sessions/<text>/check-in")
def check_in(text: str) -> Response:
    """A person comes."""
    key, body = request.headers["Authorization"].removeprefix("Bearer "), orjson.loads(request.get_data())
    series, _, wall = text.partition("_")
    with connection().transaction(), connection().cursor() as entering:
        found = entering.execute(ENTER, [hashlib.sha256(key.encode()).digest()]).fetchone()
        if found is None:
            return Response(status=401)
        cursor = psycopg.RawCursor(connection())
        who = [found[0], UUID(series), datetime.strptime(wall, "%Y%m%dT%H%M%S"), UUID(body["userId"])]
        now, _known, *_held = cursor.execute(presence.HOLD.text.encode(), who).fetchone() or ()
        cursor.execute(presence.COME.text.encode(), [*who, now, "PRESENT", now, "gate"])
        rows = cursor.execute(presence.KNOWN.text.encode(), [*who, None]).fetchall()
        cursor.execute(LOG.encode(), [found[0], "gate", text])
    answer = {
        "userId": body["userId"],
        "status": rows[0][0],
        "markedAt": rows[0][1],
        "markedBy": rows[0][2],
        "presence": [stay(row) for row in rows],
        "done": rows[0][3],
    }
    return Response(orjson.dumps(answer, option=orjson.OPT_UTC_Z), content_type="application/json")


def stay(row: tuple[Any, ...]) -> dict[str, Any]:
    """From when until when somebody was there."""
    return {"checkedInAt": row[5], "checkedOutAt": row[6]}
