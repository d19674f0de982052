"""Who has a place: `PUT`, `GET` and `DELETE /sessions/{id}/enrolments/{userId}`, `GET /sessions/{id}/enrolments`.

A plan's id means the plan, from a day on and until another; an id with a time means that session alone. A one-time
session is its own plan.
"""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import Field
from sqlalchemy.orm import Session as Tx

from api_stub import answer, door, schema, session_answer
from api_stub.attendance import PersonPath
from api_stub.references import id_of
from api_stub.session_ids import SessionPath
from api_stub.wire import Entry as Moment
from api_stub.wire import Strict
from db.models import PlanType
from db.sessions import SessionKey
from services import enrol, identity, planned, query, references, roster, settled, waitlist
from services.errors import InvalidField, NotFound
from services.roster import Entry


def register(api: APIBlueprint) -> None:
    """Add the calls of this file to the sessions' group."""
    path = "/sessions/<session:id>/enrolments"
    api.get(path, responses=schema.answers("Enrolments", s200="who has a place, then who waits"))(list_enrolments)
    one = f"{path}/<userId>"
    answers = schema.answers("Enrolment", s200="how the person stands now")
    api.put(one, responses=answers)(enrol_person)
    api.get(one, responses=answers)(get_enrolment)
    api.delete(one, responses=schema.answers(s204="the person has no place, and waits for none"))(withdraw_person)


class EnrolmentBody(Strict):
    """From when until when; left out: from now on, for ever."""

    from_: Moment | None = Field(
        default=None, alias="from", description="a day, a local time or an instant; left out: from the next session on"
    )
    until: Moment | None = Field(
        default=None, description="the last day, or a local time or an instant, exclusive; left out: for ever"
    )


class Place(NamedTuple):
    """What a place is in: a plan of many sessions (`wall` is None), or one session; that may be a plan of its own."""

    tenant_id: UUID
    series_id: UUID
    wall: datetime | None
    one_time: bool

    @property
    def key(self) -> SessionKey:
        """The session."""
        assert self.wall is not None
        return SessionKey(self.tenant_id, self.series_id, self.wall)


def place_of(tx: Tx, text: str) -> Place:
    """What an id names. Raises NotFound."""
    tenant_id, (series_id, wall) = door.tenant_id(), identity.parse_id(text)
    kind, start = planned.kind_of(tx, tenant_id, series_id)
    one_time = kind == PlanType.ONE_TIME
    if one_time and wall is None:
        wall = start
    return Place(tenant_id, series_id, wall, one_time)


def held(tx: Tx, text: str, user_id: UUID) -> Place:
    """The same, held with the person; a session too. Raises NotFound."""
    place = place_of(tx, text)
    waitlist.hold(tx, place.series_id, [user_id])
    if place.wall is not None:
        settled.hold(tx, [place.key])
    return place


def enrol_person(path: PersonPath, body: EnrolmentBody) -> Response:
    """Give a person a place in a plan or at one session, or a place in the line of those who wait."""
    user_id = id_of("users", path.userId)

    def journey(tx: Tx, place: Place, now: datetime) -> dict[str, Any]:
        if place.wall is None:
            begin, until = moment(body.from_), moment(body.until, is_last=True)
            enrol.in_plan(tx, place.tenant_id, place.series_id, user_id, begin, until, now)
        else:
            refuse_stretch(body)
            enrol.at_session(tx, place.key, user_id, now, one_time=place.one_time)
        return shown(tx, path, place, now)

    return answer.done(door.write(lambda tx, _: held(tx, path.id, user_id), journey))


def withdraw_person(path: PersonPath) -> Response:
    """Let a person go: from a plan now, from one session of it as excused, or as a drop-in that does not come."""
    user_id, actor = id_of("users", path.userId), door.actor()

    def journey(tx: Tx, place: Place, now: datetime) -> None:
        if place.wall is None:
            enrol.leave_plan(tx, place.tenant_id, place.series_id, user_id, now)
        else:
            enrol.leave_session(tx, place.key, user_id, actor, now, one_time=place.one_time)

    door.write(lambda tx, _: held(tx, path.id, user_id), journey)
    return answer.gone()


def get_enrolment(path: PersonPath) -> Response:
    """How one person stands to a plan or session."""
    return answer.done(door.run(lambda tx, now: shown(tx, path, place_of(tx, path.id), now)))


def list_enrolments(path: SessionPath) -> Response:
    """Who has a place in a plan or at a session, and who waits for one, in order."""

    def journey(tx: Tx, now: datetime) -> list[dict[str, Any]]:
        return [of_entry(one) for one in entries(tx, place_of(tx, path.id), now)]

    return answer.done({"data": door.run(journey)})


def shown(tx: Tx, path: PersonPath, place: Place, now: datetime) -> dict[str, Any]:
    """How a person stands. Raises NotFound for one who has no place and waits for none."""
    user_id = id_of("users", path.userId)
    references.get(tx, place.tenant_id, "users", user_id)
    for one in entries(tx, place, now):
        if one.user_id == user_id:
            return of_entry(one)
    raise NotFound("enrolment", path.userId)


def entries(tx: Tx, place: Place, now: datetime) -> list[Entry]:
    """Everybody who has a place or waits for one. Raises NotFound."""
    query.one(tx, place.tenant_id, place.series_id, place.wall, now)
    if place.wall is None:
        return roster.of_plan(tx, place.tenant_id, place.series_id, now)
    return roster.of_session(tx, place.key, now)


def moment(value: datetime | date | None, *, is_last: bool = False) -> datetime | None:
    """A moment of a body; of a day its beginning, or its end where it is the last one."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime.combine(value, datetime.min.time()) + timedelta(days=int(is_last))


def refuse_stretch(body: EnrolmentBody) -> None:
    """Refuse a stretch of one session. Raises InvalidField."""
    for field, value in (("from", body.from_), ("until", body.until)):
        if value is not None:
            raise InvalidField(field, "got a stretch of one session, expected none: name the plan for more of them")


def of_entry(entry: Entry) -> dict[str, Any]:
    """One person who has a place or waits for one."""
    waits = entry.waits
    return {
        "userId": entry.user_id,
        "status": entry.standing,
        "from": entry.from_local,
        "until": entry.until_local,
        "dropIn": entry.drop_in,
        "waiting": None
        if waits is None
        else {
            "position": waits.position,
            "since": session_answer.instant(waits.since),
            "from": waits.from_local,
            "until": waits.until_local,
            "dropIn": waits.drop_in,
        },
    }
