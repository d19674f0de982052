"""Intervals that overlap count once, in a record as in a report; a machine does not undo what people said."""

from uuid import UUID

import pytest

from api_stub import attendance_rows
from db import engine as database
from db.models import Mark
from services import attendance_import, identity, reports
from services.reports import By, Question, Scope
from tests.integration.conftest import Studio
from tests.integration.services.classes import Class


def minutes(studio: Studio, by: By, user_id: UUID | None = None) -> float:
    """A report's sum of the minutes that people were there."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        found = reports.run(tx, studio.tenant_id, Question(by=by, scope=Scope(user_id=user_id)), now)
    return round(float(found.total.presence_minutes), 3)


def sent(studio: Studio, held: Class, *lines: str) -> None:
    """A delivery of rows, and a worker came."""
    name = identity.format_id(held.key.series_id, held.key.recurrence_id)
    head = "sessionId,userId,status,checkedInAt,checkedOutAt"
    delivered = attendance_rows.read("\n".join([head, *(f"{name},{line}" for line in lines)]).encode(), "text/csv")
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        attendance_import.store(tx, studio.tenant_id, delivered, "gate", now)
    attendance_import.drain(studio.engine)


def every_report(studio: Studio, ada: UUID) -> set[float]:
    return {minutes(studio, By.PERSON), minutes(studio, By.SERIES), minutes(studio, By.PERSON, user_id=ada),
            minutes(studio, By.SERIES, user_id=ada)}  # fmt: skip


def test_messages_out_of_order_overlap_and_count_once(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=70, participants=(ada,))

    held.check_in(ada, 20)
    held.check_in(ada, 10)
    held.check_out(ada, 40)
    held.settle()

    assert held.metrics().presence_minutes == 30
    assert every_report(studio, ada) == {30}


def test_rows_in_bulk_that_overlap_count_once(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=70, participants=(ada,))
    held.settle()

    at = {n: f"{held.at(n):%Y-%m-%dT%H:%M:%SZ}" for n in (-5, 10, 20, 30, 50)}
    sent(studio, held, f"{ada},,{at[-5]},{at[20]}", f"{ada},,{at[10]},{at[30]}", f"{ada},,{at[50]},")
    held.settle()

    assert held.metrics().presence_minutes == 40
    assert every_report(studio, ada) == {40}


def test_whoever_is_excused_stays_so_when_a_machine_did_not_see_them(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=70, participants=(ada,))
    held.mark(ada, Mark.EXCUSED, -90)
    held.settle()

    sent(studio, held, f"{ada},ABSENT,,")

    assert held.people() == {ada: Mark.EXCUSED}


@pytest.mark.parametrize("stands", [",", ";", "\t"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("quoted", ["", '"'])
def test_files_are_read_as_machines_write_them(stands: str, ends: str, mark: str, quoted: str) -> None:
    lines = [("Session ID", "E-Mail", "Note, free; text", "Status"), ("a" * 8, "ada@example.org", "", "present")]
    text = mark + ends.join(stands.join(f"{quoted}{cell}{quoted}" for cell in line) for line in lines) + ends
    if not quoted and stands in ",;":
        text = text.replace("Note, free; text", "Note")

    [row] = attendance_rows.read(text.encode(), "text/csv")

    assert (row.line, row.session, row.person) == (2, "a" * 8, "ada@example.org")
