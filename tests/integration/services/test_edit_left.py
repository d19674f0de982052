"""An edit of a plan of which parts were removed, cancelled, moved or edited before."""

from datetime import datetime
from uuid import UUID

import pytest

from db import engine as database
from services import by_hand, edit, remove, remove_rest
from services.edit import SessionChange
from services.errors import Clash, Conflict, Moved
from services.reach import Named
from services.remove import Target
from tests.integration.conftest import Studio
from tests.integration.services.plans import Book

NOW = "2026-01-01T00:00"
MONDAYS = "FREQ=WEEKLY;BYDAY=MO"


def cancel(book: Book, wall: str) -> None:
    """Call one session off."""
    with database.transaction(book.studio.engine, book.studio.tenant_id) as (tx, _):
        by_hand.cancel(tx, book.key(wall), "somebody", book.now)


def test_a_new_rule_over_a_removed_stretch_has_all_its_sessions(studio: Studio) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        named = Named(
            tenant_id=studio.tenant_id, series_id=book.id, recurrence_id=datetime(2026, 1, 19, 18), following=True
        )
        remove_rest.take(tx, remove_rest.hold(tx, named, book.now), "somebody", book.now)

    book.edit(recurringUntil="2026-02-04")

    assert book.starts() == ["01-05 18:00", "01-12 18:00", "01-19 18:00", "01-26 18:00", "02-02 18:00"]


def test_a_session_whose_start_another_of_its_day_takes_is_not_lost(studio: Studio) -> None:
    book = Book(studio, "FREQ=DAILY;BYHOUR=10,12", "2026-01-05T10:00", NOW)

    book.edit(recurrence={"rrule": "FREQ=DAILY;BYHOUR=12,14"}, scheduledAt="2026-01-05T12:00")

    assert book.starts(6) == ["01-05 12:00", "01-05 14:00", "01-06 12:00", "01-06 14:00"]


def test_a_cancelled_session_named_by_its_id_is_followed_by_what_comes_after(studio: Studio) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.cancel(tx, book.key("2026-01-19T18:00"), "somebody", book.now)
    book.edit("2026-01-12T18:00", "following", recurringByDay=["TU"])

    book.edit("2026-01-19T18:00", "following", title="New")

    assert [one.title for one in book.sessions(30)] == ["Pilates"] * 3 + ["New"] * 2


def test_a_tail_clashes_with_a_session_of_its_plan_that_was_moved_far_away(studio: Studio, hall: UUID) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW, space_id=hall)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        key = book.key("2028-01-03T18:00")
        edit.edit(tx, key, SessionChange(starts=datetime(2029, 1, 4, 10)), book.now)
    rule = {"rrule": "FREQ=WEEKLY;BYDAY=MO,TH"}

    for named in (None, "2026-01-12T18:00", "2028-01-10T18:00"):
        scope, day = ("all", "2026-01-05") if named is None else ("following", named[:10])
        with pytest.raises(Clash) as refused:
            book.edit(named, scope, recurrence=rule, scheduledAt=f"{day}T10:00")
        assert [one.recurrence_id for one in refused.value.clashes] == [datetime(2028, 1, 3, 18)]

    book.edit(recurrence=rule, scheduledAt="2026-01-05T11:00")


def test_a_tail_clashes_with_the_last_session_of_its_head_beyond_the_horizon(studio: Studio, hall: UUID) -> None:
    book = Book(studio, "FREQ=DAILY", "2026-01-05T20:00", NOW, space_id=hall)
    book.edit(duration="PT8H")

    with pytest.raises(Clash) as refused:
        book.edit("2027-06-01T20:00", "following", scheduledAt="2027-06-01T02:00")
    assert [one.recurrence_id for one in refused.value.clashes] == [datetime(2027, 5, 31, 20)]

    found = book.edit("2027-06-01T20:00", "following", scheduledAt="2027-06-01T04:00")
    assert found.notes == []
    assert book.edit(title="New").notes == []


def test_an_edit_after_an_edit_loses_no_session_of_a_day_that_has_a_touched_one(studio: Studio) -> None:
    book = Book(studio, "FREQ=HOURLY;COUNT=6", "2026-01-05T08:00", NOW)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.cancel(tx, book.key("2026-01-05T10:00"), "somebody", book.now)
    book.edit("2026-01-05T09:00", "following", recurringTime="09:15")

    book.edit("2026-01-05T09:15", "following", recurringTime="09:20")

    later = ["01-05 11:20", "01-05 12:20", "01-05 13:20"]
    assert book.starts() == ["01-05 08:00", "01-05 09:20", "01-05 10:00", *later]
    book.edit("2026-01-05T09:20", "following", title="New")
    assert book.starts() == ["01-05 08:00", "01-05 09:20", "01-05 10:00", *later]


def test_a_new_rule_over_two_stretches_of_a_day_leaves_out_the_place_of_a_touched_session(studio: Studio) -> None:
    book = Book(studio, "FREQ=HOURLY;COUNT=6", "2026-01-05T08:00", NOW)
    book.edit("2026-01-05T11:00", "following", recurringTime="11:30")
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.cancel(tx, book.key("2026-01-05T12:30"), "somebody", book.now)

    book.edit(recurringInterval=2)

    assert book.starts() == ["01-05 08:00", "01-05 10:00", "01-05 12:00", "01-05 12:30", "01-05 14:00", "01-05 18:00"]


@pytest.mark.parametrize("hour", [12, 13])
def test_a_touched_session_of_another_stretch_of_the_day_takes_no_place_of_the_first(studio: Studio, hour: int) -> None:
    book = Book(studio, "FREQ=DAILY;BYHOUR=10,12;COUNT=6", "2026-01-05T10:00", NOW)
    if hour == 12:
        book.edit("2026-01-06T12:00", "following", title="New")
    cancel(book, "2026-01-06T12:00")
    if hour == 13:
        book.edit("2026-01-06T12:00", "following", recurrence={"rrule": "FREQ=DAILY;BYHOUR=13;COUNT=2"},
                  scheduledAt="2026-01-06T13:00")  # fmt: skip
    starts = book.starts()

    book.edit(title="Newer")

    assert book.starts() == starts
    assert starts[:4] == ["01-05 10:00", "01-05 12:00", "01-06 10:00", "01-06 12:00"]
    assert [one.title for one in book.sessions(removed=True)].count("Newer") == len(starts) - 1


def test_a_touched_session_for_which_a_day_has_no_place_takes_none(studio: Studio) -> None:
    book = Book(studio, "FREQ=DAILY;BYHOUR=10,12;COUNT=6", "2026-01-05T10:00", NOW)
    cancel(book, "2026-01-06T12:00")
    book.edit(recurrence={"rrule": "FREQ=DAILY;BYHOUR=10;COUNT=3"})
    starts = ["01-05 10:00", "01-06 10:00", "01-06 12:00", "01-07 10:00"]
    assert book.starts() == starts

    book.edit(title="New")

    assert book.starts() == starts
    found = book.edit(recurrence={"rrule": "FREQ=DAILY;BYHOUR=10,12;COUNT=6"})
    assert datetime(2026, 1, 6, 12) not in [one.recurrence_id for one in found.added]
    assert book.segments()[-1].exdates == ["20260106T120000"]


def test_an_exception_whose_place_went_away_takes_no_other_of_its_day(studio: Studio) -> None:
    book = Book(
        studio, "FREQ=DAILY;BYHOUR=10,12,14;COUNT=6", "2026-01-05T10:00", NOW, exdates=[datetime(2026, 1, 5, 14)]
    )
    book.edit(recurrence={"rrule": "FREQ=DAILY;BYHOUR=10,12;COUNT=4"})
    book.edit(scheduledAt="2026-01-05T09:00", recurrence={"rrule": "FREQ=DAILY;BYHOUR=9,11;COUNT=4"})
    assert book.starts() == ["01-05 09:00", "01-05 11:00", "01-06 09:00", "01-06 11:00"]

    book.edit(recurrence={"rrule": "FREQ=DAILY;BYHOUR=9,11,14;COUNT=6"})

    assert book.starts() == ["01-05 09:00", "01-05 11:00", "01-06 09:00", "01-06 11:00", "01-06 14:00"]


def test_an_exception_that_matches_nothing_takes_out_nothing_when_the_hour_changes(studio: Studio) -> None:
    book = Book(studio, "FREQ=DAILY;COUNT=3", "2026-01-05T18:00", NOW, exdates=[datetime(2026, 1, 6, 17)])

    book.edit(recurringTime="19:00")

    assert book.starts() == ["01-05 19:00", "01-06 19:00", "01-07 19:00"]


def test_an_exception_holds_its_date_while_the_plan_has_no_session_then(studio: Studio) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW, exdates=[datetime(2026, 1, 12, 18)])
    book.edit(scheduledAt="2026-01-06T18:00", recurringByDay=["TU"])

    book.edit(scheduledAt="2026-01-05T19:00", recurringByDay=["MO"], recurringUntil="2026-01-20")

    assert book.starts() == ["01-05 19:00", "01-19 19:00"]


def test_two_stretches_of_a_day_are_not_moved_to_one_hour(studio: Studio) -> None:
    book = Book(studio, "FREQ=HOURLY;COUNT=6", "2026-01-05T08:00", NOW)
    book.edit("2026-01-05T11:00", "following", recurringTime="11:30")

    with pytest.raises(Conflict, match="begins at 2026-01-05T08:15:00"):
        book.edit(recurringTime="08:15")


def test_removing_a_session_that_an_edit_took_away_says_where_it_is_now(studio: Studio) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW)
    book.edit(recurringTime="19:00")

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        target = Target(book.id, datetime(2026, 1, 12, 18))
        removal, *_ = remove.remove(tx, studio.tenant_id, [target], "somebody", book.now)

    assert isinstance(removal.error, Moved)
    assert removal.error.heir == book.id_of("2026-01-12T19:00")


def test_a_tail_that_begins_before_a_stretch_of_which_nothing_is_left_goes_on_to_be_edited(studio: Studio) -> None:
    book = Book(studio, "FREQ=WEEKLY;BYDAY=MO;COUNT=6", "2026-01-05T18:00", NOW)
    cancel(book, "2026-01-19T18:00")
    book.edit("2026-01-19T18:00", "following", title="New")
    book.edit("2026-01-19T18:00", "following", scheduledAt="2026-01-11T18:00", recurringByDay=["SU"])

    book.edit("2026-02-01T18:00", "following", title="Newer")

    assert book.starts() == ["01-05 18:00", "01-12 18:00", "01-18 18:00", "01-19 18:00", "01-25 18:00", "02-01 18:00"]
    assert [one.title for one in book.sessions()] == ["Pilates", "Pilates", "New", "Pilates", "New", "Newer"]
    assert [one.from_local.day for one in book.segments()] == [5, 18, 1]


def test_a_plan_whose_first_date_is_left_out_moves_to_earlier_days_and_is_edited_again(studio: Studio) -> None:
    book = Book(studio, "FREQ=DAILY;COUNT=6", "2026-01-05T18:00", NOW, exdates=[datetime(2026, 1, 5, 18)])
    book.edit(scheduledAt="2026-01-04T17:00")

    book.edit("2026-01-07T17:00", "following", title="New")

    assert book.starts() == ["01-04 17:00", "01-05 17:00", "01-06 17:00", "01-07 17:00", "01-08 17:00"]
    assert [one.title for one in book.sessions()] == ["Pilates"] * 3 + ["New"] * 2
    assert book.read("2026-01-08T17:00").title == "New"


@pytest.mark.parametrize("scope", ["following", "all"])
def test_what_is_kept_for_touched_sessions_is_in_the_way_of_no_stretch(studio: Studio, scope: str) -> None:
    book = Book(studio, "FREQ=HOURLY;COUNT=4", "2026-01-05T18:00", NOW)
    cancel(book, "2026-01-05T18:00")
    book.edit("2026-01-05T18:00", "following", scheduledAt="2026-01-05T18:30:00", title="New")

    book.edit("2026-01-05T19:30" if scope == "following" else None, scope, scheduledAt="2026-01-05T18:29:59")

    assert book.starts() == ["01-05 18:00", "01-05 18:29", "01-05 19:29", "01-05 20:29"]
    assert [one.title for one in book.sessions()] == ["Pilates", "New", "New", "New"]
    book.edit(title="Newer")
    assert [one.title for one in book.sessions()] == ["Pilates", "Newer", "Newer", "Newer"]
