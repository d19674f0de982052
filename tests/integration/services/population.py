"""A random population of a studio: plans of two stretches, people, marks, stays, late cancels, records; and the same
counted by plain Python, to compare reports with."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session as Tx
from uuid_utils.compat import uuid7

from db.models import (
    Attendance,
    Presence,
    Program,
    Routine,
    Segment,
    Series,
    Session,
    SessionMetrics,
    Space,
    Timeline,
    User,
    Withdrawal,
)
from tests.integration.services.plans import at

FIRST = datetime(2026, 3, 2, 18)
CAME = ("PRESENT", "LATE")
MARKS = ("PRESENT", "PRESENT", "LATE", "ABSENT", "EXCUSED")
STALE = "EXPECTED"  # left of somebody who gave the place up


@dataclass(slots=True, kw_only=True)
class Fact:
    """One session as it was stored: what reports can be grouped by, its people, and its record."""

    keys: dict[str, str | None]
    starts_at: datetime
    counts: bool
    marks: dict[UUID, str] = field(default_factory=dict)
    minutes: dict[UUID, float] = field(default_factory=dict)
    cancels: set[UUID] = field(default_factory=set)
    completed: bool = False
    progress: float | None = None
    actual: float = 60.0
    places: int | None = None


class Population:
    """Stored by `store`; every choice comes from one seed."""

    def __init__(self, seed: int, tenant_id: UUID) -> None:
        self.random, self.tenant_id = Random(seed), tenant_id
        self.facts: list[Fact] = []
        self.people = [uuid7() for _ in range(self.random.randint(1, 5))]
        self.teachers, self.spaces, self.routines, self.programs, self.timelines = (
            [uuid7() for _ in range(2)] for _ in range(5)
        )

    def store(self, tx: Tx) -> None:
        """Write everything."""
        kept = {"tenant_id": self.tenant_id, "created_at": at("2026-01-01"), "updated_at": at("2026-01-01")}
        for number, id_ in enumerate([*self.people, *self.teachers]):
            tx.add(User(id=id_, name=f"P{number % 3}", email=f"{id_}@example.org", role="participant", **kept))
        for model, ids in (
            (Space, self.spaces),
            (Routine, self.routines),
            (Program, self.programs),
            (Timeline, self.timelines),
        ):
            tx.add_all(model(id=id_, name="one", **kept) for id_ in ids)
        tx.flush()
        for _ in range(self.random.randint(1, 3)):
            self.plan(tx)
        tx.flush()

    def plan(self, tx: Tx) -> None:
        """A plan of two stretches."""
        series_id = uuid7()
        kept = {"created_at": at("2026-01-01"), "updated_at": at("2026-01-01"), "tracked_from": at("2026-01-01")}
        tx.add(Series(tenant_id=self.tenant_id, id=series_id, type="RECURRING", version=1, **kept))
        tx.flush()
        for stretch in range(2):
            first = FIRST + timedelta(weeks=4 * stretch, hours=self.random.randint(0, 4))
            segment = self.segment(series_id, first)
            tx.add(segment)
            tx.flush()
            for day in range(self.random.randint(1, 6)):
                self.session(tx, segment, first + timedelta(days=day))

    def segment(self, series_id: UUID, first: datetime) -> Segment:
        """A stretch with what it refers to."""
        return Segment(
            tenant_id=self.tenant_id, series_id=series_id, from_local=first, dtstart=first, time_zone="Asia/Seoul",
            all_day=False, duration="PT1H", rrule="FREQ=DAILY", rdates=[], exdates=[], excluded_days=[], gap="SHIFT",
            fold="FIRST", title="Pilates", routine_id=self.some(self.routines), program_id=self.some(self.programs),
            timeline_id=self.some(self.timelines), space_id=self.some(self.spaces),
            instructor_id=self.some(self.teachers), exclusive=[], capacity=self.random.choice([None, 4]),
            auto_start="SCHEDULED", auto_end=True, materialized_until=at("2027-01-01"), tzdata_version="2026a",
        )  # fmt: skip

    def session(self, tx: Tx, segment: Segment, wall: datetime) -> None:
        """One session: mostly one that counts."""
        moved = self.random.random() < 0.2
        local = wall + timedelta(hours=self.random.randint(1, 30)) if moved else wall
        starts_at = at(f"{local:%Y-%m-%dT%H:%M}") - timedelta(hours=9)
        space_id, teacher = self.own(self.spaces), self.own(self.teachers)
        state = self.random.choice(["COMPLETED"] * 6 + ["CANCELLED", "MISSED"])
        tracked, removed = self.random.random() > 0.1, self.random.random() < 0.1
        row = Session(
            tenant_id=self.tenant_id, series_id=segment.series_id, recurrence_id=wall, segment_from=segment.from_local,
            starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), end_due_at=starts_at + timedelta(hours=1),
            state=state, started_at=starts_at, ended_at=starts_at + timedelta(hours=1), tracked=tracked,
            moved_to_local=local if moved else None, space_id=space_id, instructor_id=teacher,
            capacity=self.random.choice([None, None, 3]), removed_at=starts_at if removed else None,
        )  # fmt: skip
        tx.add(row)
        tx.flush()
        fact = Fact(
            keys=keys_of(row, segment, local),
            starts_at=starts_at,
            counts=state == "COMPLETED" and tracked and not removed,
            places=row.capacity or segment.capacity,
        )
        self.facts.append(fact)
        for person in self.people:
            self.person(tx, row, fact, person)
        self.record(tx, row, fact)

    def person(self, tx: Tx, row: Session, fact: Fact, person: UUID) -> None:
        """What one person did about a session: nothing, a mark, or giving the place up."""
        key = {"tenant_id": row.tenant_id, "series_id": row.series_id, "recurrence_id": row.recurrence_id}
        chance = self.random.random()
        if chance < 0.3:
            if chance < 0.05:
                early = row.starts_at - timedelta(days=9)
                tx.add(Attendance(**key, user_id=person, mark=STALE, marked_at=early, marked_by="key"))
            if chance < 0.1:
                tx.add(Withdrawal(**key, user_id=person, withdrawn_at=row.starts_at - timedelta(hours=3)))
                fact.cancels.add(person)
            return
        mark, hours = self.random.choice(MARKS), self.random.choice([-40, -11, 1])
        marked_at = row.starts_at + timedelta(hours=hours)
        tx.add(Attendance(**key, user_id=person, mark=mark, marked_at=marked_at, marked_by="key"))
        fact.marks[person] = mark
        if mark == "EXCUSED":
            fact.cancels |= {person} if hours == -11 else set()
            if hours == -40 and self.random.random() < 0.3:
                tx.add(Withdrawal(**key, user_id=person, withdrawn_at=row.starts_at - timedelta(hours=3)))
                fact.cancels.add(person)
        if mark in CAME:
            fact.minutes[person] = self.stay(tx, row, person)

    def stay(self, tx: Tx, row: Session, person: UUID) -> float:
        """How long somebody was there: planned, in one or two intervals, the last perhaps not ended."""
        key = {"tenant_id": row.tenant_id, "series_id": row.series_id, "recurrence_id": row.recurrence_id}
        kind = self.random.randint(0, 2)
        if kind == 0:
            return 60.0
        first, second = (row.starts_at + timedelta(minutes=minutes) for minutes in (-5, 30))
        tx.add(Presence(**key, user_id=person, checked_in_at=first, checked_out_at=first + timedelta(minutes=25)))
        if kind == 1:
            return 20.0
        tx.add(Presence(**key, user_id=person, checked_in_at=second, checked_out_at=None))
        return 50.0

    def record(self, tx: Tx, row: Session, fact: Fact) -> None:
        """The completion record, counted here."""
        counted = {mark: list(fact.marks.values()).count(mark) for mark in set(MARKS)}
        came = counted["PRESENT"] + counted["LATE"]
        fact.completed, fact.progress = self.random.random() < 0.7, self.random.choice([None, 0.5, 1.0])
        tx.add(
            SessionMetrics(
                tenant_id=row.tenant_id, series_id=row.series_id, recurrence_id=row.recurrence_id, planned_minutes=60,
                actual_minutes=fact.actual, start_lateness_s=0, end_lateness_s=0, enrolled=len(fact.marks),
                expected=len(fact.marks), present=counted["PRESENT"], late=counted["LATE"], absent=counted["ABSENT"],
                excused=counted["EXCUSED"], presence_minutes=sum(fact.minutes.values()) / came if came else None,
                completed=fact.completed, progress=fact.progress, measured_at=row.starts_at,
            )
        )  # fmt: skip

    def some(self, ids: list[UUID]) -> UUID | None:
        """One of these, or none."""
        return self.random.choice([None, *ids])

    def own(self, ids: list[UUID]) -> UUID | None:
        """What a session has of its own: mostly nothing."""
        return self.random.choice([None, None, None, *ids])


def keys_of(row: Session, segment: Segment, local: datetime) -> dict[str, str | None]:
    """What a session can be grouped by."""
    named: dict[str, Any] = {
        "series": row.series_id,
        "routine": segment.routine_id,
        "program": segment.program_id,
        "timeline": segment.timeline_id,
        "space": row.space_id or segment.space_id,
        "instructor": row.instructor_id or segment.instructor_id,
    }
    texts = {name: None if id_ is None else str(id_) for name, id_ in named.items()}
    return {**texts, "weekday": str(local.isoweekday()), "hour": f"{local:%H}"}


def counted(facts: list[Fact], by: str, wanted: Callable[[Fact], bool]) -> dict[str | None, dict[str, float]]:
    """The sums of a report by plain counting."""
    sums: dict[str | None, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for fact in facts:
        if fact.counts and wanted(fact):
            for key, parts in by_person(fact) if by == "person" else [(fact.keys[by], of_session(fact))]:
                for name, value in parts.items():
                    sums[key][name] += value
    return {key: dict(parts) for key, parts in sums.items()}


def of_session(fact: Fact) -> dict[str, float]:
    """What a session adds."""
    marks = list(fact.marks.values())
    came = marks.count("PRESENT") + marks.count("LATE")
    return {
        "sessions": 1,
        "expected": len(marks),
        **{mark.lower(): marks.count(mark) for mark in set(MARKS)},
        "late_cancels": len(fact.cancels),
        "presence_minutes": sum(fact.minutes.values()),
        "completed": fact.completed,
        "planned_minutes": 60,
        "actual_minutes": fact.actual,
        "came": came if fact.places else 0,
        "places": fact.places or 0,
    }


def by_person(fact: Fact) -> Iterator[tuple[str, dict[str, float]]]:
    """What a session adds for each whom it expected, or who cancelled late."""
    for person in fact.marks.keys() | fact.cancels:
        alone = Fact(keys={}, starts_at=fact.starts_at, counts=True)
        if person not in fact.marks:
            yield str(person), dict.fromkeys(of_session(alone), 0.0) | {"late_cancels": 1.0}
            continue
        whole, alone.marks = of_session(fact), {person: fact.marks[person]}
        alone.cancels, alone.minutes = fact.cancels & {person}, {person: fact.minutes.get(person, 0)}
        parts = of_session(alone)
        for name in ("completed", "planned_minutes", "actual_minutes", "came", "places"):
            parts[name] = whole[name]
        yield str(person), parts
