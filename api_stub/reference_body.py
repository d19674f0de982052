"""The bodies by which users, routines, programs, timelines, spaces and subjects are made and edited."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from api_stub.wire import Line, Prose, Strict, Word
from db.models import UserRole

MOST_ACTIVITIES = 200  # of one routine
SHAPE = re.compile(r"[^@\s]+@[^@\s]+", re.ASCII)


def check_address(text: str) -> str:
    """An address with one @ and no space; whether anybody reads it there can't be seen."""
    if not SHAPE.fullmatch(text):
        raise ValueError(f"got {text[:60]!r}, expected an e-mail address like ada@example.org")
    return text


def check_names(names: list[str]) -> list[str]:
    """Names that can be told apart."""
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"got {name!r} twice, expected each activity once")
    return names


Activities = Annotated[list[Line], Field(max_length=MOST_ACTIVITIES), AfterValidator(check_names)]
Address = Annotated[str, StringConstraints(strict=True, max_length=254), AfterValidator(check_address)]


class NamedBody(Strict):
    """A routine, program, timeline, space or subject."""

    name: Line
    description: Prose | None = None
    type: Word | None = None


class NamedEdit(Strict):
    """What to change of it."""

    name: Line = ""
    description: Prose | None = None
    type: Word | None = None


class RoutineBody(NamedBody):
    """A routine: its activities in order, each name once."""

    activities: Activities = Field(default_factory=list)


class RoutineEdit(NamedEdit):
    """What to change of a routine."""

    activities: Activities = Field(default_factory=list)


class UserBody(Strict):
    """A person; the e-mail address is unique in the tenant."""

    email: Address
    name: Line
    role: UserRole = UserRole.PARTICIPANT


class UserEdit(Strict):
    """What to change of a person."""

    email: Address = ""
    name: Line = ""
    role: UserRole = UserRole.PARTICIPANT
