"""The body of `PATCH /sessions/{id}`: any field of a plan, in either spelling, and only those that change.

For one session (`scope=this`) fewer fields have a meaning; the others are refused by name.
"""

from pydantic import Field, ValidationInfo, field_validator, model_validator

from api_stub.errors import Invalid
from api_stub.faults import Fault
from api_stub.flat_fields import pointer
from api_stub.never_set import Kept
from api_stub.plan_body import PlanBody
from api_stub.wire import Line, Moment
from services.edit import SessionChange

NAMES = {
    "title": "title",
    "description": "description",
    "space_id": "space_id",
    "instructor_id": "instructor_id",
    "scheduled_at": "starts",
    "scheduled_end_at": "ends",
    "duration": "duration",
    "capacity": "capacity",
}
"""A field that one session may have of its own, and what the service calls it."""

NOT_NULL = ("scheduled_at", "scheduled_end_at", "duration")
"""Fields that have no value to fall back to."""


class EditBody(PlanBody):
    """What to change; what is left out stays."""

    title: Line | None = None  # type: ignore[assignment]  # an edit needs no title
    scheduled_at: Moment | None = None  # type: ignore[assignment]  # an edit needs no start
    scheduled_end_at: Moment | None = Field(default=None)
    type: Kept = None  # a plan keeps its type

    @field_validator("scheduled_end_at")
    @classmethod
    def some_end(cls, value: object, info: ValidationInfo) -> object:
        """Unlike a new plan, an edit needs no end."""
        return value

    @model_validator(mode="after")
    def something_to_do(self) -> "EditBody":
        """An edit changes something."""
        if not self.model_fields_set:
            raise ValueError("got nothing to change, expected at least one field")
        return self


def of_session(body: EditBody) -> SessionChange:
    """The change of one session; a time that is null is as good as left out. Raises Invalid."""
    refuse_skip(body)
    given_too = body.model_fields_set - set(NAMES) - {"on_clash"}
    strange = [name for name in given_too if getattr(body, name) is not None]
    if strange:
        message = "got a field that one session does not have of its own; it can be changed with scope=following or all"
        raise Invalid([Fault(pointer=pointer(name), message=message) for name in sorted(strange)])
    if body.scheduled_end_at is not None and body.duration is not None:
        message = "got scheduledEndAt and duration, expected one of the two"
        raise Invalid([Fault(pointer="", message=message)])
    given = {
        service: getattr(body, name)
        for name, service in NAMES.items()
        if name in body.model_fields_set and (name not in NOT_NULL or getattr(body, name) is not None)
    }
    if not given:
        raise nothing()
    return SessionChange(**given)


def refuse_skip(body: EditBody) -> None:
    """Refuse to leave out the one date that is edited. Raises Invalid."""
    if body.on_clash == "skip":
        message = "got skip, expected reject: one session is edited, and without its date nothing would be left"
        raise Invalid([Fault(pointer="/onClash", message=message)])


def nothing() -> Invalid:
    """A body that says nothing."""
    return Invalid([Fault(pointer="", message="got nothing to change, expected at least one field with a value")])
