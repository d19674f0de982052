"""One session on the wire: camel case, every field there, null where it has no value.

Instants, wall times and ids stay what they are: `answer.text` writes them.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from api_stub import instants
from db.models import SessionMetrics
from services import identity
from services.views import SessionView

SET_ASIDE = "it was set aside: it could not be moved on when that was due, and an operator has to look"


def of_view(view: SessionView) -> dict[str, Any]:
    """A session; `{series}` is the canonical id of a one-time one, which belongs to no other plan.

    When it is planned, what became of it, how it is named in its series; the ids it refers to, its own before its
    plan's.
    """
    return {
        "id": identity.format_id(view.series_id, None if view.one_time else view.recurrence_id),
        "sessionId": None if view.one_time else view.series_id,
        "type": view.type,
        "title": view.title,
        "description": view.description,
        "timeZone": view.time_zone,
        "scheduledAt": view.starts_at,
        "scheduledEndAt": view.ends_at,
        "startedAt": view.started_at,
        "endedAt": view.ended_at,
        "removedAt": view.removed_at,
        "state": view.state,
        "tracked": view.tracked,
        "materialized": view.materialized,
        "recurrenceId": view.recurrence_id,
        "progress": view.progress,
        "clash": view.clash,
        "routineId": view.routine_id,
        "programId": view.program_id,
        "timelineId": view.timeline_id,
        "spaceId": view.space_id,
        "subjectId": view.subject_id,
        "instructorId": view.instructor_id,
        "capacity": view.capacity,
        "notes": notes(view),
        "version": view.version,
    }


def notes(view: SessionView) -> list[str]:
    """That the system gave it up, if so; why, only operators are told."""
    return [] if view.set_aside is None else [SET_ASIDE]


def metrics(record: SessionMetrics | None) -> dict[str, Any] | None:
    """The completion record; None: it has not been measured."""
    if record is None:
        return None
    return {
        "plannedMinutes": record.planned_minutes,
        "actualMinutes": record.actual_minutes,
        "startLatenessSeconds": record.start_lateness_s,
        "endLatenessSeconds": record.end_lateness_s,
        "enrolled": record.enrolled,
        "expected": record.expected,
        "present": record.present,
        "late": record.late,
        "absent": record.absent,
        "excused": record.excused,
        "attendanceRate": record.attendance_rate,
        "presenceMinutes": record.presence_minutes,
        "progress": record.progress,
        "completed": record.completed,
        "fillRate": record.fill_rate,
        "measuredAt": instants.show(record.measured_at),
    }


def instant(value: datetime | None) -> str | None:
    """An instant, or null."""
    return None if value is None else instants.show(value)


def text(value: UUID | None) -> str | None:
    """An id, or null."""
    return None if value is None else str(value)
