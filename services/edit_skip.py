"""`onClash: skip` of an edit: what it begins goes on without the dates on which it would clash.

As when a plan is made (`skip`): each of them is left out as an EXDATE would do it, the reason is kept beside it, and an
edit that would leave out too many, or leave nothing, is refused. What stood on such a date is removed by the edit.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session as Tx

from db import segments, tails
from db.bookings import Taken
from db.models import Segment
from db.sessions import SessionKey
from services import former, skip
from services.asked import Stretch
from services.difference import Difference
from services.stretches_left import Fresh


def leave_out(tx: Tx, one: Fresh, asked: Stretch, found: Difference, horizon: datetime, now: datetime) -> None:
    """Take the dates that clash out of a segment that begins, of its rows, and of what is told to be there.

    Raises Clash when there are too many, or when nothing is left.
    """
    key = (one.segment.tenant_id, one.segment.series_id, one.segment.from_local)
    dates = skip.dates_of(tx, one.segment.tenant_id, asked, horizon)
    if not dates:
        return
    one.series = skip.without(asked, dates)
    standing = tx.get_one(Segment, key)  # it may have taken the place of a row
    standing.exdates = segments.columns_of(one.series)["exdates"]
    standing.left_out = {**standing.left_out, **skip.reasons(dates)}
    tails.forget(tx, [SessionKey(*key[:2], start) for start in dates])
    if one.piece.tail is not None and not one.piece.tail.moves:
        former.keep(tx, one.piece.segment, one.piece.base, one.piece.cut, now)
    found.skipped |= dates
    forget(found, dates)


def forget(found: Difference, dates: Mapping[datetime, Sequence[Taken]]) -> None:
    """Tell that nothing is on these dates any more."""
    found.added = [slot for slot in found.added if slot.recurrence_id not in dates]
    found.removed += [pair.before for pair in found.moved if pair.after.recurrence_id in dates]
    found.moved = [pair for pair in found.moved if pair.after.recurrence_id not in dates]
    gone = [kept for kept in found.kept if kept.touched is None and kept.slot.recurrence_id in dates]
    found.removed += [kept.slot for kept in gone]
    found.kept = [kept for kept in found.kept if kept not in gone]
    found.removed.sort()
    told = {taken for each in dates.values() for taken in each}
    found.clashes = [taken for taken in found.clashes if taken not in told]
