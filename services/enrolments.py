"""Who is expected when: an enrolment holds for sessions from one local time on, before another (none: for ever).

A plan is told with those who are expected as of now, or at its beginning.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm import Session as Tx

from db.models import Enrolment, Segment, Session


def of_person(tx: Tx, tenant_id: UUID, user_id: UUID | None) -> dict[UUID, list[Enrolment]]:
    """When a person is enrolled, by series; nobody's are none."""
    if user_id is None:
        return {}
    return by_series(
        tx.scalars(select(Enrolment).where(Enrolment.tenant_id == tenant_id, Enrolment.user_id == user_id))
    )


def of_plans(tx: Tx, series_ids: Sequence[UUID]) -> dict[UUID, list[Enrolment]]:
    """Who is enrolled in these series some time, by series, in the order of their ids."""
    statement = select(Enrolment).where(Enrolment.series_id.in_(series_ids))
    return by_series(tx.scalars(statement.order_by(Enrolment.user_id)))


def by_series(found: Iterable[Enrolment]) -> dict[UUID, list[Enrolment]]:
    """Enrolments by their series."""
    grouped: dict[UUID, list[Enrolment]] = {}
    for one in found:
        grouped.setdefault(one.series_id, []).append(one)
    return grouped


def people_at(enrolled: Iterable[Enrolment], wall: datetime) -> list[UUID]:
    """Whom of these a session with this recurrence id expects."""
    return [one.user_id for one in enrolled if covers(one, wall)]


def of_whole(enrolled: Iterable[Enrolment], wall: datetime) -> list[UUID]:
    """Whom of these a stretch of a plan expects that begins at this local time; drop-ins come once."""
    return people_at((one for one in enrolled if not one.drop_in), wall)


def covers(enrolment: Enrolment, wall: datetime) -> bool:
    """Whether an enrolment holds at a recurrence id."""
    return enrolment.from_local <= wall and (enrolment.until_local is None or wall < enrolment.until_local)


def expects(user_id: Any, row: type[Segment | Session], wall: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
    """Whether a person is enrolled in the plan of a row at one of its local times."""
    return exists().where(
        Enrolment.tenant_id == row.tenant_id,
        Enrolment.series_id == row.series_id,
        Enrolment.user_id == user_id,
        Enrolment.from_local <= wall,
        or_(Enrolment.until_local.is_(None), Enrolment.until_local > wall),
    )
