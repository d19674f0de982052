"""What stands in the way of the stretches that an edit of a plan begins: of every session they will ever have."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session as Tx

from config.settings import Settings
from services import clash, counted, difference, edit_skip, takes
from services.asked import Stretch
from services.beside import Beside
from services.difference import Difference
from services.plan_change import PlanChange
from services.reach import Reach
from services.stretches_left import Fresh


def look_ahead(
    tx: Tx,
    held: Reach,
    change: PlanChange,
    fresh: Sequence[Fresh],
    found: Difference,
    now: datetime,
    settings: Settings,
) -> None:
    """Add what stands in the way of the stretches that begin, for ever, to the clashes of the difference; or leave
    out the dates that clash, where that is asked for. Raises Clash when too many would be left out.
    """
    tx.flush()
    touched = {row.recurrence_id for row in held.rows if difference.touched(row)}
    horizon = now + timedelta(days=settings.horizon_days)
    for one in fresh:
        asked = Stretch(
            series=one.series,
            resources=takes.of_segment(tx, one.segment),
            stays=takes.stays(tx, one.segment, now),
            since=now,
            without=touched,
            beside=Beside(
                series_id=held.named.series_id,
                segment_from=one.segment.from_local,
                resources=takes.exclusive(one.segment, one.segment.space_id, one.segment.instructor_id, []),
                before=min(fresh[0].piece.cut, fresh[0].segment.from_local),
                touched=touched,
            ),
            cursor=counted.carried_on(one.series, None, now),
        )
        if change.skip_clashes:
            edit_skip.leave_out(tx, one, asked, found, horizon, now)
            continue
        met = clash.check(tx, held.named.tenant_id, asked, horizon)
        found.clashes = list(dict.fromkeys([*found.clashes, *met.taken]))
        found.notes += clash.notes(met.until)
