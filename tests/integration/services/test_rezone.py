"""Plans are computed again as wholes, by any number of workers, never backwards, and places move along."""

import threading
from datetime import timedelta
from uuid import UUID

import pytest
import tzdata  # type: ignore[import-untyped]
from sqlalchemy import text

import recurrence
from bench.house import wait_until
from db import bookings, editions, moves
from db import engine as database
from db.sessions import SessionKey
from services import by_hand, changes, identity, rezone
from services.rezone_preview import Moving
from tests.editions import at
from tests.integration.conftest import Studio
from tests.integration.services.zones import (
    MONDAY,
    NOW,
    Installer,
    clashes,
    edition,
    fill,
    go,
    misplaced,
    preview,
    rows,
    weekly,
)


def test_computing_again_changes_nothing_more(studio: Studio, install: Installer) -> None:
    weekly(studio)
    install("2099a")
    go(studio)

    assert go(studio) == {}
    assert preview(studio) == []


def test_who_polls_is_told_which_sessions_moved(studio: Studio, install: Installer) -> None:
    weekly(studio)
    with database.transaction(studio.engine) as (tx, _):
        start = changes.latest(tx)

    install("2099a")
    listed = preview(studio)
    go(studio)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        told = changes.since(tx, studio.tenant_id, start, 1000).items
    assert listed
    assert {(one.subject, one.kind, one.actor) for one in told} == {
        (identity.format_id(one.series_id, one.recurrence_id), "rezone", "system") for one in listed
    }


def test_where_the_clocks_stay_only_the_edition_is_noted(studio: Studio, install: Installer) -> None:
    weekly(studio, zone="Europe/Paris")
    before = rows(studio)

    install("2099a")

    assert go(studio) == {"segments": 1}
    assert (rows(studio), edition(studio)) == (before, ["2099a"])


def test_classes_back_to_back_move_together_and_none_loses_its_place(
    studio: Studio, hall: UUID, install: Installer
) -> None:
    for hour in (19, 18, 20, 17):
        weekly(studio, hour, space_id=hall)

    install("2099a")
    listed = preview(studio)
    go(studio, limit=1)

    assert [one.clashes for one in listed] == [()] * len(listed)
    assert clashes(studio) == 0
    assert misplaced(studio) == 0


def test_a_session_that_lost_its_place_says_so_and_keeps_its_new_time(
    studio: Studio, hall: UUID, install: Installer
) -> None:
    mine = weekly(studio, 18, "FREQ=WEEKLY;COUNT=3", space_id=hall)
    other = weekly(studio, 17, "FREQ=WEEKLY;COUNT=3", space_id=hall, zone="Asia/Tokyo")

    install("2099a")
    [listed] = preview(studio)
    done = go(studio)

    assert (done["moved"], done["clashes"]) == (1, 1)
    assert listed == Moving(
        mine, MONDAY, at(2026, 1, 19, 9), at(2026, 1, 19, 8),
        (SessionKey(studio.tenant_id, other, MONDAY.replace(hour=17)),),
    )  # fmt: skip
    with studio.engine.connect() as connection:
        row = connection.execute(text("SELECT series_id, clash, starts_at FROM session WHERE clash IS NOT NULL")).one()
    assert (row.series_id, row.clash, row.starts_at) == (mine, str(hall), at(2026, 1, 19, 8))


def test_what_was_called_off_is_not_told_as_new_though_its_place_is_taken(
    studio: Studio, hall: UUID, install: Installer
) -> None:
    mine = weekly(studio, 18, "FREQ=WEEKLY;COUNT=3", space_id=hall)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.cancel(tx, SessionKey(studio.tenant_id, mine, MONDAY), "key", NOW)
    weekly(studio, 17, "FREQ=WEEKLY;COUNT=3", space_id=hall, dtstart="2026-01-19T17:00", zone="Asia/Tokyo")

    install("2099a")
    listed = [one for one in preview(studio) if one.series_id == mine]
    done = go(studio)

    assert listed == []
    assert "new" not in done


def test_what_was_started_early_is_not_told_as_new(studio: Studio, hall: UUID, install: Installer) -> None:
    mine = weekly(studio, 18, "FREQ=WEEKLY;COUNT=3", space_id=hall)
    early = MONDAY.replace(day=19)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.start(tx, SessionKey(studio.tenant_id, mine, early), "key", NOW)

    install("2099a")

    assert preview(studio) == []
    assert go(studio) == {"segments": 1}


def test_an_older_edition_never_moves_anything_back(studio: Studio, install: Installer) -> None:
    install("2099a")
    weekly(studio)
    before = rows(studio)

    install(None)

    assert go(studio) == {}
    assert preview(studio) == []
    assert (rows(studio), edition(studio)) == (before, ["2099a"])


def test_rows_that_an_older_edition_wrote_are_computed_again(studio: Studio, install: Installer) -> None:
    install("2099a")
    weekly(studio, now=NOW)
    install(None)
    later = NOW + timedelta(days=30)
    fill(studio, later)
    fallen_back = edition(studio)

    install("2099a-again")
    go(studio, later)

    assert fallen_back == [tzdata.IANA_VERSION]
    assert edition(studio) == ["2099a-again"]
    assert {start.hour for wall, start in rows(studio).items() if wall >= MONDAY} == {8}


def test_two_workers_take_different_plans(studio: Studio, install: Installer) -> None:
    weekly(studio, 18)
    weekly(studio, 20)
    install("2099a")

    with database.transaction(studio.engine) as (one, _), database.transaction(studio.engine) as (other, _):
        first, second = rezone.hold(one, NOW, 1), rezone.hold(other, NOW, 100)
        rezone.carry_out(one, first, NOW)
        rezone.carry_out(other, second, NOW)

    assert (first.counts["segments"], second.counts["segments"]) == (1, 1)
    assert edition(studio) == ["2099a"]


def test_killed_in_the_middle_a_plan_is_as_it_was_and_done_later(
    studio: Studio, hall: UUID, install: Installer, monkeypatch: pytest.MonkeyPatch
) -> None:
    weekly(studio, space_id=hall)
    before = rows(studio)
    install("2099a")
    with monkeypatch.context() as broken:
        broken.setattr(editions, "rezoned", killed)
        with pytest.raises(KeyboardInterrupt):
            go(studio)

    as_it_was = rows(studio), edition(studio), misplaced(studio)
    done = go(studio)

    assert as_it_was == (before, [tzdata.IANA_VERSION], 0)
    assert done["moved"] > 0
    assert misplaced(studio) == 0


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_was_touched_since_it_was_read_is_left_alone(studio: Studio, install: Installer) -> None:
    key = SessionKey(studio.tenant_id, weekly(studio), MONDAY)
    move = moves.Move(*key, at(2026, 1, 19, 9), at(2026, 1, 19, 8), at(2026, 1, 19, 9), at(2026, 1, 19, 9))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.cancel(tx, key, "key", NOW)

    with database.transaction(studio.engine) as (tx, _):
        assert moves.apply(tx, [move], NOW) == []


def test_what_begins_while_a_batch_waits_for_its_turn_is_not_moved(
    studio: Studio, hall: UUID, install: Installer
) -> None:
    with database.transaction(studio.engine) as (_, now):
        starts_at = now.replace(microsecond=0) + timedelta(seconds=3)
    local = recurrence.wall_time(starts_at, "Asia/Seoul")
    weekly(studio, rule="FREQ=DAILY;COUNT=1", now=now, space_id=hall, dtstart=local)
    install("2099a")

    with database.transaction(studio.engine) as (tx, _):
        bookings.lock(tx, [hall])
        thread = threading.Thread(target=rezone.drain, args=(studio.engine,))
        thread.start()
        wait_until(lambda: is_waiting(studio), 2.0)
        wait_until(lambda: database.clock(tx) > starts_at, 5.0)
    thread.join()

    assert rows(studio) == {local: starts_at}
    assert edition(studio) == ["2099a"]


def is_waiting(studio: Studio) -> bool:
    """Whether somebody waits for a lock."""
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with studio.engine.connect() as connection:
        return bool(connection.scalar(text(waits)))


def test_a_plan_whose_zone_vanished_holds_up_nobody_and_is_taken_up_when_it_is_back(
    studio: Studio, install: Installer
) -> None:
    broken, good = weekly(studio, zone="Asia/Tokyo"), weekly(studio)
    install("2099a", gone="Asia/Tokyo")
    done = go(studio)
    with studio.engine.connect() as connection:
        reason = connection.scalar(text("SELECT set_aside FROM segment WHERE series_id = :id"), {"id": broken})

    install("2099b")
    go(studio)

    assert (done["segments"], done["set_aside"]) == (2, 1)
    assert "Asia/Tokyo" in reason
    assert rows(studio, good)[MONDAY] == at(2026, 1, 19, 8)
    with studio.engine.connect() as connection:
        waiting = connection.execute(text("SELECT set_aside, next_materialize_at FROM segment WHERE series_id = :id"),
                                     {"id": broken}).one()  # fmt: skip
    assert tuple(waiting) == (None, NOW)


def test_a_plan_that_is_written_to_the_end_of_the_calendar_is_computed_again(
    studio: Studio, install: Installer
) -> None:
    weekly(studio)
    with studio.engine.begin() as connection:
        connection.execute(text("UPDATE segment SET materialized_until = '9999-12-31T23:59:59Z'"))
        connection.execute(text("UPDATE segment SET rrule = rrule || ';COUNT=3'"))
    install("2099a")

    assert go(studio)["segments"] == 1


def test_a_plan_that_the_database_refuses_is_set_aside_and_holds_up_nobody(studio: Studio, install: Installer) -> None:
    with database.transaction(studio.engine) as (_, now):
        pass
    good, bad = weekly(studio, 18, now=now), weekly(studio, 20, now=now)
    refusal = f"series_id <> '{bad}' OR extract(hour FROM starts_at AT TIME ZONE 'UTC') > 10"
    with studio.engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE session ADD CHECK ({refusal})"))

    install("2099a")
    done = rezone.drain(studio.engine)

    assert (done["segments"], done["set_aside"], done["moved"]) == (1, 1, len(rows(studio, good)))
    with studio.engine.connect() as connection:
        aside = connection.execute(text("SELECT series_id, tzdata_version FROM segment WHERE set_aside IS NOT NULL"))
        assert [tuple(row) for row in aside] == [(bad, "2099a")]


def test_a_dry_run_touches_nothing(studio: Studio, hall: UUID, install: Installer) -> None:
    weekly(studio, space_id=hall)
    before = rows(studio)

    install("2099a")
    listed = preview(studio)

    assert {one.recurrence_id for one in listed} == {wall for wall in before if wall >= MONDAY}
    assert (rows(studio), edition(studio), misplaced(studio)) == (before, [tzdata.IANA_VERSION], 0)
