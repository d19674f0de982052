"""Places that become free because time passes: of a plan in which somebody waits, a session has begun.

Who waits for a plan wants a place at each of its sessions that are ahead; the full ones are fewer when one has begun.
Those who wait say when that is (`waiting.look_at`), and are looked at again then, in order.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session as Tx

from db import engine as database
from db import places
from db.models import Series
from recurrence import RecurrenceError
from services import retry, spell, waitlist
from services.errors import Busy

BATCH = 20  # plans that are asked for at once: at a second each they are done before the time limit of a task
REFUSALS = (DataError, IntegrityError, RecurrenceError)  # because of the data of one plan

log = structlog.get_logger()


def drain(engine: Engine, longest: timedelta = spell.OF_A_TASK) -> dict[str, int]:
    """Look again at all who are to be looked at; in how many `plans`, and how many were `promoted`."""
    counts = {"plans": 0, "promoted": 0}
    began: datetime | None = None
    while True:
        with database.transaction(engine) as (tx, now):
            found = places.to_look_at(tx, now, BATCH)
        began = began or now
        looked = [look(engine, one.tenant_id, one.series_id) for one in found]
        promoted = [one for one in looked if one is not None]
        counts["plans"] += len(promoted)
        counts["promoted"] += sum(promoted)
        if not promoted or now - began > longest:
            return {name: number for name, number in counts.items() if number}


def look(engine: Engine, tenant_id: UUID, series_id: UUID) -> int | None:
    """Give what places there are in a plan; how many. None: others write it for too long, and the next hint comes back.

    A plan that is removed, or can't be served, is not looked at again before somebody changes it.
    """

    def give(tx: Tx, _: None, now: datetime) -> int:
        try:
            with tx.begin_nested():
                if not is_removed(tx, tenant_id, series_id):
                    return waitlist.promote(tx, tenant_id, series_id, waitlist.CLEARED, now)
        except REFUSALS as error:
            log.error("waitlist_not_served", series=str(series_id), reason=str(getattr(error, "orig", error)))
        places.look_at(tx, tenant_id, series_id, None)
        return 0

    try:
        return retry.write(engine, None, lambda tx, _: waitlist.hold(tx, series_id), give)
    except Busy:
        return None


def is_removed(tx: Tx, tenant_id: UUID, series_id: UUID) -> bool:
    """Whether a plan was removed."""
    return tx.scalar(select(Series.removed_at).where(Series.tenant_id == tenant_id, Series.id == series_id)) is not None
