"""What is due, and what will be next: a few index look-ups, however many sessions are stored.

Only what is due within `AHEAD` counts as coming: whoever asks comes back before. How due sessions are found is told in
`db.due`; one that waits for its start stands in the index of ends too, and is passed over there.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session as Tx

from lifecycle import Step

AHEAD = timedelta(seconds=2)

LOOK = text("""
    SELECT now, step, oldest, first,
           (SELECT max(start_at) FROM session
            WHERE oldest IS NOT NULL AND next_step = step AND start_at <= now) AS newest,
           (SELECT min(start_at) FROM session WHERE next_step = step AND start_at > now AND start_at <= now + :ahead)
               AS coming
    FROM (SELECT clock_timestamp() AS now, 'START' AS step) AS asked LEFT JOIN LATERAL (
        SELECT start_at AS oldest, series_id AS first FROM session
        WHERE next_step = step AND start_at <= now AND start_at >= coalesce(CAST(:floor AS timestamptz), '-infinity')
        ORDER BY start_at, series_id LIMIT 1
    ) AS waiting ON true
    UNION ALL
    SELECT now, step, oldest, NULL,
           (SELECT max(later_at) FROM session
            WHERE oldest IS NOT NULL AND later_step = step AND next_step = step AND later_at <= now),
           (SELECT min(later_at) FROM session
            WHERE later_step = step AND next_step = step AND later_at > now AND later_at <= now + :ahead)
    FROM (SELECT clock_timestamp() AS now) AS asked, unnest(ARRAY['END', 'CLOSE', 'MEASURE']) AS step, LATERAL (
        SELECT min(later_at) AS oldest FROM session WHERE later_step = step AND next_step = step AND later_at <= now
    ) AS waiting
""")


class Due(NamedTuple):
    """The sessions that are due for one step: the oldest and the newest instant at which one fell due.

    first: of those that start at the oldest, the first in order of series; who starts them begins there.
    """

    oldest: datetime
    newest: datetime
    first: UUID | None = None


class Agenda(NamedTuple):
    """What is due on the database's clock, and when something will be next (None: nothing is, for now)."""

    now: datetime
    due: dict[Step, Due]
    coming: datetime | None


def look(tx: Tx, floor: datetime | None = None) -> Agenda:
    """What is due and what comes next, for all tenants. `floor`: starts that were due before are not looked for."""
    rows = list(tx.execute(LOOK, {"floor": floor, "ahead": AHEAD}))
    found = {Step(row.step): Due(row.oldest, row.newest, row.first) for row in rows if row.newest is not None}
    coming = min((row.coming for row in rows if row.coming is not None), default=None)
    return Agenda(rows[0].now, found, coming)
