"""What belongs to sessions that an edit takes away, and goes along to those that take their place: marks, presence,
late cancels; and who drops in, or waits to. Lifted before the old rows go, put down when the new ones are there.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session as Tx

from db.models import Attendance, Enrolment, Presence, Waiting, Withdrawal

OF_SESSION = (Attendance, Presence, Withdrawal)
OF_ONE_TIME = (Enrolment, Waiting)
"""Drop-ins: their first local time is the recurrence id of their session, and they end when it ends by the second."""

Kind = type[Attendance | Presence | Withdrawal | Enrolment | Waiting]
Lifted = list[tuple[Kind, list[dict[str, Any]]]]


def lift(
    tx: Tx, tenant_id: UUID, series_id: UUID, heirs: Mapping[datetime, datetime], gone: Collection[datetime]
) -> Lifted:
    """What goes along from sessions (recurrence ids) to their heirs; who drops in at one that has none drops out."""
    lifted: Lifted = []
    for kind in OF_SESSION if heirs else ():
        of_plan = (kind.tenant_id == tenant_id, kind.series_id == series_id, kind.recurrence_id.in_(heirs))
        rows = tx.execute(select(kind.__table__).where(*of_plan)).mappings()
        lifted.append((kind, [{**row, "recurrence_id": heirs[row["recurrence_id"]]} for row in rows]))
    for alone in OF_ONE_TIME if gone else ():
        at_these = (alone.drop_in, alone.from_local.in_(gone))
        taken = delete(alone).where(alone.tenant_id == tenant_id, alone.series_id == series_id, *at_these)
        columns = alone.__table__.columns
        rows = tx.execute(taken.returning(*columns).execution_options(synchronize_session=False)).mappings()
        lifted.append((alone, [moved(row, heirs[row["from_local"]]) for row in rows if row["from_local"] in heirs]))
    return lifted


def moved(row: Mapping[Any, Any], wall: datetime) -> dict[str, Any]:
    """A drop-in at another session."""
    return {**row, "from_local": wall, "until_local": wall + (row["until_local"] - row["from_local"])}


def put(tx: Tx, lifted: Lifted) -> None:
    """Put down what was lifted; what is there stays."""
    for kind, rows in lifted:
        if rows:
            tx.execute(insert(kind).on_conflict_do_nothing(), rows)
