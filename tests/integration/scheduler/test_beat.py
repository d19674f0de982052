"""Beat hints what is due, when it is due, and nothing else."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import redis
from celery import Celery

import recurrence
from db import engine as database
from db.due import Agenda
from lifecycle import Step
from scheduler.beat import LONGEST_SLEEP_S, DueScheduler, until
from services import heartbeat, plan, transition
from services.plan import PlanDraft
from tests.integration.conftest import Studio

QUEUE = "celery"


@pytest.fixture
def queue(broker_url: str) -> Iterator[redis.Redis]:
    """The broker, with no message waiting."""
    with redis.Redis.from_url(broker_url) as client:
        client.delete(QUEUE)
        yield client
        client.delete(QUEUE)


@pytest.fixture
def beat(studio: Studio, broker_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[DueScheduler]:
    """A beat on this test's database, without its loop."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    with Celery(broker=broker_url, set_as_current=False) as app:
        scheduler = DueScheduler(app=app, lazy=True)
        yield scheduler
        scheduler.engine.dispose()


def plan_one(studio: Studio, from_now: timedelta) -> None:
    """Plans a session of an hour that starts so long after now."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        local = recurrence.wall_time(now + from_now, "UTC").replace(microsecond=0)
        series = recurrence.Series(dtstart=local, time_zone="UTC", duration=recurrence.Duration(seconds=3600))
        made = now - timedelta(days=1)
        plan.create(tx, studio.tenant_id, PlanDraft(series=series, title="x"), made, studio.settings)


def test_nothing_is_hinted_while_nothing_is_due(studio: Studio, beat: DueScheduler, queue: redis.Redis) -> None:
    plan_one(studio, timedelta(hours=1))

    slept = beat.tick()

    assert queue.llen(QUEUE) == 0
    assert slept == LONGEST_SLEEP_S


def test_what_is_due_is_hinted_once_and_not_again_at_once(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    plan_one(studio, timedelta(minutes=-1))

    beat.tick()
    beat.tick()

    assert queue.llen(QUEUE) == 1
    assert b"sessions.start" in queue.lrange(QUEUE, 0, -1)[0]


def test_what_falls_due_meanwhile_is_hinted_though_a_backlog_stands(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    plan_one(studio, timedelta(minutes=-1))
    beat.tick()
    with database.transaction(studio.engine) as (_, now):
        pass

    assert beat.is_news("sessions.start", now, now)
    assert not beat.is_news("sessions.start", now - timedelta(minutes=1), beat.hinted["sessions.start"])


def test_a_hint_carries_no_data(studio: Studio, beat: DueScheduler, queue: redis.Redis) -> None:
    plan_one(studio, timedelta(minutes=-1))

    beat.tick()

    [message] = queue.lrange(QUEUE, 0, -1)
    assert b'"argsrepr": "()"' in message
    assert b'"kwargsrepr": "{}"' in message


def test_each_step_that_is_due_has_its_own_hint(studio: Studio, beat: DueScheduler, queue: redis.Redis) -> None:
    plan_one(studio, timedelta(hours=-2))
    transition.drain(studio.engine, Step.START, 10)

    beat.tick()

    assert [b"sessions.end" in message for message in queue.lrange(QUEUE, 0, -1)] == [True]


def test_beat_says_that_it_is_alive(studio: Studio, beat: DueScheduler) -> None:
    beat.tick()

    with database.transaction(studio.engine) as (tx, now):
        assert now - heartbeat.latest(tx)["beat"] < timedelta(seconds=10)


def test_a_broker_that_is_away_does_not_stop_beat(studio: Studio, beat: DueScheduler) -> None:
    plan_one(studio, timedelta(minutes=-1))
    beat.app.conf.update(broker_url="redis://127.0.0.1:1/0")
    beat.app.conf.broker_transport_options = {"socket_connect_timeout": 0.2}

    assert beat.tick() <= LONGEST_SLEEP_S
    assert beat.hinted == {}


def test_a_database_that_is_away_does_not_stop_beat(beat: DueScheduler) -> None:
    beat.engine.dispose()
    beat.engine = database.connect("postgresql://nobody@127.0.0.1:1/none")

    assert beat.tick() == LONGEST_SLEEP_S


@pytest.mark.parametrize(("ahead_s", "sleep_s"), [(None, 1.0), (5.0, 1.0), (0.5, 0.501), (0.0, 0.001), (-1.0, 0.0)])
def test_it_sleeps_until_just_after_the_next_due_instant(
    monday: datetime, ahead_s: float | None, sleep_s: float
) -> None:
    coming = None if ahead_s is None else monday + timedelta(seconds=ahead_s)

    assert until(Agenda(monday, {}, coming)) == pytest.approx(sleep_s)
