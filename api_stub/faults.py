"""What is wrong with a field: a pointer to it, in the client's spelling, and a sentence that says what was got."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from api_stub import wire
from recurrence import RecurrenceError, ZoneError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One wrong field: a JSON pointer (RFC 6901) to it, and a sentence."""

    pointer: str
    message: str


NAMES = {
    "starts_at": "scheduledAt",
    "starts_local": "scheduledAt",
    "dtstart": "scheduledAt",
    "ends": "scheduledEndAt",
    "ends_at": "scheduledEndAt",
    "rrule": "recurrence/rrule",
    "rdates": "recurrence/rdates",
    "exdates": "recurrence/exdates",
}
"""Fields whose name on the wire is not their name in the services, written in camel case."""


def of_model(error: ValidationError) -> list[Fault]:
    """Every fault that pydantic found in a body, a query or a path."""
    found = [
        Fault(
            pointer=pointer(spelled(detail["type"], detail["loc"])),
            message=sentence(detail["type"], detail["msg"], detail.get("input")),
        )
        for detail in error.errors(include_url=False, include_context=False)
    ]
    return sorted(found, key=lambda fault: fault.pointer)


def of_field(field: str, message: str) -> Fault:
    """The fault of a field named in the services' spelling, under the name by which the client gave it."""
    head, *rest = field.split("_")
    camel = NAMES.get(field) or head + "".join(part.capitalize() for part in rest)
    pointers: dict[str, str] = g.get("pointers", {})
    return Fault(pointer=pointers.get(field, f"/{camel}"), message=message)


def of_recurrence(error: RecurrenceError) -> Fault:
    """The fault of a series that the engine refuses: its rule, or its zone; one that is given was looked up before."""
    if isinstance(error, ZoneError):
        message = f"got {error.got}, which is not known any more: such a plan can be removed, not edited"
        return of_field("time_zone", message)
    return of_field("rrule", str(error))


def pointer(location: Sequence[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a place in the body; the body itself is the empty text."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def spelled(kind: str, location: Sequence[str | int]) -> list[str | int]:
    """A place as the wire spells it: a field that was left out is named as in the model; an unknown one as it came."""
    if kind == "extra_forbidden":
        return list(location)
    return [to_camel(part) if isinstance(part, str) else part for part in location]


def sentence(kind: str, message: str, got: object) -> str:
    """pydantic's message as one of ours: lower case, says what was got."""
    if kind == "missing":
        return "got nothing, expected a value: it is required"
    if kind == "extra_forbidden":
        return "got a field or parameter that is not known here"
    if kind == "value_error":
        return message.removeprefix("Value error, ")
    return f"got {wire.shown(got)}, {message[:1].lower()}{message[1:]}"
