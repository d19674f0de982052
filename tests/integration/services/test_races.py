"""Two that write at once: one waits for the other, and neither undoes what the other did."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from psycopg.errors import LockNotAvailable
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as Tx

import recurrence
from db import engine as database
from db import segments
from db.models import Mark
from db.sessions import SessionKey
from lifecycle import Step
from services import (
    attend,
    by_hand,
    edit,
    materialize,
    plan,
    references,
    remove,
    restore,
    settled,
    transition,
    waitlist,
)
from services.edit import SessionChange
from services.errors import Conflict, InvalidField
from services.plan_draft import PlanDraft
from services.remove import Target
from tests.integration.conftest import Studio
from tests.integration.services.classes import Class, person

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FAR = datetime(2026, 12, 28, 18)
BLOCKED = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
ALIVE = text("SELECT count(*) FROM session WHERE removed_at IS NULL AND next_step IS NOT NULL")
LOCK = text("SELECT 1 FROM session FOR UPDATE NOWAIT")
STRAY = text("""
    INSERT INTO booking (tenant_id, series_id, recurrence_id, resource, during)
    SELECT tenant_id, series_id, recurrence_id, resource, '[2026-12-28 09:00Z,2026-12-28 10:00Z)' FROM booking
    WHERE series_id = :second ORDER BY recurrence_id LIMIT 1
    ON CONFLICT (tenant_id, series_id, recurrence_id, resource) DO UPDATE SET during = excluded.during
""")
WAIT_S = 10.0


def weekly(studio: Studio, hall: UUID | None = None, **more: object) -> UUID:
    values: dict[str, Any] = {
        "dtstart": datetime(2026, 1, 5, 18),
        "time_zone": "Asia/Seoul",
        "duration": recurrence.Duration(seconds=3600),
        "rule": recurrence.Rule.parse("FREQ=WEEKLY;BYDAY=MO"),
    }
    series = recurrence.Series(**(values | more))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=series, title="x", space_id=hall)
        return plan.create(tx, studio.tenant_id, draft, NOW, studio.settings).series_id


def take(studio: Studio, target: Target, now: datetime = NOW) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        remove.remove(tx, studio.tenant_id, [target], "key", now)


def beside(studio: Studio, act: Callable[[], object]) -> threading.Thread:
    """Starts `act` in a thread and waits until it waits for a lock."""
    thread = threading.Thread(target=act)
    thread.start()
    deadline = time.monotonic() + WAIT_S
    while thread.is_alive() and time.monotonic() < deadline:
        with studio.engine.connect() as connection:
            if connection.scalar(BLOCKED):
                break
    return thread


def test_a_plan_removed_while_it_is_materialized_leaves_no_session_alive(studio: Studio) -> None:
    series_id = weekly(studio)

    with database.transaction(studio.engine) as (tx, _):
        later = NOW + timedelta(days=30)
        materialize.fill(tx, segments.claim(tx, later, 10), later, studio.settings)
        thread = beside(studio, lambda: take(studio, Target(series_id)))
    thread.join(WAIT_S)

    with studio.engine.connect() as connection:
        assert connection.scalar(ALIVE) == 0


@pytest.mark.parametrize("act", ["edit", "start", "cancel"])
def test_a_session_of_a_removed_plan_is_not_brought_to_life(studio: Studio, act: str) -> None:
    series_id = weekly(studio)
    key = SessionKey(studio.tenant_id, series_id, FAR)
    take(studio, Target(series_id))

    acts: dict[str, Callable[[Tx], None]] = {
        "edit": lambda tx: edit.edit(tx, key, SessionChange(title="x"), NOW),
        "start": lambda tx: by_hand.start(tx, key, "key", NOW),
        "cancel": lambda tx: by_hand.cancel(tx, key, "key", NOW),
    }

    with (
        pytest.raises(Conflict, match="plan of this session is removed"),
        database.transaction(studio.engine, studio.tenant_id) as (tx, _),
    ):
        acts[act](tx)

    with studio.engine.connect() as connection:
        assert connection.scalar(ALIVE) == 0


def test_a_touched_session_whose_place_is_taken_says_so(studio: Studio) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        hall = references.create(tx, studio.tenant_id, "spaces", {"name": "Hall"}, now).id
    first = weekly(studio, hall)
    second = weekly(studio, hall, dtstart=datetime(2026, 1, 6, 18), rule=recurrence.Rule.parse("FREQ=WEEKLY;BYDAY=TU"))
    with studio.engine.begin() as connection:  # as if it had been booked before clashes were looked for so far ahead
        connection.execute(STRAY, {"second": second})

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        edit.edit(tx, SessionKey(studio.tenant_id, first, FAR), SessionChange(title="touched"), NOW)

    with studio.engine.connect() as connection:
        clash = connection.scalar(text("SELECT clash FROM session WHERE title = 'touched'"))
    assert clash == str(hall)


def test_marks_are_counted_only_after_the_session_is_held(studio: Studio) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        values = {"name": "Ada", "email": "ada@studio.example", "role": "participant"}
        ada = references.create(tx, studio.tenant_id, "users", values, now).id
    series_id = weekly(studio, rule=None)
    key = SessionKey(studio.tenant_id, series_id, datetime(2026, 1, 5, 18))
    for step in transition.LIFE[:3]:
        transition.drain(studio.engine, step, 10)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        attend.mark(tx, key, ada, Mark.PRESENT, "key", now)
    held: list[bool] = []

    @event.listens_for(studio.engine, "before_cursor_execute")
    def look(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "INSERT INTO session_metrics" in statement and not held:
            with studio.engine.connect() as other, pytest.raises(OperationalError) as refused:
                other.execute(LOCK)
            held.append(isinstance(refused.value.orig, LockNotAvailable))

    transition.drain(studio.engine, Step.MEASURE, 10)

    event.remove(studio.engine, "before_cursor_execute", look)
    assert held == [True]


def test_cancelled_sessions_go_with_their_plan_and_come_back_with_it(studio: Studio) -> None:
    series_id = weekly(studio)
    second = SessionKey(studio.tenant_id, series_id, datetime(2026, 1, 12, 18))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.cancel(tx, second, "key", NOW)

    take(studio, Target(series_id))

    with studio.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM session WHERE removed_at IS NULL")) == 0
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        restore.restore(tx, studio.tenant_id, Target(series_id), NOW, studio.settings)
    with studio.engine.connect() as connection:
        cancelled = text("SELECT next_step, removed_at FROM session WHERE state = 'CANCELLED'")
        assert connection.execute(cancelled).one() == (None, None)


def test_removing_a_running_plan_costs_no_statement_per_session(studio: Studio) -> None:
    every_hour = recurrence.Rule.parse("FREQ=HOURLY")
    counts: list[int] = []

    def count(_c: object, _cursor: object, _statement: str, rows: object, _context: object, many: bool) -> None:
        counts[-1] += len(rows) if many and isinstance(rows, list) else 1

    for days in (1, 40):
        series_id = weekly(studio, rule=every_hour, duration=recurrence.Duration(days=days))
        counts.append(0)
        event.listen(studio.engine, "before_cursor_execute", count)
        take(studio, Target(series_id), now=datetime(2026, 2, 10, tzinfo=UTC))
        event.remove(studio.engine, "before_cursor_execute", count)

    assert counts[1] <= counts[0] < 32


def test_one_segment_that_the_database_refuses_is_set_aside_and_holds_up_nobody(studio: Studio) -> None:
    bad, good = weekly(studio), weekly(studio)
    with studio.engine.begin() as connection:
        connection.execute(
            text("ALTER TABLE session ADD CONSTRAINT refuse CHECK (series_id <> '" + str(bad) + "') NOT VALID")
        )
        connection.execute(text("UPDATE segment SET next_materialize_at = now() - interval '1 day'"))

    counts = materialize.drain(studio.engine, studio.settings)

    assert counts["set_aside"] == 1
    with studio.engine.connect() as connection:
        rows = connection.execute(text("SELECT series_id, set_aside FROM segment")).all()
    reasons = {row.series_id: row.set_aside for row in rows}
    assert "refuse" in reasons[bad]
    assert reasons[good] is None


def test_an_end_moved_before_now_ends_it_now_by_hand_also_without_automatic_end(studio: Studio) -> None:
    series = recurrence.Series(
        dtstart=datetime(2026, 1, 5, 18), time_zone="Asia/Seoul", duration=recurrence.Duration(seconds=3600)
    )
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=series, title="x", auto_end=False)
        made = plan.create(tx, studio.tenant_id, draft, NOW, studio.settings)
    key = SessionKey(studio.tenant_id, made.series_id, series.dtstart)
    during = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        asked = SessionChange(ends=datetime(2026, 1, 5, 18, 10))
        edit.edit(tx, key, asked, during, actor="key-1")

    with studio.engine.connect() as connection:
        row = connection.execute(text("SELECT state, ended_at, ends_at FROM session")).one()
        last = connection.execute(text("SELECT kind, actor, outcome FROM transition ORDER BY seq DESC LIMIT 1")).one()
    assert (row.state, row.ended_at, row.ends_at) == ("COMPLETED", during, datetime(2026, 1, 5, 9, 10, tzinfo=UTC))
    assert tuple(last) == ("end", "key-1", "by_hand")


@pytest.mark.parametrize(
    "asked",
    [
        SessionChange(duration=recurrence.Duration(days=1000)),
        SessionChange(starts=datetime(9999, 12, 1), duration=recurrence.Duration(days=300)),
    ],
)
def test_a_session_cannot_be_made_longer_than_a_year_or_than_the_calendar(studio: Studio, asked: SessionChange) -> None:
    key = SessionKey(studio.tenant_id, weekly(studio), datetime(2026, 1, 12, 18))

    with (
        pytest.raises(InvalidField, match="got"),
        database.transaction(studio.engine, studio.tenant_id) as (tx, _),
    ):
        edit.edit(tx, key, asked, NOW)


def test_who_is_excused_and_comes_waits_for_the_plans_turn_before_holding_the_session(studio: Studio) -> None:
    held, ada = Class(studio, began=-20, rule="FREQ=DAILY", capacity=1), person(studio, "Ada")
    held.mark(ada, Mark.EXCUSED)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        waitlist.hold(tx, held.key.series_id)
        coming = beside(studio, partial(held.check_in, ada))
        settled.hold(tx, [held.key])
    coming.join(WAIT_S)

    assert held.people() == {ada: Mark.PRESENT}
