"""Take sessions through their life: the drain of what is due, and the settling of what is about to be written.

A drain asks "what is due?" until the answer is nothing, in batches of one transaction each. A batch that the
database refuses for a reason of its data is halved until the row that causes it stands alone; that row is set
aside with the reason, so it never holds up the others.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session as Tx

from db import due, tally
from db import engine as database
from db.moved import Place
from db.sessions import SessionKey
from lifecycle import Step
from services import percentile
from services.floor import Floor

REFUSALS = (DataError, IntegrityError)
"""What PostgreSQL raises because of the data of a row, as against its own state."""

LONGEST_DRAIN = timedelta(seconds=30)
"""A backlog larger than this is left to the next hint, so that no task meets its time limit."""

log = structlog.get_logger()

LIFE = (Step.START, Step.END, Step.CLOSE, Step.MEASURE)
"""The steps in the order in which one session meets them."""


def drain(engine: Engine, step: Step, batch_size: int, floor: Floor | None = None) -> dict[str, int]:
    """Do `step` to every session that is due, `batch_size` rows a transaction, for `LONGEST_DRAIN` at most.

    `floor`: where starts are looked for first; when nothing waits there, and from time to time, everywhere. Returns how
    many of each kind there were, and the lateness (`late_p99_ms`, when there was any).
    """
    counts: Counter[str] = Counter()
    late_s: list[float] = []
    limit = batch_size
    began: datetime | None = None
    since: Place | None = None
    while True:
        try:
            with database.transaction(engine) as (tx, now):
                if began is None:
                    began, since = now, begin(floor, now)
                moved = due.apply(tx, step, now, limit, floor=since)
        except REFUSALS:
            if limit == 1:
                counts["set_aside"] += set_aside(engine, step)
            limit = max(1, limit // 2)
            continue
        for one in moved:
            counts[one.kind] += one.count
            late_s.extend(one.late_s)
        is_full = sum(len(one.late_s) for one in moved) >= limit  # else there was no more
        if now - began > LONGEST_DRAIN or not (is_full or (since and not counts)):
            break
        since = max((one.last for one in moved if one.last), default=None)  # older ones are done, or held
        limit = min(batch_size, limit * 2)
    if floor and not is_full:
        floor.nothing_waits(now)
    if counts:
        with database.transaction(engine) as (tx, _):
            tally.fold(tx)
    return dict(counts) | percentile.of_lateness(late_s)


def begin(floor: Floor | None, now: datetime) -> Place | None:
    """Where to look for starts first; None: at the beginning."""
    at = floor.for_look(now) if floor else None
    return Place(at) if at else None


def set_aside(engine: Engine, step: Step) -> int:
    """Try the first due session alone; returns 1 when it can't be moved and was taken out of the queue, else 0."""
    with database.transaction(engine) as (tx, now):
        for key in due.claim(tx, step, now, 1):
            try:
                with tx.begin_nested():
                    due.apply(tx, step, now, 1, [key])
            except REFUSALS as error:
                due.set_aside(tx, key, str(error.orig))
                log.error("session_set_aside", step=step, key=[str(part) for part in key], reason=str(error.orig))
                return 1
    return 0


def settle(tx: Tx, keys: Sequence[SessionKey], now: datetime) -> None:
    """Bring these sessions, which the caller has locked, up to the state that is effective at `now`."""
    if keys:
        for step in LIFE:
            due.apply(tx, step, now, len(keys), keys)
