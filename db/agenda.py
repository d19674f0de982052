"""What is due, and what will be next: a few index look-ups, however many sessions are stored.

Only what is due within `AHEAD` counts as coming: whoever asks comes back before. How due sessions are found is told in
`db.due`; one that waits for its start stands in the index of ends too, and is passed over there.

A herd that is being started stands in the index of starts as it did: who looks again and again begins at the start that
waited first the last time, and asks for nothing newer than what has been seen.

Slow work that waits is asked for in one statement too (`slow`).
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session as Tx

from db.moved import FIRST, Place
from lifecycle import Step

AHEAD = timedelta(seconds=2)

LOOK = text("""
    SELECT now, step, oldest, first,
           (SELECT max(start_at) FROM session
            WHERE oldest IS NOT NULL AND next_step = step AND start_at <= now
              AND start_at > coalesce(CAST(:since AS timestamptz), '-infinity')) AS newest,
           (SELECT min(start_at) FROM session WHERE next_step = step AND start_at > now AND start_at <= now + :ahead)
               AS coming
    FROM (SELECT clock_timestamp() AS now, 'START' AS step) AS asked LEFT JOIN LATERAL (
        SELECT start_at AS oldest, series_id AS first FROM session
        WHERE next_step = step AND start_at <= now
          AND (start_at, series_id) >= (CAST(:low AS timestamptz), CAST(:low_series AS uuid))
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

SLOW = text("""
    SELECT (SELECT min(next_materialize_at) FROM segment WHERE next_materialize_at <= :now),
           (SELECT min(created_at) FROM attendance_import WHERE finished_at IS NULL),
           (SELECT min(look_at) FROM waiting WHERE look_at <= :now)
""")


class Due(NamedTuple):
    """The sessions that are due for one step: the oldest and the newest instant at which one fell due.

    first: of those that start at the oldest, the first in order of series; who starts them begins there.
    """

    oldest: datetime
    newest: datetime
    first: UUID | None = None

    def place(self) -> Place:
        """Where the first start that waits stands in the order of starts."""
        return Place(self.oldest, self.first or FIRST.series)


class Agenda(NamedTuple):
    """What is due on the database's clock, and of each step when something will be next, if that is soon."""

    now: datetime
    due: dict[Step, Due]
    coming: dict[Step, datetime]


def look(tx: Tx, low: Place = FIRST, since: datetime | None = None) -> Agenda:
    """What is due and what comes next, for all tenants.

    low: starts before this place are not looked for. since: nor newer ones than the oldest that fell due until then.
    """
    rows = list(tx.execute(LOOK, {"low": low.at, "low_series": low.series, "since": since, "ahead": AHEAD}))
    found = {
        Step(row.step): Due(row.oldest, row.newest or row.oldest, row.first) for row in rows if row.oldest is not None
    }
    coming = {Step(row.step): row.coming for row in rows if row.coming is not None}
    return Agenda(rows[0].now, found, coming)


class Slow(NamedTuple):
    """Since when slow work has been waiting (None: there is none)."""

    plans: datetime | None
    """Plans that want their sessions written."""

    marks: datetime | None
    """Deliveries of marks."""

    wishes: datetime | None
    """People who wait for a place, and are to be looked at again."""


def slow(tx: Tx, now: datetime) -> Slow:
    """What slow work waits at `now`, for all tenants."""
    return Slow(*tx.execute(SLOW, {"now": now}).one())
