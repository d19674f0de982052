"""With a newer edition of tzdata, what has not begun follows the clocks of its place; nothing else moves."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

import recurrence
from db import editions
from db import engine as database
from db.models import AutoStart
from db.sessions import SessionKey
from lifecycle import Step
from services import by_hand, edit, remove, restore, transition
from services.edit import SessionChange
from tests.editions import Clock, at
from tests.integration.conftest import Studio
from tests.integration.services.zones import (
    HOUR,
    MONDAY,
    NOW,
    Installer,
    edition,
    fill,
    go,
    misplaced,
    moments,
    preview,
    rows,
    weekly,
)


def test_sessions_ahead_follow_the_clock_on_the_wall_and_keep_their_keys(studio: Studio, install: Installer) -> None:
    series_id = weekly(studio)
    before = rows(studio, series_id)

    install("2099a")
    done = go(studio)

    after = rows(studio, series_id)
    assert list(after) == list(before)
    assert {wall: before[wall] - after[wall] for wall in before} == {
        wall: HOUR if wall >= MONDAY else timedelta(0) for wall in before
    }
    assert done == {"segments": 1, "moved": sum(wall >= MONDAY for wall in before)}
    assert edition(studio) == ["2099a"]


def test_what_comes_next_for_a_session_moves_with_it(studio: Studio, install: Installer) -> None:
    weekly(studio)
    weekly(studio, 20, auto_start=AutoStart.MANUAL, auto_end=False)

    install("2099a")
    go(studio)

    with studio.engine.connect() as connection:
        wrong = connection.scalar(
            text(
                "SELECT count(*) FROM session WHERE end_due_at - ends_at <> CASE next_step WHEN 'START'"
                " THEN interval '0' ELSE interval '12 hours' END OR ends_at - starts_at <> interval '1 hour'"
                " OR next_due_at <> CASE next_step WHEN 'START' THEN starts_at ELSE ends_at END"
            )
        )
    assert wrong == 0


def test_what_was_cancelled_or_removed_or_has_begun_stays(studio: Studio, install: Installer) -> None:
    series_id = weekly(studio, 18)
    keys = [SessionKey(studio.tenant_id, series_id, MONDAY + timedelta(weeks=week)) for week in range(4)]
    begun = MONDAY.replace(hour=8, tzinfo=NOW.tzinfo)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.cancel(tx, keys[1], "key", NOW)
        remove.remove(tx, studio.tenant_id, [remove.Target(series_id, keys[2].recurrence_id)], "key", NOW)
        by_hand.start(tx, keys[3], "key", NOW)
    before = moments(studio)

    install("2099a")
    go(studio, begun + 2 * HOUR)  # the first began an hour ago; no worker came yet

    after = moments(studio)
    assert [before[key.recurrence_id] - after[key.recurrence_id] for key in keys] == [timedelta(0)] * 4
    assert before[MONDAY + timedelta(weeks=4)] - after[MONDAY + timedelta(weeks=4)] == HOUR


def test_a_session_moved_on_its_own_keeps_its_own_wall_time_and_length(studio: Studio, install: Installer) -> None:
    key = SessionKey(studio.tenant_id, weekly(studio), MONDAY)
    own = datetime(2026, 1, 21, 11)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        edit.edit(tx, key, SessionChange(starts=own, ends=own.replace(hour=14)), NOW)

    install("2099a")
    go(studio)

    with studio.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM session WHERE moved_to_local IS NOT NULL")).one()
    assert (row.recurrence_id, row.moved_to_local) == (MONDAY, own)
    assert (row.starts_at, row.ends_at) == (at(2026, 1, 21, 1), at(2026, 1, 21, 4))
    assert row.next_due_at == row.starts_at


def test_a_session_moved_to_the_second_of_two_equal_hours_stays_there(studio: Studio, install: Installer) -> None:
    twice = Clock(9, ((at(2026, 1, 31, 17), 8.0),))  # 1 February: from 02:00 back to 01:00
    install("2099a", twice)
    key = SessionKey(studio.tenant_id, weekly(studio), MONDAY)
    second = at(2026, 1, 31, 17)  # 01:00 again
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        edit.edit(tx, key, SessionChange(starts=second), NOW)

    install("2099b", twice)
    done = go(studio)

    assert done == {"segments": 1}
    assert rows(studio)[MONDAY] == second


def test_a_start_that_has_passed_by_the_new_rules_is_due_at_once_at_its_own_instant(
    studio: Studio, install: Installer
) -> None:
    key = SessionKey(studio.tenant_id, weekly(studio), MONDAY)
    now = at(2026, 1, 19, 8) + HOUR / 2  # 17:30 by the old clock, 18:30 by the new one

    install("2099a")
    go(studio, now)
    counts = transition.drain(studio.engine, Step.START, 1000)

    assert counts["start"] >= 1
    with studio.engine.connect() as connection:
        ledger = text("SELECT effective_at FROM transition WHERE (series_id, recurrence_id) = (:id, :wall)")
        found = connection.scalar(ledger, {"id": key.series_id, "wall": MONDAY})
    assert found == at(2026, 1, 19, 8)


def test_a_session_whose_hour_is_skipped_now_is_given_up_where_the_plan_says_skip(
    studio: Studio, hall: UUID, install: Installer
) -> None:
    weekly(studio, 18, "FREQ=WEEKLY", gap="SKIP", space_id=hall)
    skipped = Clock(9, ((at(2026, 1, 19, 9), 10.5),))  # 18:00 becomes 19:30

    install("2099a", skipped)
    listed = [one for one in preview(studio) if one.starts_at is None]
    done = go(studio)

    assert [one.recurrence_id for one in listed] == [MONDAY]
    assert done["given_up"] == 1
    assert MONDAY not in rows(studio)
    assert misplaced(studio) == 0
    with studio.engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM session WHERE removed_at IS NOT NULL")).one()
    assert (row.recurrence_id, row.next_step, row.next_due_at, row.removed_at) == (MONDAY, None, None, NOW)


def test_of_two_sessions_that_coincide_now_the_one_whose_wall_time_exists_stays(
    studio: Studio, install: Installer
) -> None:
    install("2099a", Clock(-12))
    weekly(studio, 7, "FREQ=DAILY")

    install("2099b", Clock(-12, ((at(2026, 1, 19, 12), 12.0),)))  # no 19 January, as Samoa had no 30 December 2011
    done = go(studio)

    assert done["given_up"] == 1
    assert [wall.day for wall in rows(studio) if wall.month == 1 and 18 <= wall.day <= 21] == [18, 20, 21]


def test_an_hour_that_exists_again_gives_its_session_back(studio: Studio, install: Installer) -> None:
    install("2099a", Clock(9, ((at(2026, 1, 19, 9), 10.5),)))
    weekly(studio, 18, gap="SKIP")
    before = rows(studio)

    install("2099b", Clock(9))
    [listed] = [one for one in preview(studio) if one.was_at is None]
    done = go(studio)

    assert MONDAY not in before
    assert (listed.recurrence_id, listed.starts_at) == (MONDAY, at(2026, 1, 19, 9))
    assert done["new"] == 1
    assert rows(studio)[MONDAY] == at(2026, 1, 19, 9)


@pytest.mark.parametrize("number", [7, 8])  # within the rows that are written, and beyond
def test_a_plan_whose_number_is_not_reached_any_more_goes_on(studio: Studio, install: Installer, number: int) -> None:
    series_id = weekly(studio, 18, f"FREQ=WEEKLY;COUNT={number}", gap="SKIP")

    install("2099a", Clock(9, ((at(2026, 1, 19, 9), 10.5),)))
    go(studio)
    fill(studio, NOW + timedelta(days=1))

    assert len(rows(studio, series_id)) == number
    assert max(rows(studio, series_id)) == datetime(2026, 1, 5, 18) + timedelta(weeks=number)


def test_a_session_that_no_rule_gives_for_another_reason_keeps_its_wall_time(
    studio: Studio, install: Installer
) -> None:
    weekly(studio)
    tuesday = MONDAY + timedelta(days=1)
    with studio.engine.begin() as connection:
        moved = "UPDATE session SET recurrence_id = :to, starts_at = :at, ends_at = :end WHERE recurrence_id = :was"
        start = at(2026, 1, 20, 9)
        connection.execute(text(moved), {"to": tuesday, "at": start, "end": start + HOUR, "was": MONDAY})

    install("2099a")
    go(studio)

    assert rows(studio)[tuesday] == at(2026, 1, 20, 8)


def test_what_is_brought_back_follows_the_clocks_that_changed_meanwhile(studio: Studio, install: Installer) -> None:
    series_id = weekly(studio)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        remove.remove(tx, studio.tenant_id, [remove.Target(series_id)], "key", NOW)
    install("2099a")
    go(studio)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        restore.restore(tx, studio.tenant_id, remove.Target(series_id), NOW, studio.settings)
        editions.doubt(tx, [SessionKey(studio.tenant_id, series_id, wall) for wall in moments(studio)])
    go(studio)

    assert {start.hour for wall, start in rows(studio).items() if wall >= MONDAY} == {8}


def test_a_count_that_the_skipped_hour_changes_is_counted_anew(studio: Studio, install: Installer) -> None:
    counting = "FREQ=WEEKLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYDAY=MO,WE;COUNT=300"  # not steady, so it is counted
    for number, gap in enumerate((recurrence.Gap.SKIP, recurrence.Gap.SHIFT)):
        weekly(studio, 18 + number, rule=counting, gap=gap)
    with studio.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(counted) FROM segment")) == 2

    install("2099a")
    go(studio)

    with studio.engine.connect() as connection:
        kept = list(connection.scalars(text("SELECT gap FROM segment WHERE counted IS NOT NULL")))
    assert kept == ["SHIFT"]
