"""The completion records of sessions."""

from collections.abc import Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session as Tx

from db.models import SessionMetrics
from db.sessions import SessionKey


def of_sessions(tx: Tx, keys: Sequence[SessionKey]) -> dict[SessionKey, SessionMetrics]:
    """The records of those of these sessions that have been measured, in one statement."""
    if not keys:
        return {}
    key = tuple_(SessionMetrics.tenant_id, SessionMetrics.series_id, SessionMetrics.recurrence_id)
    rows = tx.scalars(select(SessionMetrics).where(key.in_(keys)))
    return {SessionKey(row.tenant_id, row.series_id, row.recurrence_id): row for row in rows}
