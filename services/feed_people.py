"""Which part of a plan the calendar of a person has: what they give, or the stretches in which they have a place.

A stretch is told as an entry of its own: the rule from where the person joined until where they leave. Who drops in is
told that session alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, exists, false

import recurrence
from db import segments
from db.models import Enrolment, Segment, Session
from recurrence import Series


class Part(NamedTuple):
    """A series, and the recurrence ids that it is for: from one on and before another (None: no bound)."""

    series: Series
    since: datetime | None = None
    until: datetime | None = None

    def covers(self, wall: datetime) -> bool:
        """Whether a session belongs to it."""
        return (self.since is None or self.since <= wall) and (self.until is None or wall < self.until)


def parts(segment: Segment, user_id: UUID | None, stays: Sequence[Enrolment]) -> list[Part]:
    """The parts of a segment that a person's calendar has, first to last; without a person, or of who gives it, all."""
    whole = segments.series_of(segment)
    if user_id is None or segment.instructor_id == user_id:
        return [Part(whole)]
    found = [part(whole, stay) for stay in sorted(stays, key=lambda one: one.from_local) if not stay.drop_in]
    return [one for one in found if one is not None]


def part(whole: Series, stay: Enrolment) -> Part | None:
    """What of a series lies in a stretch; all of it, where no rule says that part; None: nothing."""
    try:
        rest: Series | None = whole
        if stay.from_local > segments.first_local(whole):
            rest = recurrence.cut(whole, stay.from_local)[1]
        if rest is not None and stay.until_local is not None:
            head, later = recurrence.cut(rest, stay.until_local)
            rest = rest if later is None else head  # what ends before keeps its own end
    except recurrence.RecurrenceError:
        return Part(whole)
    return None if rest is None else Part(rest, stay.from_local, stay.until_local)


def drops_in(user_id: UUID | None) -> ColumnElement[bool]:
    """Whether a person drops in at a session."""
    if user_id is None:
        return false()
    return exists().where(
        Enrolment.tenant_id == Session.tenant_id,
        Enrolment.series_id == Session.series_id,
        Enrolment.user_id == user_id,
        Enrolment.from_local == Session.recurrence_id,
        Enrolment.drop_in,
    )
