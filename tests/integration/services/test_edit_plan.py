"""A plan is edited from a session on: what follows changes, what is touched or over stays."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from api_stub.errors import Invalid
from db import engine as database
from db import segments
from db.models import Mark
from services import attend, by_hand, edit, materialize, references, remove, rezone
from services.edit import SessionChange
from services.errors import Clash, Conflict, InvalidField, NotFound
from services.remove import Target
from tests.integration.conftest import Studio
from tests.integration.services.plans import Book, at

NOW = "2026-01-01T00:00"
MONDAYS = "FREQ=WEEKLY;BYDAY=MO"
MONDAYS_5 = "FREQ=WEEKLY;COUNT=5;BYDAY=MO"


def test_a_title_from_a_session_on_changes_what_follows_and_keeps_every_id(studio: Studio) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW)
    before = [one.recurrence_id for one in book.sessions(120)]

    book.edit("2026-01-19T18:00", "following", title="New")

    after = book.sessions(120)
    assert [one.recurrence_id for one in after] == before
    assert [one.title for one in after] == ["Pilates"] * 2 + ["New"] * (len(after) - 2)
    assert [one.title for one in book.segments()] == ["Pilates", "New"]
    assert book.plan().version == 2


def test_another_hour_from_a_session_on(studio: Studio) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW)

    found = book.edit("2026-01-19T18:00", "following", recurringTime="19:00")

    assert book.starts(30) == ["01-05 18:00", "01-12 18:00", "01-19 19:00", "01-26 19:00"]
    assert len(found.moved) == 6
    assert (found.added, found.removed) == ([], [])


def test_the_count_is_shared_out_between_head_and_tail(studio: Studio) -> None:
    book = Book(studio, "FREQ=WEEKLY;INTERVAL=2;COUNT=6;BYDAY=MO,WE", "2026-01-05T18:00", NOW)
    before = book.starts(120)

    book.edit("2026-01-21T18:00", "following", title="New")

    assert [one.rrule for one in book.segments()] == [
        "FREQ=WEEKLY;INTERVAL=2;COUNT=3;BYDAY=MO,WE",
        "FREQ=WEEKLY;INTERVAL=2;COUNT=3;BYDAY=MO,WE",
    ]
    assert [one.from_local for one in book.segments()] == [datetime(2026, 1, 5, 18), datetime(2026, 1, 21, 18)]
    assert book.starts(120) == before


def test_the_tail_writes_out_what_the_rule_took_from_the_start(studio: Studio) -> None:
    book = Book(studio, "FREQ=MONTHLY", "2026-01-31T18:00", NOW)

    book.edit("2026-05-31T18:00", "following", recurringTime="19:00")

    assert book.segments()[1].rrule == "FREQ=MONTHLY;BYMONTHDAY=31"
    assert book.starts(250) == ["01-31 18:00", "03-31 18:00", "05-31 19:00", "07-31 19:00", "08-31 19:00"]


def test_cutting_at_the_first_session_is_all(studio: Studio) -> None:
    book, other = (Book(studio, MONDAYS + ";COUNT=5", "2026-01-05T18:00", NOW) for _ in range(2))

    book.edit("2026-01-05T18:00", "following", title="New")
    other.edit(title="New")

    for one in (book, other):
        assert [(segment.title, segment.rrule) for segment in one.every_segment()] == [("New", MONDAYS_5)]
        assert {view.title for view in one.sessions()} == {"New"}


def test_the_past_is_not_rewritten(studio: Studio) -> None:
    book = Book(studio, "FREQ=DAILY", "2026-01-01T12:00", NOW)
    book.now = at("2026-01-21T12:00")
    past = [one for one in book.sessions(30, since=NOW) if one.starts_at < book.now]

    book.edit(title="New", recurringTime="13:00", duration="PT2H", timeZone="Asia/Tokyo")

    assert [one for one in book.sessions(30, since=NOW) if one.starts_at < book.now] == past
    assert len(past) == 21
    assert book.starts(2) == ["01-22 13:00", "01-23 13:00"]


def test_what_was_touched_stays_and_holds_its_date_when_the_hour_changes(studio: Studio) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.cancel(tx, book.key("2026-01-12T18:00"), "somebody", book.now)
        remove.remove(tx, studio.tenant_id, [Target(book.id, datetime(2026, 1, 19, 18))], "somebody", book.now)
        remove.delete_for_good(tx, studio.tenant_id, Target(book.id, datetime(2026, 1, 26, 18)), book.now)
        edit.edit(tx, book.key("2026-02-02T18:00"), SessionChange(starts=datetime(2026, 2, 3, 9)), book.now)
        edit.edit(tx, book.key("2026-02-09T18:00"), SessionChange(description="bring a towel"), book.now)
    touched = [book.read(wall) for wall in ("2026-01-12T18:00", "2026-01-19T18:00", "2026-02-02T18:00")]

    book.edit(recurringTime="19:00", title="Later")

    assert [book.read(f"{one.recurrence_id}") for one in touched] == touched
    assert book.starts(60) == [
        "01-05 19:00", "01-12 18:00", "02-03 09:00", "02-09 18:00", "02-16 19:00", "02-23 19:00"
    ]  # fmt: skip
    own = book.read("2026-02-09T18:00")
    assert (own.title, own.description) == ("Pilates", "bring a towel")
    with pytest.raises(NotFound):
        book.read("2026-01-26T19:00")
    again = [segment.rrule for segment in book.segments()]
    book.edit(recurringTime="18:00")
    assert [segment.rrule for segment in book.segments()] == again
    assert [one for one in book.starts(60) if one.endswith("18:00")] == [
        "01-05 18:00", "01-12 18:00", "02-09 18:00", "02-16 18:00", "02-23 18:00"
    ]  # fmt: skip


def test_a_touched_session_stays_when_the_clocks_are_computed_again(studio: Studio) -> None:
    book = Book(studio, MONDAYS, "2027-01-04T18:00", "2027-01-01T00:00")
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        edit.edit(tx, book.key("2027-01-11T18:00"), SessionChange(title="Mine"), book.now)
    book.edit(recurringTime="19:00")
    with studio.engine.begin() as connection:
        connection.execute(text("UPDATE segment SET tzdata_version = '2000a'"))

    done = rezone.drain(studio.engine)

    assert {name: done.get(name, 0) for name in ("moved", "given_up", "new")} == {"moved": 0, "given_up": 0, "new": 0}
    assert book.starts(20) == ["01-04 19:00", "01-11 18:00", "01-18 19:00"]


def test_excuses_and_participants_move_along_by_date(studio: Studio) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        people = [
            references.create(
                tx, studio.tenant_id, "users", {"name": name, "email": name, "role": "participant"}, now
            ).id
            for name in ("Ada", "Grace")
        ]
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW, participants=(people[0],))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        attend.mark(tx, book.key("2026-01-12T18:00"), people[0], Mark.EXCUSED, "somebody", book.now)

    book.edit(recurringTime="08:00")
    book.edit("2026-01-19T08:00", "following", participants=[str(people[1])])

    def marks(wall: str) -> list[tuple[UUID, Mark]]:
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            return [(one.user_id, one.mark) for one in attend.of_session(tx, book.key(wall), book.now)]

    assert marks("2026-01-05T08:00") == [(people[0], Mark.EXPECTED)]
    assert marks("2026-01-12T08:00") == [(people[0], Mark.EXCUSED)]
    assert marks("2026-01-19T08:00") == [(people[1], Mark.EXPECTED)]
    assert book.plan().participants == (people[1],)


@pytest.mark.parametrize("day", ["2026-01-10", "2026-01-14", "2026-01-26", "2026-01-05"])
def test_participants_follow_a_plan_to_another_day(studio: Studio, day: str) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        old, new = (
            references.create(
                tx, studio.tenant_id, "users", {"name": name, "email": name, "role": "participant"}, now
            ).id
            for name in ("Ada", "Grace")
        )
    book = Book(studio, "FREQ=WEEKLY", "2026-01-12T18:00", NOW, participants=(old,))
    book.edit("2026-01-26T18:00", "following", participants=[str(new)])

    book.edit(scheduledAt=f"{day}T17:00")

    def expected(wall: datetime) -> list[UUID]:
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            return [one.user_id for one in attend.of_session(tx, book.key(f"{wall}"), book.now)]

    people = [expected(one.recurrence_id) for one in book.sessions(40)]
    assert people == [[old]] * 2 + [[new]] * (len(people) - 2)
    assert book.plan().participants == (new,)


@pytest.mark.parametrize(
    "rule, wall, scope, change, expected",
    [
        ("FREQ=DAILY;COUNT=6", "01-07", "following", {"recurringCount": 3}, ["COUNT=2", "COUNT=3"]),
        ("FREQ=DAILY;COUNT=6", "01-07", "following", {"recurringUntil": "2026-01-08"}, ["COUNT=2", "UNTIL=20260108"]),
        ("FREQ=DAILY;COUNT=6", "01-07", "following", {"recurringCount": None}, ["COUNT=2", "FREQ=DAILY"]),
        ("FREQ=DAILY;UNTIL=20260110", "01-07", "following", {"recurringCount": 9}, ["UNTIL=20260107", "COUNT=9"]),
        ("FREQ=DAILY;UNTIL=20260110", "01-07", "following", {"recurringTime": "19:30"}, ["UNTIL=", "UNTIL=20260110"]),
        (MONDAYS_5, "01-12", "following", {"recurringFrequency": "DAILY"}, ["=1", "FREQ=DAILY;COUNT=4"]),
        ("FREQ=WEEKLY;COUNT=6", "01-12", "following", {"recurringByDay": "MO,TH"}, ["COUNT=1", "COUNT=5;BYDAY=MO,TH"]),
        ("FREQ=DAILY", "01-07", "following", {"recurrence": None}, ["UNTIL=20260107", "None"]),
    ],
)  # fmt: skip
def test_the_rule_is_read_over_what_the_plan_has(
    studio: Studio, rule: str, wall: str, scope: str, change: dict[str, Any], expected: list[str]
) -> None:
    book = Book(studio, rule, "2026-01-05T18:00", NOW)

    book.edit(f"2026-{wall}T18:00", scope, **change)

    for segment, part in zip(book.segments(), expected, strict=True):
        assert part in str(segment.rrule)
        assert not ("COUNT" in str(segment.rrule) and "UNTIL" in str(segment.rrule))


def test_a_new_count_for_all_is_the_total(studio: Studio) -> None:
    book = Book(studio, "FREQ=DAILY;COUNT=6", "2026-01-01T18:00", NOW)
    book.now = at("2026-01-03T12:00")

    book.edit(recurringCount=8)

    assert len(book.sessions(60, since=NOW)) == 8
    book.now = at("2026-01-04T12:00")
    with pytest.raises(Invalid, match="more than the 4 there were"):
        book.edit(recurringCount=4)


@pytest.mark.parametrize("rule", ["FREQ=DAILY;COUNT=6", "FREQ=DAILY;UNTIL=20260107"])
def test_a_new_count_for_all_is_the_total_however_often_it_is_given(studio: Studio, rule: str) -> None:
    book = Book(studio, rule, "2026-01-01T18:00", NOW)
    book.edit("2026-01-05T18:00", "following", title="New")
    book.now = at("2026-01-03T12:00")

    for _ in range(3):
        book.edit(recurringCount=8)

        assert len(book.sessions(60, since=NOW)) == 8
        book.now += timedelta(days=1)


@pytest.mark.parametrize(
    "rule, start, expected",
    [
        (MONDAYS, "2026-01-20T19:00", "FREQ=WEEKLY;BYDAY=TU"),
        ("FREQ=WEEKLY", "2026-01-21T18:00", "FREQ=WEEKLY;BYDAY=WE"),
        ("FREQ=DAILY", "2026-01-20T07:00", "FREQ=DAILY"),
        ("FREQ=MONTHLY;BYDAY=3MO", "2026-01-27T18:00", "FREQ=MONTHLY;BYDAY=4TU"),
        ("FREQ=WEEKLY;BYDAY=MO,WE", "2026-01-20T18:00", None),
    ],
)
def test_a_rule_of_one_day_follows_the_start(studio: Studio, rule: str, start: str, expected: str | None) -> None:
    book = Book(studio, rule, "2026-01-19T18:00", NOW)
    book.edit("2026-01-19T18:00", title="same")

    if expected is None:
        with pytest.raises(Invalid, match="expected the rule beside it"):
            book.edit("2026-01-19T18:00", "following", scheduledAt=start)
        return
    book.edit("2026-01-19T18:00", "following", scheduledAt=start)

    assert book.segments()[-1].rrule == expected
    assert book.starts(30)[0] == f"{datetime.fromisoformat(start):%m-%d %H:%M}"


def test_all_leaves_a_session_alone_whose_new_start_has_passed(studio: Studio) -> None:
    book = Book(studio, "FREQ=DAILY", "2026-01-05T18:00", NOW)
    book.now = at("2026-01-07T03:00")  # noon in Seoul

    found = book.edit(recurringTime="09:00")

    assert book.starts(2) == ["01-07 18:00", "01-08 09:00", "01-09 09:00"]
    assert "2026-01-07T18:00:00" in found.notes[0]
    with pytest.raises(InvalidField, match="still ahead"):
        book.edit("2026-01-08T09:00", "following", scheduledAt="2026-01-07T09:00")


def test_a_tail_does_not_begin_before_the_session_that_stays(studio: Studio) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW)
    before = book.dump()

    with pytest.raises(InvalidField, match="after the session before it"):
        book.edit("2026-01-19T18:00", "following", scheduledAt="2026-01-10T18:00")

    assert book.dump() == before


def test_another_zone_keeps_wall_times_and_ids(studio: Studio) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW)
    ids = [one.recurrence_id for one in book.sessions()]

    book.edit(timeZone="Europe/Berlin")

    assert [one.recurrence_id for one in book.sessions()] == ids
    assert book.sessions()[0].starts_at == at("2026-01-05T17:00")


def test_extra_starts_exceptions_and_excluded_days_stay_on_their_dates(studio: Studio) -> None:
    extra = (datetime(2026, 1, 14, 10), datetime(2026, 1, 15, 18))
    out = (date(2026, 1, 19), datetime(2026, 1, 26, 18))
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW, rdates=extra, exdates=out)

    book.edit(recurringTime="19:00")

    assert book.starts(40) == [
        "01-05 19:00", "01-12 19:00", "01-14 10:00", "01-15 19:00", "02-02 19:00", "02-09 19:00"
    ]  # fmt: skip
    book.edit("2026-01-12T19:00", "following", recurrence={"exdates": ["2026-02-02T19:00"]})
    assert book.starts(40) == [
        "01-05 19:00", "01-12 19:00", "01-14 10:00", "01-15 19:00", "01-26 19:00", "02-09 19:00"
    ]  # fmt: skip


def test_bookings_move_along_and_leave_what_they_had(studio: Studio, hall: UUID) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW, space_id=hall)
    book.edit("2026-01-12T18:00", "following", recurringTime="20:00")

    other = Book(studio, MONDAYS, "2026-01-12T18:00", NOW, space_id=hall)

    before = book.dump()
    with pytest.raises(Clash) as refused:
        other.edit("2026-01-19T18:00", "following", recurringTime="20:30")
    assert refused.value.clashes[0].series_id == book.id
    assert book.dump() == before
    other.edit(spaceId=None)
    book.edit("2026-01-19T20:00", "following", recurringTime="18:00")


def test_a_later_segment_is_changed_with_its_own_times_and_a_new_rule_replaces_it(studio: Studio) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW)
    book.edit("2026-01-19T18:00", "following", scheduledAt="2026-01-20T19:00")

    book.edit("2026-01-12T18:00", "following", title="New")

    assert book.starts(25) == ["01-05 18:00", "01-12 18:00", "01-20 19:00"]
    assert [one.title for one in book.sessions(25)] == ["Pilates", "New", "New"]
    found = book.edit("2026-01-12T18:00", "following", recurrence={"rrule": "FREQ=WEEKLY;BYDAY=FR"})
    assert book.starts(25) == ["01-05 18:00", "01-16 18:00", "01-23 18:00"]
    assert any("2026-01-20T19:00:00" in note for note in found.notes)


def test_a_plan_that_is_over_or_removed_is_not_edited(studio: Studio) -> None:
    book = Book(studio, "FREQ=DAILY;COUNT=2", "2026-01-05T18:00", NOW)
    book.now = at("2026-02-01T00:00")
    with pytest.raises(Conflict, match="history"):
        book.edit(title="x")
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        remove.remove(tx, studio.tenant_id, [Target(book.id)], "somebody", book.now)
    with pytest.raises(Conflict, match="restore"):
        book.edit(title="x")


def test_an_old_rule_with_a_count_is_cut_far_from_its_start(studio: Studio) -> None:
    book = Book(studio, "FREQ=DAILY;COUNT=4000", "2018-01-01T18:00", NOW)
    left = (date(2018, 1, 1) + timedelta(days=4000) - date(2026, 1, 5)).days

    book.edit("2026-01-05T18:00", "following", recurringTime="19:00")

    assert book.segments()[-1].rrule == f"FREQ=DAILY;COUNT={left}"


def test_dates_alone_leave_later_segments_their_rules(studio: Studio) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW)
    book.edit("2026-01-19T18:00", "following", scheduledAt="2026-01-20T19:00")

    book.edit(recurringExceptionDates="2026-01-12T18:00,2026-01-27T19:00", recurringIncludeDates="2026-01-14T10:00")

    assert book.starts(30) == ["01-05 18:00", "01-14 10:00", "01-20 19:00"]
    assert [str(one.rrule)[-2:] for one in book.segments()] == ["MO", "TU"]


@pytest.mark.parametrize("touched", [False, True])
def test_an_edit_takes_up_all_of_a_plan_that_was_set_aside(studio: Studio, touched: bool) -> None:
    book = Book(studio, MONDAYS, "2026-01-05T18:00", NOW)
    if touched:
        book.edit("2026-01-26T18:00", "following", title="Then")
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            by_hand.cancel(tx, book.key("2026-02-02T18:00"), "key", at(NOW))
    with studio.engine.begin() as connection:
        connection.execute(text("DELETE FROM session WHERE recurrence_id BETWEEN '2026-01-10' AND '2026-01-24'"))
        connection.execute(
            text("UPDATE segment SET set_aside = 'bad', next_materialize_at = NULL, materialized_until = '2026-01-08Z'")
        )

    book.edit("2026-01-26T18:00", "following", title="New")
    with database.transaction(studio.engine) as (tx, _):
        materialize.fill(tx, segments.claim(tx, book.now, 100), book.now, studio.settings)

    assert {one.set_aside for one in book.every_segment()} == {None}
    assert [one.materialized for one in book.sessions(30)] == [True] * 4
