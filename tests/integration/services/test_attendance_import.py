"""Marks that come in bulk: each row stands for itself, and the same delivery twice marks nothing twice."""

import contextlib
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from api_stub import attendance_rows
from db import engine as database
from db.models import AutoStart, Mark, Role
from lifecycle import State
from services import attendance_import, identity, keys
from services.attendance_import import Report
from tests.integration.conftest import Studio
from tests.integration.services.classes import Class, person


@pytest.fixture
def people(studio: Studio) -> list[UUID]:
    return [person(studio, f"P{number}") for number in range(10)]


def sent(studio: Studio, *lines: str, columns: str = "sessionId,userId,status,checkedInAt,checkedOutAt") -> UUID:
    """A file with these lines was sent."""
    delivered = attendance_rows.read("\n".join([columns, *lines]).encode(), "text/csv")
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        return attendance_import.store(tx, studio.tenant_id, delivered, "gate", now).id


def marked(studio: Studio, *lines: str, **more: str) -> Report:
    """Likewise, and a worker came."""
    id_ = sent(studio, *lines, **more)
    attendance_import.drain(studio.engine)
    return report(studio, id_)


def report(studio: Studio, id_: UUID) -> Report:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        return attendance_import.report(tx, studio.tenant_id, id_, 10_000, None)


def details(found: Report) -> list[tuple[int, str | None]]:
    """The lines that were refused, and why."""
    return [(row.line, row.detail) for row in found.rows if row.outcome == "REFUSED"]


def counts(found: Report) -> tuple[int, int, int]:
    return found.told.marked, found.told.unchanged, found.told.refused


def name(held: Class) -> str:
    return identity.format_id(held.key.series_id, held.key.recurrence_id)


def stored(studio: Studio) -> list[Sequence[object]]:
    """All marks and intervals."""
    with studio.engine.connect() as connection:
        tables = ("attendance", "presence", "session_metrics")
        return [sorted(map(str, connection.execute(text(f"SELECT * FROM {table}")))) for table in tables]


def test_rows_mark_by_status_and_by_check_in(studio: Studio, people: list[UUID]) -> None:
    held = Class(studio, began=90, participants=tuple(people[:4]))
    soon, late = f"{held.at(2):%Y-%m-%dT%H:%M:%SZ}", f"{held.at(9):%Y-%m-%dT%H:%M:%SZ}"

    found = marked(
        studio,
        f"{name(held)},{people[0]},excused,,",
        f"{name(held)},{people[1]},,{soon},{late}",
        f"{name(held)},P2@Studio.example,,{late},",
        f"{name(held)},{people[9]},PRESENT,,",
    )
    held.settle()

    assert counts(found) == (4, 0, 0)
    wanted = {people[0]: Mark.EXCUSED, people[1]: Mark.PRESENT, people[2]: Mark.LATE, people[3]: Mark.ABSENT}
    assert held.people() == wanted | {people[9]: Mark.PRESENT}
    assert held.metrics().presence_minutes == pytest.approx((7 + 51 + 60) / 3)


def test_three_bad_lines_of_a_thousand_are_told_and_the_others_marked(studio: Studio, people: list[UUID]) -> None:
    classes = [Class(studio, began=90, exclusive=frozenset()) for _ in range(100)]
    lines = [f"{name(held)},{one},PRESENT,," for held in classes for one in people]
    lines[10] = f"{name(classes[1])},{people[0]},HERE,,"
    lines[500] = f"{name(classes[50])},nobody@studio.example,LATE,,"
    lines[999] = f"{uuid4()}_20260105T180000,{people[9]},LATE,,"

    found = marked(studio, *lines)

    assert counts(found) == (997, 0, 3)
    assert details(found) == [
        (12, "got the status 'HERE', expected one of PRESENT, LATE, ABSENT, EXCUSED"),
        (502, "got nobody@studio.example, expected the id or the e-mail address of a user"),
        (1001, f"got {lines[999].split(',')[0]}, expected the id of a session"),
    ]
    assert found.told.finished_at is not None


def test_the_same_delivery_twice_marks_nothing_twice(studio: Studio, people: list[UUID]) -> None:
    held = Class(studio, began=90)
    at = f"{held.at(2):%Y-%m-%dT%H:%M:%SZ}"
    lines = [f"{name(held)},{one},,{at}," for one in people[:5]] + [f"{name(held)},{people[5]},ABSENT,,"]
    marked(studio, *lines)
    held.settle()
    before = stored(studio)

    again = marked(studio, *lines)
    held.settle()

    assert counts(again) == (0, 6, 0)
    assert stored(studio) == before


def test_it_goes_on_where_a_worker_died(studio: Studio, people: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attendance_import, "BATCH", 3)
    held = Class(studio, began=90)
    id_ = sent(studio, *(f"{name(held)},{one},PRESENT,," for one in people))

    for dies in (True, False, True):
        with contextlib.suppress(ZeroDivisionError), database.transaction(studio.engine) as (tx, _):
            attendance_import.batch(tx, 3)
            if dies:
                raise ZeroDivisionError
    assert report(studio, id_).told.marked == 3
    attendance_import.drain(studio.engine)

    assert counts(report(studio, id_)) == (10, 0, 0)
    assert set(held.people().values()) == {Mark.PRESENT}


def test_marks_in_bulk_obey_the_rules_of_check_in(studio: Studio, people: list[UUID]) -> None:
    over, ahead, off = Class(studio, began=90), Class(studio, began=-90), Class(studio, began=61)
    with studio.engine.begin() as connection:
        connection.execute(text("UPDATE session SET state = 'CANCELLED', next_step = NULL, next_due_at = NULL "
                                "WHERE series_id = :off"), {"off": off.key.series_id})  # fmt: skip
    after, before = f"{over.at(61):%Y-%m-%dT%H:%M:%SZ}", f"{over.at(-31):%Y-%m-%dT%H:%M:%SZ}"
    opens = f"{ahead.at(-30):%Y-%m-%dT%H:%M:%SZ}"

    found = marked(
        studio,
        f"{name(over)},{people[0]},,{after},",
        f"{name(over)},{people[0]},,{before},",
        f"{name(ahead)},{people[0]},PRESENT,,",
        f"{name(ahead)},{people[1]},EXCUSED,,",
        f"{name(off)},{people[1]},LATE,,",
    )

    assert [detail for _, detail in details(found)] == [
        f"got a check-in at {after}: the session ended at {over.at(60):%Y-%m-%dT%H:%M:%SZ}",
        f"got a check-in at {before}: check-in opens at {over.at(-30):%Y-%m-%dT%H:%M:%SZ}",
        f"got PRESENT at a session that is SCHEDULED: check-in opens at {opens}",
        "got a session that is CANCELLED",
    ]
    assert ahead.people() == {people[1]: Mark.EXCUSED}


def test_the_first_of_them_starts_a_session_that_waits_for_it(studio: Studio, people: list[UUID]) -> None:
    held = Class(studio, began=20, auto_start=AutoStart.FIRST_CHECK_IN)
    ats = [f"{held.at(minutes):%Y-%m-%dT%H:%M:%SZ}" for minutes in (7, 4)]

    marked(studio, *(f"{name(held)},{one},,{at}," for one, at in zip(people[:2], ats, strict=True)))

    assert (held.read().state, held.read().started_at) == (State.IN_PROGRESS, held.at(4))


def test_none_of_them_starts_what_was_set_aside_and_whose_end_has_passed(studio: Studio, people: list[UUID]) -> None:
    held = Class(studio, began=70, auto_start=AutoStart.FIRST_CHECK_IN)
    held.put_aside()
    end, early = (f"{held.at(minutes):%Y-%m-%dT%H:%M:%SZ}" for minutes in (60, 30))

    found = marked(studio, f"{name(held)},{people[0]},,{early},", f"{name(held)},{people[1]},EXCUSED,,")

    assert details(found) == [(2, f"got a session that cannot be started: it was to end at {end}")]
    assert (held.ledger(), held.people()) == ([], {people[1]: Mark.EXCUSED})


def test_a_closed_session_is_measured_again(studio: Studio, people: list[UUID]) -> None:
    held = Class(studio, began=90, participants=tuple(people[:2]))
    held.settle()

    marked(studio, f"{name(held)},{people[0]},PRESENT,,")
    held.settle()

    assert (held.metrics().present, held.metrics().absent) == (1, 1)


def test_the_last_of_several_rows_about_one_person_decides(studio: Studio, people: list[UUID]) -> None:
    held = Class(studio, began=90)

    marked(studio, *(f"{name(held)},{people[0]},{status},," for status in ("PRESENT", "ABSENT", "LATE")))

    assert held.people() == {people[0]: Mark.LATE}


def test_a_check_in_in_bulk_takes_no_mark_of_staff_back(studio: Studio, people: list[UUID]) -> None:
    held = Class(studio, began=20)
    held.mark(people[0], Mark.PRESENT)

    marked(studio, f"{name(held)},{people[0]},,{held.at(19):%Y-%m-%dT%H:%M:%SZ},")

    assert held.people() == {people[0]: Mark.PRESENT}


def test_a_session_without_a_row_is_written(studio: Studio, people: list[UUID]) -> None:
    held = Class(studio, began=20, rule="FREQ=DAILY")
    with studio.engine.begin() as connection:
        connection.execute(text("DELETE FROM session"))

    assert counts(marked(studio, f"{name(held)},{people[0]},PRESENT,,")) == (1, 0, 0)


def test_a_row_that_the_database_refuses_holds_up_no_other(studio: Studio, people: list[UUID]) -> None:
    held = Class(studio, began=90)
    with studio.engine.begin() as connection:
        connection.execute(text("ALTER TABLE attendance ADD CONSTRAINT odd CHECK (user_id <> :odd)"
                                .replace(":odd", f"'{people[4]}'")))  # fmt: skip

    found = marked(studio, *(f"{name(held)},{one},PRESENT,," for one in people))

    assert counts(found) == (9, 0, 1)
    assert details(found)[0][0] == 6
    assert "can't be marked" in str(details(found)[0][1])


def test_a_plan_of_one_session_may_be_named_by_its_own_id(studio: Studio, people: list[UUID]) -> None:
    held, many = Class(studio, began=90), Class(studio, began=90, rule="FREQ=DAILY", exclusive=frozenset())

    found = marked(studio, f"{held.key.series_id},{people[0]},PRESENT,,", f"{many.key.series_id},{people[0]},PRESENT,,")

    assert counts(found) == (1, 0, 1)
    assert "expected the id of one session" in str(details(found)[0][1])


def test_another_tenants_ids_are_not_there(studio: Studio, people: list[UUID]) -> None:
    held = Class(studio, began=90)
    with database.transaction(studio.engine) as (tx, now):
        caller = keys.authenticate(tx, keys.create(tx, "Other", Role.ADMIN, now))
    assert caller is not None
    stranger = Studio(studio.engine, caller.tenant_id, studio.settings)

    found = marked(stranger, f"{name(held)},{people[0]},PRESENT,,")

    assert counts(found) == (0, 0, 1)
    assert held.people() == {}
