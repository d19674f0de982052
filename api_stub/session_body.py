"""The body of `PATCH /sessions/{id}` for one session: what can be edited this once."""

from pydantic import model_validator

from api_stub.wire import Id, Later, Length, Line, Moment, Prose, Strict
from services.edit import SessionChange

NAMES = {
    "title": "title",
    "description": "description",
    "space_id": "space_id",
    "instructor_id": "instructor_id",
    "scheduled_at": "starts",
    "scheduled_end_at": "ends",
    "duration": "duration",
}
"""A field of the body, and what the service calls it."""

NOT_NULL = ("scheduled_at", "scheduled_end_at", "duration")
"""Fields that have no value to fall back to."""


class SessionBody(Strict):
    """What to change; what is left out stays. Null gives title, description, place and instructor back to the plan."""

    title: Line | None = None
    description: Prose | None = None
    space_id: Id | None = None
    instructor_id: Id | None = None
    scheduled_at: Moment | None = None
    scheduled_end_at: Moment | None = None
    duration: Length | None = None

    routine_id: Later = None
    program_id: Later = None
    timeline_id: Later = None
    subject_id: Later = None
    participants: Later = None
    exclusive: Later = None
    auto_start: Later = None
    auto_end: Later = None
    misfire: Later = None
    misfire_grace: Later = None
    time_zone: Later = None
    recurrence: Later = None

    @model_validator(mode="after")
    def something_to_do(self) -> "SessionBody":
        """An edit changes something, and its times do not contradict each other."""
        given = self.model_fields_set & set(NAMES)
        if not given:
            raise ValueError("got nothing to change, expected at least one field")
        if self.scheduled_end_at is not None and self.duration is not None:
            raise ValueError("got scheduledEndAt and duration, expected one of the two")
        return self


def change_of(body: SessionBody) -> SessionChange:
    """The change that a body asks for; a time that is null is as good as left out."""
    given = {
        service: getattr(body, name)
        for name, service in NAMES.items()
        if name in body.model_fields_set and (name not in NOT_NULL or getattr(body, name) is not None)
    }
    return SessionChange(**given)
