"""What an edit would make different, and the token by which exactly that is done.

The token is a digest of what the change follows from: the body and its reach, the version of the plan, the first
session that changes, and every touched session from there on. It holds as long as none of them is another.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from api_stub import errors, instants, plan_answer
from api_stub.edit_body import EditBody
from api_stub.views import Shown
from db.bookings import Taken
from services import difference, identity, reach, skip
from services.difference import Difference, Slot
from services.reach import Reach

MOST = 100  # sessions in one list
LISTS = ("added", "moved", "removed", "kept", "clashes")


class Outdated(errors.ApiError):
    """the plan, its sessions or the body are others than when this token was given: look again, then apply"""

    status, code = 409, "stale"


@contextmanager
def maybe(tx: Tx, dry: bool) -> Iterator[None]:
    """Inside, whatever is written is taken back at the end of a dry run."""
    if not dry:
        yield
        return
    savepoint = tx.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()


def token_of_plan(held: Reach, body: EditBody, now: datetime) -> str:
    """The token of an edit of a plan."""
    cut = reach.first_ahead(held.segments, held.named, now)
    low = None if cut is None else cut.wall
    touched = [
        [row.recurrence_id, row.version, row.seq, row.state, row.removed_at, row.starts_at, row.ends_at]
        for row in held.rows
        if low is not None and row.recurrence_id >= low and difference.touched(row)
    ]
    stretches = [[one.from_local, one.version, one.rrule, one.exdates] for one in held.segments]
    named = [held.named.series_id, held.named.recurrence_id, held.named.following]
    return digest([named, body.model_dump(exclude_unset=True), held.series.version, stretches, low, touched])


def token_of_session(before: Shown, body: EditBody) -> str:
    """The token of an edit of one session."""
    return digest([before.body, before.version, body.model_dump(exclude_unset=True)])


def digest(world: Any) -> str:
    """A short text that is another one when anything of it is."""
    return hashlib.sha256(json.dumps(world, default=repr, sort_keys=True).encode()).hexdigest()[:32]


def of_plan(series_id: UUID, found: Difference, token: str) -> dict[str, Any]:
    """The difference on the wire."""
    lists = {
        "added": [slot(series_id, one) for one in found.added],
        "moved": [moved(series_id, one.before, one.after) for one in found.moved],
        "removed": [slot(series_id, one) for one in found.removed],
        "kept": [slot(series_id, one.slot) | {"touched": one.touched} for one in found.kept],
        "clashes": clashes(found),
    }
    return told(lists, [*left_out(found), *found.notes], token, instants.show(found.until))


def clashes(found: Difference) -> list[dict[str, str]]:
    """What is in the way, or takes the places of the dates that are left out."""
    return [errors.clash_of(taken) for taken in (*found.clashes, *skip.listed(found.skipped))]


def left_out(found: Difference) -> list[str]:
    """Which dates are left out, and why."""
    each = sorted(found.skipped.items())[:MOST]
    return [plan_answer.left_out_note(start, skip.reason(taken)) for start, taken in each]


def of_session(
    before: Shown, after: Shown, token: str, clashes: Sequence[Taken] = (), notes: Sequence[str] = ()
) -> dict[str, Any]:
    """The difference that an edit of one session makes, and what is in its way."""
    was, now = ({name: one.body[name] for name in ("scheduledAt", "scheduledEndAt")} for one in (before, after))
    lists: dict[str, list[Any]] = {name: [] for name in LISTS}
    id_ = after.body["id"]
    if was == now:
        lists["kept"] = [{"id": id_, **now, "touched": None}]
    else:
        lists["moved"] = [{"id": id_, "newId": id_, "from": was, "to": now}]
    lists["clashes"] = [errors.clash_of(taken) for taken in clashes]
    return told(lists, notes, token, None)


def told(lists: dict[str, list[Any]], notes: Sequence[str], token: str, until: str | None) -> dict[str, Any]:
    """The lists, cut off after `MOST`, with how many there are."""
    shown = {name: entries[:MOST] for name, entries in lists.items()}
    counts = {name: len(entries) for name, entries in lists.items()}
    return {**shown, "counts": counts, "until": until, "notes": list(notes), "token": token}


def slot(series_id: UUID, one: Slot) -> dict[str, Any]:
    """A session by its id and times."""
    return {"id": identity.format_id(series_id, one.recurrence_id), **times(one)}


def times(one: Slot) -> dict[str, str]:
    """Start and end of a session."""
    return {"scheduledAt": instants.show(one.starts_at), "scheduledEndAt": instants.show(one.ends_at)}


def moved(series_id: UUID, before: Slot, after: Slot) -> dict[str, Any]:
    """A session before and after; it has a new id when its local start is another."""
    old, new = (identity.format_id(series_id, one.recurrence_id) for one in (before, after))
    return {"id": old, "newId": new, "from": times(before), "to": times(after)}
