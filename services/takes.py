"""What the sessions of a stored plan take for themselves, as far as it is exclusive."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from db import places, takes
from db.models import Segment, Session
from services.stays import Stay, without

PEOPLE = "participants"


def of_segment(tx: Tx, segment: Segment) -> list[UUID]:
    """What the sessions of a segment take: its space, its instructor, all who are enrolled some time."""
    people: list[UUID] = []
    if PEOPLE in segment.exclusive:
        people = takes.enrolled(tx, segment.tenant_id, segment.series_id, segment.from_local, None)
    return exclusive(segment, segment.space_id, segment.instructor_id, people)


def stays(tx: Tx, segment: Segment, now: datetime) -> Mapping[UUID, Sequence[Stay]]:
    """At which sessions of a segment each person is expected whom it takes for itself and who does not give them, and
    is not excused.
    """
    if PEOPLE not in segment.exclusive:
        return {}
    found: dict[UUID, list[Stay]] = {}
    for user_id, begin, until in takes.stays(tx, segment.tenant_id, segment.series_id, segment.from_local):
        if user_id != segment.instructor_id or "instructor" not in segment.exclusive:
            found.setdefault(user_id, []).append(Stay(begin, until))
    for user_id, wall in places.excuses(tx, segment.tenant_id, segment.series_id, now):
        if user_id in found:
            found[user_id] = without(found[user_id], wall)
    return found


def of_session(tx: Tx, session: Session, segment: Segment) -> list[UUID]:
    """What one session takes: its own space and instructor first, then the segment's; who is enrolled then."""
    start = session.recurrence_id
    people = takes.enrolled(tx, session.tenant_id, session.series_id, start, start)
    space_id, instructor_id = session.space_id or segment.space_id, session.instructor_id or segment.instructor_id
    return exclusive(segment, space_id, instructor_id, people)


def exclusive(segment: Segment, space_id: UUID | None, instructor_id: UUID | None, people: list[UUID]) -> list[UUID]:
    """Those of these that the segment says are exclusive."""
    single = {"space": space_id, "instructor": instructor_id}
    taken = [id_ for kind, id_ in single.items() if id_ is not None and kind in segment.exclusive]
    return [*taken, *(people if PEOPLE in segment.exclusive else ())]
