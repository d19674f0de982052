"""Whoever was excused and comes after all: before the start only where the place is still free."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from api_stub import attendance_rows
from db import engine as database
from db.models import AutoStart, Mark
from lifecycle import State
from services import attend, attendance_import, enrol, identity, presence, retry, waitlist
from services.errors import Conflict
from services.presence import Message
from tests.integration.conftest import Studio
from tests.integration.services.classes import Class

GIVEN = "the place was given to somebody else"


def asks(held: Class, user_id: UUID) -> None:
    """Somebody wants a place at the class."""
    tenant_id, series_id, _ = held.key
    engine = held.studio.engine
    retry.write(
        engine,
        tenant_id,
        lambda tx, _: waitlist.hold(tx, series_id, [user_id]),
        lambda tx, _, now: enrol.at_session(tx, held.key, user_id, now, one_time=True),
    )


def soon(studio: Studio, bo: UUID, ada: UUID, start: AutoStart = AutoStart.SCHEDULED) -> Class:
    """A class with one place, ten minutes before its start: Bo is excused, Ada wants the place, too."""
    held = Class(studio, began=-10, capacity=1, auto_start=start, participants=(bo,))
    asks(held, ada)
    held.mark(bo, Mark.EXCUSED)
    return held


@pytest.mark.parametrize("start", [AutoStart.SCHEDULED, AutoStart.FIRST_CHECK_IN])
def test_a_place_that_somebody_else_has_is_not_taken_by_coming(
    studio: Studio, bo: UUID, ada: UUID, start: AutoStart
) -> None:
    held = soon(studio, bo, ada, start)

    with pytest.raises(Conflict, match=GIVEN):
        held.check_in(bo)

    assert (held.read().state, held.people()) == (State.SCHEDULED, {ada: Mark.EXPECTED, bo: Mark.EXCUSED})
    held.mark(ada, Mark.EXCUSED)
    assert held.check_in(bo).mark is Mark.PRESENT


def test_who_comes_when_the_session_has_begun_is_there(studio: Studio, bo: UUID, ada: UUID) -> None:
    held = Class(studio, began=3, capacity=1, participants=(bo,))
    held.mark(bo, Mark.EXCUSED)
    held.mark(ada, Mark.PRESENT)

    assert held.check_in(bo).mark is Mark.PRESENT


def test_of_two_who_want_the_same_place_at_once_one_has_it(studio: Studio, bo: UUID, ada: UUID) -> None:
    held = Class(studio, began=-10, capacity=1, participants=(bo,))
    held.mark(bo, Mark.EXCUSED)

    def comes() -> None:
        message = Message(bo, None)
        retry.run(studio.engine, studio.tenant_id, lambda tx, _: presence.check_in(tx, held.key, message, "gate"))

    def tried(journey: object) -> bool:
        try:
            journey()  # type: ignore[operator]
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as both:
        came, _ = both.map(tried, [comes, lambda: asks(held, ada)])

    there = {one for one, mark in held.people().items() if mark is not Mark.EXCUSED}
    assert there == ({bo} if came else {ada})


def test_rows_in_bulk_take_no_place_either(studio: Studio, bo: UUID, ada: UUID) -> None:
    held = soon(studio, bo, ada)
    name = identity.format_id(held.key.series_id, held.key.recurrence_id)
    lines = f"sessionId,userId,status\n{name},{bo},PRESENT\n{name},{ada},PRESENT"
    delivered = attendance_rows.read(lines.encode(), "text/csv")
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        id_ = attendance_import.store(tx, studio.tenant_id, delivered, "gate", now).id

    attendance_import.drain(studio.engine)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        [row] = attendance_import.report(tx, studio.tenant_id, id_, 10, None).rows[:1]
        assert "excused from a session ahead" in (row.detail or "")
    assert held.people() == {ada: Mark.PRESENT, bo: Mark.EXCUSED}


def test_a_mark_that_is_left_of_somebody_without_a_place_is_not_told_as_absent(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=70)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        attend.mark(tx, held.key, ada, Mark.EXPECTED, "key", held.at(-60))

    before = held.people()
    held.settle()

    assert before == held.people() == {ada: Mark.EXPECTED}
