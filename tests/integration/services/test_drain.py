"""A drain finds what is due, wherever it begins to look, and what it wrote goes with the session it belongs to."""

import os
import socket
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import Engine, update
from sqlalchemy.exc import DBAPIError

import recurrence
from db import agenda, due, sessions
from db import engine as database
from db.agenda import Due
from db.models import Session, Transition
from db.moved import FIRST, Part, Place
from db.sessions import SessionKey
from lifecycle import Event, Outcome, Step
from services import plan, remove, transition
from services.floor import MARGIN, SWEEP_EVERY, Floor
from services.plan_draft import PlanDraft
from services.remove import Target
from tests.integration.conftest import Studio

STARTS = datetime(2026, 1, 5, 9, tzinfo=UTC)
PLANNED = STARTS - timedelta(days=1)
LOCAL = datetime(2026, 1, 5, 9)


def clock(studio: Studio) -> datetime:
    with database.transaction(studio.engine) as (_, now):
        return now


def planned(studio: Studio, local: datetime = LOCAL, auto_end: bool = True) -> SessionKey:
    """One hour on a past Monday, as if it had been planned the day before."""
    series = recurrence.Series(dtstart=local, time_zone="UTC", duration=recurrence.Duration(seconds=3600))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=series, title="Pilates", auto_end=auto_end)
        made = plan.create(tx, studio.tenant_id, draft, PLANNED, studio.settings)
    return SessionKey(studio.tenant_id, made.series_id, local)


def entered(studio: Studio) -> list[tuple[SessionKey, str]]:
    with database.transaction(studio.engine) as (tx, _):
        return [
            (SessionKey(row.tenant_id, row.series_id, row.recurrence_id), row.kind)
            for row in tx.query(Transition).all()
        ]


def test_a_start_below_the_floor_is_found_when_nothing_waits_above_it(studio: Studio) -> None:
    key = planned(studio)
    floor = Floor(at=STARTS + MARGIN + timedelta(seconds=1), swept_at=clock(studio))

    counts = transition.drain(studio.engine, Step.START, 1000, floor)

    assert counts["start"] == 1
    assert entered(studio) == [(key, "start")]


def test_from_time_to_time_a_drain_looks_below_the_floor_though_something_waits_above_it(studio: Studio) -> None:
    below, above = planned(studio), planned(studio, LOCAL + timedelta(hours=1))
    floor = Floor(at=STARTS + MARGIN + timedelta(seconds=1), swept_at=clock(studio))

    transition.drain(studio.engine, Step.START, 1000, floor)
    only_above = entered(studio)
    planned(studio, LOCAL + timedelta(hours=2))
    floor.swept_at = clock(studio) - SWEEP_EVERY
    transition.drain(studio.engine, Step.START, 1000, floor)

    assert only_above == [(above, "start")]
    assert (below, "start") in entered(studio)


def test_a_drain_that_found_nothing_more_raises_the_floor(studio: Studio) -> None:
    planned(studio)
    floor = Floor()

    transition.drain(studio.engine, Step.START, 1000, floor)

    assert floor.at is not None
    assert floor.at > STARTS


def test_a_drain_that_goes_on_from_batch_to_batch_leaves_nothing_behind(studio: Studio) -> None:
    for _ in range(10):
        planned(studio)

    counts = transition.drain(studio.engine, Step.START, 3, Floor(at=STARTS, swept_at=clock(studio)))

    assert counts["start"] == 10


def test_a_running_session_is_due_for_its_end_alone(studio: Studio) -> None:
    planned(studio, auto_end=False)
    transition.drain(studio.engine, Step.START, 1000)

    with database.transaction(studio.engine) as (tx, _):
        found = agenda.look(tx)

    assert set(found.due) == {Step.END}


def test_a_look_begins_where_it_is_told_and_tells_the_oldest_when_nothing_is_newer(studio: Studio) -> None:
    keys = sorted([planned(studio), planned(studio)], key=lambda key: key.series_id)
    later = planned(studio, LOCAL + timedelta(minutes=1)).series_id
    newest = STARTS + timedelta(minutes=1)

    with database.transaction(studio.engine) as (tx, _):
        looks = [
            agenda.look(tx, low, since).due[Step.START]
            for low, since in (
                (FIRST, None),
                (Place(STARTS, keys[1].series_id), STARTS),
                (Place(newest), STARTS),
                (FIRST, newest),
            )
        ]

    assert looks == [
        Due(STARTS, newest, keys[0].series_id),
        Due(STARTS, newest, keys[1].series_id),
        Due(newest, newest, later),
        Due(STARTS, STARTS, keys[0].series_id),
    ]


def test_the_ledger_of_a_deleted_session_goes_with_it_and_no_other(studio: Studio) -> None:
    gone, kept = planned(studio), planned(studio)
    transition.drain(studio.engine, Step.START, 1000)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        remove.delete_for_good(tx, studio.tenant_id, Target(gone.series_id), now, force=True)

    assert entered(studio) == [(kept, "start")]


def spoil(studio: Studio, key: SessionKey) -> None:
    """The ledger has a first entry of this session already, so it can't be started."""
    with database.transaction(studio.engine) as (tx, now):
        told = {"kind": Event.START, "effective_at": now, "applied_at": now, "actor": "x", "outcome": Outcome.ON_TIME}
        tx.add(Transition(**key._asdict(), seq=1, **told))


def test_a_herd_is_taken_from_both_ends(studio: Studio) -> None:
    keys = [planned(studio) for _ in range(6)]

    with database.transaction(studio.engine) as (tx, now):
        due.apply(tx, Step.START, now, 2)
        [moved] = due.apply(tx, Step.START, now, 2, part=Part(backward=True))

    assert {key for key, _ in entered(studio)} == {*keys[:2], *keys[-2:]}
    assert moved.reached == Place(STARTS, keys[-2].series_id)


def test_a_bad_row_at_either_end_of_a_herd_holds_up_nobody(studio: Studio) -> None:
    keys = [planned(studio) for _ in range(12)]
    bad = [keys[3], keys[-1]]
    for key in bad:
        spoil(studio, key)

    counts = transition.drain(studio.engine, Step.START, 2, Floor(at=STARTS, swept_at=clock(studio)))

    assert counts == {"start": 10, "set_aside": 2, "late_p99_ms": counts["late_p99_ms"]}
    assert len(entered(studio)) == 12


def test_what_somebody_holds_is_passed_over_from_both_ends_and_found_again(studio: Studio) -> None:
    keys = [planned(studio) for _ in range(12)]

    with database.transaction(studio.engine) as (tx, _):
        sessions.lock(tx, [keys[0], keys[5], keys[-1]])
        counts = transition.drain(studio.engine, Step.START, 2)
    again = transition.drain(studio.engine, Step.START, 2)

    assert (counts["start"], again["start"]) == (9, 3)


def test_rows_of_a_worker_that_hangs_are_free_again_soon(
    studio: Studio, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = planned(studio)
    monkeypatch.setattr(database, "LEFT_OPEN", "500ms")
    hanging = database.connect(database_url)

    tx, now = database.begin(hanging, lambda tx: database.confine(tx, None))
    due.apply(tx, Step.START, now, 10)

    while_held = transition.drain(studio.engine, Step.START, 10)
    deadline = clock(studio) + timedelta(seconds=20)
    while not transition.drain(studio.engine, Step.START, 10) and clock(studio) < deadline:
        pass
    with pytest.raises(DBAPIError):
        tx.commit()
    tx.close()
    hanging.dispose()

    assert while_held == {}
    assert entered(studio) == [(key, "start")]


def test_a_peer_that_vanishes_is_noticed_within_seconds(engine: Engine) -> None:
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        with socket.socket(fileno=os.dup(driver.fileno())) as line:
            told = [
                line.getsockopt(socket.IPPROTO_TCP, option) for option in (socket.TCP_USER_TIMEOUT, socket.TCP_KEEPIDLE)
            ]

    assert told == [11_000, 5]


def test_a_bad_row_among_sessions_of_one_plan_that_start_together_is_found_at_once(studio: Studio) -> None:
    rule = recurrence.Rule.parse("FREQ=HOURLY;COUNT=900")
    series = recurrence.Series(dtstart=LOCAL, time_zone="UTC", duration=recurrence.Duration(seconds=3600), rule=rule)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=series, title="Pilates")
        made = plan.create(tx, studio.tenant_id, draft, PLANNED, studio.settings)
    with studio.engine.begin() as connection:  # as if they had been moved to one instant
        connection.execute(update(Session).values(next_due_at=STARTS))
    spoil(studio, SessionKey(studio.tenant_id, made.series_id, LOCAL + timedelta(hours=450)))

    counts = transition.drain(studio.engine, Step.START, 1000)

    assert (counts["start"], counts["set_aside"]) == (899, 1)
