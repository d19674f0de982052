"""The worked example of `docs/attendance.md` is what the database computes."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

import recurrence
from api_stub import report_answer
from db import engine as database
from db.models import Attendance, Presence, Routine, Session, SessionMetrics
from db.sessions import SessionKey
from launcher.place import PROJECT
from lifecycle import State, Step
from services import pass_mark, plan, references, reports, transition
from services.pass_mark import Record
from services.plan_draft import PlanDraft
from services.reports import By, Question, Row
from tests.integration.conftest import Studio

PAGE = (PROJECT / "docs" / "attendance.md").read_text()
DAY = datetime(2026, 1, 5)
STAY = re.compile(r"(in|out|said at) (\d\d:\d\d)")


def table(heading: str) -> Iterator[list[str]]:
    """The cells of the rows of the table whose first heading is this."""
    lines = PAGE.split(f"\n| {heading} |", 1)[1].splitlines()[2:]
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip().strip("`") for cell in line.strip("|").split("|")]


def at(clock: str) -> datetime:
    """An instant of the day, from a local time of Seoul."""
    hour, minute = map(int, clock.split(":"))
    found = recurrence.localize(DAY.replace(hour=hour, minute=minute), "Asia/Seoul")
    assert found is not None
    return found


def value(text: str) -> Any:
    return text == "true" if text in ("true", "false") else pytest.approx(float(text))


@pytest.fixture
def held(studio: Studio) -> SessionKey:
    """The session of the example, closed and measured by the steps that do it for every session."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        people = {}
        for name, *_ in table("person"):
            values = {"name": name, "email": f"{name}@example.org"}
            people[name] = references.create(tx, studio.tenant_id, "users", values | {"role": "participant"}, now).id
        routine = references.create(tx, studio.tenant_id, "routines", {"name": "Foundations"}, now)
        assert isinstance(routine, Routine)
        routine.activities = ["one", "two", "three", "four", "five"]
        draft = PlanDraft(
            series=recurrence.Series(
                dtstart=DAY.replace(hour=18), time_zone="Asia/Seoul", duration=recurrence.Duration(seconds=3600)
            ),
            title="Class",
            routine_id=routine.id,
            participants=tuple(people.values()),
            capacity=8,
            completion_threshold=0.8,
        )
        made = plan.create(tx, studio.tenant_id, draft, at("12:00"), studio.settings)
        key = SessionKey(studio.tenant_id, made.series_id, DAY.replace(hour=18))
        session = tx.get_one(Session, key)
        session.state, session.started_at, session.ended_at = State.COMPLETED, at("18:02"), at("19:00")
        session.done, session.progress = routine.activities[:4], 0.8
        session.next_step, session.next_due_at = Step.CLOSE, at("19:00")
        for name, mark, told in table("person"):
            come(tx, key, people[name], mark, told)
        tx.flush()
        transition.settle(tx, [key], at("19:00") + timedelta(minutes=1))
    return key


def come(tx: Any, key: SessionKey, person: UUID, mark: str, told: str) -> None:
    """Write down what the page tells of a person."""
    moments = STAY.findall(told)
    said = next((at(clock) for what, clock in moments if what == "said at"), at("18:00"))
    if mark:
        tx.add(Attendance(**key._asdict(), user_id=person, mark=mark, marked_at=said, marked_by="key"))
    came = [at(clock) for what, clock in moments if what == "in"]
    went = [at(clock) for what, clock in moments if what == "out"]
    for begin, end in zip(came, [*went, None], strict=False):
        tx.add(Presence(**key._asdict(), user_id=person, checked_in_at=begin, checked_out_at=end))


def test_the_record_is_as_the_page_says(studio: Studio, held: SessionKey) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        [record] = tx.scalars(select(SessionMetrics))
    columns = {"startLatenessSeconds": "start_lateness_s", "endLatenessSeconds": "end_lateness_s"}

    for field, told, _ in table("field | value"):
        column = columns.get(field) or re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", field)
        assert getattr(record, column) == value(told), field


def test_the_report_is_as_the_page_says(studio: Studio, held: SessionKey) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        total = reports.run(tx, studio.tenant_id, Question(by=By.PERSON), now).total

    found = report_answer.attendance(Row(total))
    for field, told, _ in table("total | value"):
        assert found[field] == value(told), field


def test_what_is_needed_is_as_the_page_says() -> None:
    assert "Who came to 6 of 8 with 4 to come, at a pass mark of 0.8" in PAGE

    plain = pass_mark.standing(Record(6, 2), 4, Fraction("0.8"))
    dropped = pass_mark.standing(Record(6, 2), 4, Fraction("0.8"), 1)

    assert (plain.needed_from_here, dropped.needed_from_here) == (4, 3)
