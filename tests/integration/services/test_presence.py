"""People come and go, several times if need be; what contradicts what is known is refused."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from db import engine as database
from db.models import AutoStart, Mark
from lifecycle import State
from services import by_hand
from services.errors import Conflict, InvalidField, NotFound
from services.presence import Message, check_in
from tests.integration.conftest import Studio
from tests.integration.services.classes import Class, person


@pytest.fixture
def ben(studio: Studio) -> UUID:
    return person(studio, "Ben")


def test_who_comes_in_time_is_present(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=20, participants=(ada,))

    view = held.check_in(ada, 5)

    assert view.mark is Mark.PRESENT
    assert [(stay.checked_in_at, stay.checked_out_at) for stay in view.stays] == [(held.at(5), None)]
    assert view.marked_by == "gate"


def test_who_comes_later_than_late_after_is_late(studio: Studio, ada: UUID, ben: UUID) -> None:
    held = Class(studio, began=20, participants=(ada, ben))
    strict = Class(studio, began=20, late_after=timedelta(0))

    assert held.check_in(ada, 5 + 1 / 60).mark is Mark.LATE
    assert strict.check_in(ben, 1 / 60).mark is Mark.LATE


def test_who_is_not_enrolled_and_comes_is_marked_too(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=20)

    held.check_in(ada, 1)

    assert held.people() == {ada: Mark.PRESENT}


def test_the_same_check_in_twice_is_one(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=20)
    first = held.check_in(ada, 1)

    assert held.check_in(ada, 1) == first
    held.check_out(ada, 3)
    assert len(held.check_in(ada, 1).stays) == 1, "a message that was doubled may be late as well"


def test_a_second_check_in_while_in_is_refused(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=20)
    held.check_in(ada, 1)

    for minutes in (2, None):
        with pytest.raises(Conflict, match="second check-in: the person is there since"):
            held.check_in(ada, minutes)


def test_the_same_check_out_twice_is_one_and_another_is_refused(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=20)
    held.check_in(ada, 1)
    first = held.check_out(ada, 10)

    assert held.check_out(ada, 10) == first
    with pytest.raises(Conflict, match=r"not there at .*: the person checked out at"):
        held.check_out(ada, 12)


def test_nobody_goes_who_has_not_come(studio: Studio, ada: UUID) -> None:
    with pytest.raises(Conflict, match="has not checked in"):
        Class(studio, began=20).check_out(ada)


def test_a_person_comes_and_goes_several_times(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=40)
    held.check_in(ada, -10)
    held.check_out(ada, 10)

    held.check_in(ada, 20)
    view = held.check_out(ada, 30)

    assert view.mark is Mark.PRESENT, "a second coming makes nobody late"
    spans = [(held.at(-10), held.at(10)), (held.at(20), held.at(30))]
    assert [(stay.checked_in_at, stay.checked_out_at) for stay in view.stays] == spans


def test_messages_in_the_wrong_order_come_to_the_same(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=40)
    assert held.check_in(ada, 20).mark is Mark.LATE

    assert held.check_in(ada, 2).mark is Mark.PRESENT
    view = held.check_out(ada, 10)

    assert [stay.checked_out_at for stay in view.stays] == [held.at(10), None]


def test_check_in_opens_half_an_hour_before_the_start(studio: Studio, ada: UUID) -> None:
    early, soon = Class(studio, began=-31), Class(studio, began=-29)

    with pytest.raises(Conflict, match=f"check-in opens at {early.at(-30):%Y-%m-%dT%H:%M:%SZ}"):
        early.check_in(ada)
    assert soon.check_in(ada).mark is Mark.PRESENT
    assert soon.read().state is State.SCHEDULED, "it starts by itself"


def test_a_session_that_was_started_early_is_open(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=-90)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        by_hand.start(tx, held.key, "key", now)

    assert held.check_in(ada).mark is Mark.PRESENT


def test_an_instant_to_come_is_refused(studio: Studio, ada: UUID) -> None:
    with pytest.raises(InvalidField, match="expected an instant that has passed"):
        Class(studio, began=20).check_in(ada, 25)


def test_unknown_people_and_sessions_are_refused(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=20)

    with pytest.raises(InvalidField, match="one of the tenant's users"):
        held.check_in(uuid4())
    held.key = held.key._replace(series_id=uuid4())
    with pytest.raises(NotFound):
        held.check_in(ada)


def test_nobody_comes_to_what_is_cancelled_or_over(studio: Studio, ada: UUID) -> None:
    off, over = Class(studio, began=20), Class(studio, began=90)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        by_hand.cancel(tx, off.key, "key", now)

    with pytest.raises(Conflict, match="CANCELLED"):
        off.check_in(ada)
    with pytest.raises(Conflict, match="the session ended at"):
        over.check_in(ada)


def test_a_message_that_is_late_counts_and_the_record_is_computed_again(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=90, participants=(ada,))
    held.settle()
    assert held.metrics().absent == 1

    held.check_in(ada, 10)
    held.check_out(ada, 65)
    held.settle()

    record = held.metrics()
    assert (record.absent, record.late) == (0, 1)


def test_who_does_not_check_out_was_there_until_the_end(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=20)
    held.check_in(ada, 1)

    held.end()

    [view] = held.views()
    assert view.stays[0].checked_out_at == held.read().ended_at


def test_who_was_excused_and_comes_is_there(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=20, participants=(ada,))
    held.mark(ada, Mark.EXCUSED)

    assert held.check_in(ada).mark is Mark.LATE


def test_the_first_check_in_starts_a_session_that_waits_for_it(studio: Studio, ada: UUID, ben: UUID) -> None:
    held = Class(studio, began=10, auto_start=AutoStart.FIRST_CHECK_IN)
    held.settle()
    assert held.read().state is State.SCHEDULED

    held.check_in(ada, 7)
    held.check_in(ben, 8)

    view = held.read()
    assert (view.state, view.started_at) == (State.IN_PROGRESS, held.at(7))
    assert held.ledger() == [("start", held.at(7), "gate")]


def test_the_first_check_in_may_start_it_before_the_plan(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=-20, auto_start=AutoStart.FIRST_CHECK_IN)

    held.check_in(ada)

    view = held.read()
    assert view.state is State.IN_PROGRESS
    assert view.started_at is not None
    assert view.started_at < held.starts


def test_a_mark_starts_it_as_a_check_in_does(studio: Studio, ada: UUID, ben: UUID) -> None:
    held = Class(studio, began=10, auto_start=AutoStart.FIRST_CHECK_IN, participants=(ada, ben))

    held.mark(ben, Mark.EXCUSED)
    assert held.read().state is State.SCHEDULED
    held.mark(ada, Mark.PRESENT)

    assert held.read().state is State.IN_PROGRESS


def test_it_is_missed_when_nobody_comes_before_its_end(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=61, auto_start=AutoStart.FIRST_CHECK_IN)

    assert held.read().state is State.MISSED
    held.settle()
    assert [kind for kind, *_ in held.ledger()] == ["miss"]
    with pytest.raises(Conflict, match="MISSED: if it did take place, correct it first"):
        held.check_in(ada, 30)


@pytest.mark.parametrize(
    "act",
    [Class.check_in, lambda held, ada: held.check_in(ada, 30), lambda held, ada: held.mark(ada, Mark.PRESENT)],
)
def test_a_check_in_starts_nothing_that_was_set_aside_and_whose_end_has_passed(
    studio: Studio, ada: UUID, act: Callable[[Class, UUID], object]
) -> None:
    held = Class(studio, began=70, auto_start=AutoStart.FIRST_CHECK_IN)
    held.put_aside()

    with pytest.raises(Conflict, match=f"cannot start a session that was to end at {held.at(60):%Y-%m-%dT%H:%M:%SZ}"):
        act(held, ada)

    assert (held.ledger(), held.people()) == ([], {})


def test_a_session_that_was_reinstated_starts_no_earlier_than_that(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=10, auto_start=AutoStart.FIRST_CHECK_IN)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        by_hand.cancel(tx, held.key, "key", now)
        by_hand.reinstate(tx, held.key, "key", now)

    held.check_in(ada, 5)

    kinds = held.ledger()
    assert [kind for kind, *_ in kinds] == ["cancel", "reinstate", "start"]
    assert kinds[2][1] == kinds[1][1]


def test_a_session_without_a_row_is_written(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=10, rule="FREQ=DAILY")
    with studio.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM session")

    assert held.check_in(ada).mark is Mark.LATE
    assert held.read().state is State.IN_PROGRESS


def test_a_check_in_is_judged_after_the_lock_was_granted(studio: Studio, ada: UUID) -> None:
    held = Class(studio, began=10)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, began):
        known = check_in(tx, held.key, Message(ada, None), "gate")

    assert known.marked_at > began
