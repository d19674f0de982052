"""The lifeline does what has been due too long, and only that."""

from datetime import datetime, timedelta

import recurrence
from config import process_name
from db import agenda as agendas
from db import engine as database
from lifecycle import Step
from scheduler import lifeline
from services import attendance_import, heartbeat, plan
from services.attendance_import import Delivered
from services.floor import Floor
from services.plan_draft import PlanDraft
from tests.integration.conftest import Studio


def plan_one(studio: Studio, from_now: timedelta) -> None:
    """Plans a session of a minute that starts so long after now."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        local = recurrence.wall_time(now + from_now, "UTC").replace(microsecond=0)
        series = recurrence.Series(dtstart=local, time_zone="UTC", duration=recurrence.Duration(seconds=60))
        made = now - timedelta(days=1)
        plan.create(tx, studio.tenant_id, PlanDraft(series=series, title="x"), made, studio.settings)


def due_steps(studio: Studio) -> set[Step]:
    with database.transaction(studio.engine) as (tx, _):
        return set(agendas.look(tx).due)


def test_what_has_just_fallen_due_is_left_to_the_workers(studio: Studio) -> None:
    plan_one(studio, timedelta(seconds=-2))

    sleep_s = lifeline.look(studio.engine, studio.settings, Floor())

    assert due_steps(studio) == {Step.START}
    assert 1.0 <= sleep_s + 1 <= 3.1


def test_what_has_been_due_too_long_is_done(studio: Studio) -> None:
    plan_one(studio, timedelta(seconds=-30))

    lifeline.look(studio.engine, studio.settings, Floor())

    assert due_steps(studio) == set()


def test_a_whole_life_is_caught_up_in_one_look(studio: Studio) -> None:
    plan_one(studio, timedelta(hours=-1))

    lifeline.look(studio.engine, studio.settings, Floor())

    with database.transaction(studio.engine) as (tx, _):
        agenda = agendas.look(tx)
    assert (agenda.due, agenda.coming) == ({}, {})


def test_plans_that_waited_too_long_are_materialized(studio: Studio) -> None:
    series = recurrence.Series(
        dtstart=datetime(2026, 1, 5, 18),
        time_zone="UTC",
        duration=recurrence.Duration(seconds=60),
        rule=recurrence.Rule.parse("FREQ=DAILY"),
    )
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        made = now - timedelta(days=50)
        plan.create(tx, studio.tenant_id, PlanDraft(series=series, title="x"), made, studio.settings)

    lifeline.look(studio.engine, studio.settings, Floor())

    with database.transaction(studio.engine) as (tx, now):
        assert agendas.slow(tx, now).plans is None


def test_the_lifeline_says_that_it_is_alive(studio: Studio) -> None:
    lifeline.look(studio.engine, studio.settings, Floor())

    with database.transaction(studio.engine) as (tx, now):
        assert now - heartbeat.latest(tx)[process_name.of_kind("lifeline")] < timedelta(seconds=10)


def test_marks_in_bulk_that_waited_too_long_are_marked(studio: Studio) -> None:
    row = Delivered(line=1, session="x", person="x", problem="got nothing")
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        long_ago = now - lifeline.BULK_PATIENCE - timedelta(seconds=1)
        kept = attendance_import.store(tx, studio.tenant_id, [row], "gate", long_ago)

    lifeline.look(studio.engine, studio.settings, Floor())

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        assert attendance_import.report(tx, studio.tenant_id, kept.id, 1, None).told.finished_at is not None
