"""A term of the demo studio that is over: twelve weeks of two classes, with everybody who came and who did not.

The plans are made as of its first day, so their sessions are tracked; what happened is drawn from a fixed seed, so that
every demo tells the same; attendance is closed and the completion records are made by the steps that do it for every
session. The term ends with the last week before this one: it is in nobody's way.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session as Tx
from uuid_utils.compat import uuid7

import recurrence
from config.settings import Settings
from db.models import Attendance, Enrolment, Mark, Named, Presence, Routine, Session, Transition, User, UserRole
from db.sessions import SessionKey
from lifecycle import Event, Outcome, State, Step
from services import plan, references, transition
from services.plan_draft import PlanDraft

WEEKS: Final = 12
DAYS: Final = 7 * WEEKS
SEED: Final = 12
FIRST_NAMES: Final = ("Cleo", "Dan", "Edda", "Finn", "Gita", "Hana", "Ilse", "Jun", "Kofi", "Lena",
                      "Milo", "Nia", "Omar", "Pia", "Quin", "Rosa", "Sami", "Tara", "Uma", "Viggo")  # fmt: skip
ACTIVITIES: Final = ("Warm-up", "Breathing", "Footwork", "Bridges", "Rolling", "Stretching")
JOINS_LATE: Final = (3, 4, 6)  # weeks after the beginning, for the last people of each class
CLASSES: Final = (
    ("Morning class", f"FREQ=WEEKLY;BYDAY=TU,TH;COUNT={2 * WEEKS}", 33, 0, 12),
    ("Evening class", f"FREQ=WEEKLY;BYDAY=MO;COUNT={WEEKS}", 19, 8, 20),
)
"""A title, a rule, its first start in hours after the term's Monday, and which of the people are in it."""
CANCELLED: Final = 9  # the number of the session of the first class that was called off
MISSED: Final = 7  # of the second class, that nobody held
PLACES: Final = 14
DESK: Final = "demo"  # who marks, and ends by hand
LATE, EXCUSED, CHECKS_IN, STAYS = 0.12, 0.4, 0.8, 0.7  # how likely each is
EXCUSE_H: Final = (2, 6, 30, 70)  # hours before the start at which an excuse comes


def load(tx: Tx, tenant_id: UUID, made: dict[str, Named], zone: str, now: datetime, settings: Settings) -> None:
    """Write the term, its people, and all that happened."""
    monday = recurrence.wall_time(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    monday -= timedelta(days=monday.weekday() + DAYS)
    begins = recurrence.localize(monday, zone)
    assert begins is not None
    chance = Random(SEED)
    people = crowd(tx, tenant_id, begins)
    likely = {one: chance.choice((0.97, 0.92, 0.85, 0.7)) for one in people}
    routine = references.create(tx, tenant_id, "routines", {"name": "Foundations"}, begins)
    assert isinstance(routine, Routine)
    routine.activities = list(ACTIVITIES)
    for number, (title, rule, hours, first, last) in enumerate(CLASSES):
        draft = PlanDraft(
            series=recurrence.Series(
                dtstart=monday + timedelta(hours=hours),
                time_zone=zone,
                duration=recurrence.Duration(days=0, seconds=3600),
                rule=recurrence.Rule.parse(rule),
            ),
            title=title,
            space_id=made["hall" if number else "room"].id,
            capacity=PLACES,
            completion_threshold=0.8,
            exclusive=frozenset(),
            instructor_id=made["min"].id,
            program_id=made["autumn"].id,
            routine_id=routine.id,
        )
        series_id = plan.create(tx, tenant_id, draft, begins, reaching(settings)).series_id
        joined = enrol(tx, tenant_id, series_id, people[first:last], monday)
        live(tx, Held(tenant_id, series_id, now), joined, likely, chance, MISSED if number else CANCELLED)


def reaching(settings: Settings) -> Settings:
    """Settings with which a plan made then has its sessions as rows by now."""
    return settings.model_copy(update={"horizon_days": DAYS + 7})


def crowd(tx: Tx, tenant_id: UUID, begins: datetime) -> list[UUID]:
    """Twenty people; their addresses are nobody else's in a tenant that has nobody yet."""
    kept = {"tenant_id": tenant_id, "created_at": begins, "updated_at": begins, "role": UserRole.PARTICIPANT}
    people = [User(id=uuid7(), name=name, email=f"{name.lower()}@studio.example", **kept) for name in FIRST_NAMES]
    tx.add_all(people)
    tx.flush()
    return [one.id for one in people]


def enrol(tx: Tx, tenant_id: UUID, series_id: UUID, people: Sequence[UUID], monday: datetime) -> dict[UUID, datetime]:
    """Give people their places; returns the local time from which each is expected. The last join late."""
    joined = dict.fromkeys(people, monday)
    for person, weeks in zip(reversed(people), JOINS_LATE, strict=False):
        joined[person] = monday + timedelta(weeks=weeks)
    tx.add_all(
        Enrolment(tenant_id=tenant_id, series_id=series_id, user_id=person, from_local=since)
        for person, since in joined.items()
    )
    tx.flush()
    return joined


class Held(NamedTuple):
    """A plan whose sessions are all over by now."""

    tenant_id: UUID
    series_id: UUID
    now: datetime


def live(
    tx: Tx, held: Held, joined: dict[UUID, datetime], likely: dict[UUID, float], chance: Random, exception: int
) -> None:
    """Let the sessions of a class have taken place, but one; then attendance is closed and measured, as always."""
    of_plan = (Session.tenant_id == held.tenant_id, Session.series_id == held.series_id)
    sessions = tx.scalars(select(Session).where(*of_plan).order_by(Session.recurrence_id)).all()
    for number, session in enumerate(sessions):
        if number == exception:
            fall_out(tx, session, missed=exception == MISSED)
            continue
        hold(tx, session, held.now, chance)
        for person, since in joined.items():
            if since <= session.recurrence_id:
                come(tx, session, person, likely[person], chance)
    tx.flush()
    transition.settle(tx, [SessionKey(*held[:2], one.recurrence_id) for one in sessions], held.now)


def hold(tx: Tx, session: Session, now: datetime, chance: Random) -> None:
    """It started and ended, a little of its activities perhaps left undone; closing it is due now."""
    done = len(ACTIVITIES) - chance.choice((0, 0, 0, 1, 1, 2))
    session.state, session.done, session.progress = State.COMPLETED, list(ACTIVITIES[:done]), done / len(ACTIVITIES)
    session.started_at, session.ended_at = session.starts_at, session.ends_at + timedelta(minutes=chance.randint(0, 4))
    session.next_step, session.next_due_at = Step.CLOSE, now
    write(tx, session, Event.START, session.started_at, Outcome.ON_TIME)
    write(tx, session, Event.END, session.ended_at, Outcome.BY_HAND)


def fall_out(tx: Tx, session: Session, missed: bool) -> None:
    """It was called off the day before, or nobody held it."""
    session.state = State.MISSED if missed else State.CANCELLED
    session.next_step = session.next_due_at = None
    if missed:
        write(tx, session, Event.MISS, session.ends_at, Outcome.ON_TIME)
    else:
        write(tx, session, Event.CANCEL, session.starts_at - timedelta(days=1), Outcome.BY_HAND)


def write(tx: Tx, session: Session, kind: Event, at: datetime, outcome: Outcome) -> None:
    """Enter it in the ledger."""
    session.seq = (session.seq or 0) + 1
    key = {"tenant_id": session.tenant_id, "series_id": session.series_id, "recurrence_id": session.recurrence_id}
    entry = {"seq": session.seq, "kind": kind, "effective_at": at, "applied_at": at, "outcome": outcome}
    tx.add(Transition(**key, **entry, actor="system" if outcome is Outcome.ON_TIME else DESK))


def come(tx: Tx, session: Session, person: UUID, likely: float, chance: Random) -> None:
    """A person comes, in time or late, is excused, or is just not there: then nobody writes anything."""
    key = {"tenant_id": session.tenant_id, "series_id": session.series_id, "recurrence_id": session.recurrence_id}
    if chance.random() < likely:
        late = chance.random() < LATE
        here = session.starts_at + timedelta(minutes=chance.randint(6, 20) if late else chance.randint(-12, 4))
        mark = Mark.LATE if late else Mark.PRESENT
        tx.add(Attendance(**key, user_id=person, mark=mark, marked_at=here, marked_by=DESK))
        if chance.random() < CHECKS_IN:
            gone = None if chance.random() < STAYS else session.ends_at - timedelta(minutes=chance.randint(0, 15))
            tx.add(Presence(**key, user_id=person, checked_in_at=here, checked_out_at=gone))
    elif chance.random() < EXCUSED:
        said = session.starts_at - timedelta(hours=chance.choice(EXCUSE_H))
        tx.add(Attendance(**key, user_id=person, mark=Mark.EXCUSED, marked_at=said, marked_by=DESK))
