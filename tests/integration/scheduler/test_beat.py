"""Beat hints what is due, when it is due, and nothing else."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import redis
from celery import Celery
from celery.beat import ScheduleEntry
from celery.schedules import schedule
from kombu.exceptions import OperationalError
from sqlalchemy import Connection, text
from structlog.testing import capture_logs

import recurrence
from config import process_name
from db import due, tally
from db import engine as database
from db.agenda import Agenda
from lifecycle import Step
from scheduler.beat import IMPORT, LONGEST_SLEEP_S, MATERIALIZE, REZONE, SLOW_EVERY, TASK_OF, DueScheduler, until
from services import attendance_import, heartbeat, plan, transition
from services.attendance_import import Delivered
from services.plan_draft import PlanDraft
from tests.integration.conftest import Studio
from worker.app import app, load_tasks

QUEUE = "celery"
AN_HOUR = timedelta(hours=1)
A_MOMENT = timedelta(milliseconds=100)  # the answer that told beat the time was on its way for less


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


@pytest.fixture
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look that comes late on a busy machine is still one right after the first."""
    monkeypatch.setattr("scheduler.beat.HINT_AGAIN_AFTER", timedelta(hours=1))


def forget(beat: DueScheduler) -> None:
    """As if the last hints had waited for as long as they may."""
    beat.hinted = {task: last._replace(at=last.at - last.patience) for task, last in beat.hinted.items()}


def test_nothing_is_hinted_while_nothing_is_due(studio: Studio, beat: DueScheduler, queue: redis.Redis) -> None:
    plan_one(studio, timedelta(hours=1))

    slept = beat.tick()

    assert queue.llen(QUEUE) == 0
    assert slept == LONGEST_SLEEP_S


@pytest.mark.usefixtures("slow_machine")
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
    assert not beat.is_news("sessions.start", now - timedelta(minutes=1), beat.hinted["sessions.start"].at)


def test_what_stays_due_is_hinted_again_soon_and_then_each_second(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    plan_one(studio, timedelta(minutes=-1))
    waits = []

    for _ in range(6):
        beat.tick()
        waits.append(beat.hinted["sessions.start"].patience.total_seconds())
        forget(beat)

    assert waits == [0.1, 0.2, 0.4, 0.8, 1.0, 1.0]
    assert queue.llen(QUEUE) == 6


def test_the_next_look_begins_at_the_start_that_waited_first_and_sometimes_at_the_beginning(
    studio: Studio, beat: DueScheduler, queue: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.floor.SWEEP_EVERY", AN_HOUR)  # however slow the machine is
    plan_one(studio, timedelta(minutes=-1))
    beat.floor.at = datetime(2000, 1, 1, tzinfo=UTC)
    beat.tick()
    plan_one(studio, timedelta(minutes=-2))  # written late: it starts before the one that waits

    assert beat.floor.swept_at is not None
    beat.tick()
    passed_over = beat.first
    beat.floor.swept_at -= AN_HOUR
    beat.tick()

    assert passed_over is not None
    assert beat.first is not None
    assert beat.first.oldest < passed_over.oldest


def test_while_somebody_starts_a_herd_no_other_is_hinted_to_it(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    for _ in range(3):
        plan_one(studio, timedelta(minutes=-1))
    beat.tick()

    with database.transaction(studio.engine) as (tx, now):
        due.apply(tx, Step.START, now, 1)
    forget(beat)
    beat.tick()
    while_it_goes_on = queue.llen(QUEUE)
    beat.tick()

    assert while_it_goes_on == 1
    assert queue.llen(QUEUE) == 2


def test_what_is_committed_after_its_instant_is_looked_for_soon(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    plan_one(studio, timedelta(minutes=-1))
    beat.tick()
    transition.drain(studio.engine, Step.START, 10)

    looks = [beat.tick() for _ in range(5)]

    assert looks == [0.2, 0.4, 0.8, 1.0, 1.0]


def test_what_falls_due_after_a_long_wait_is_hinted_again_soon(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    plan_one(studio, timedelta(minutes=-1))
    for _ in range(4):
        beat.tick()
        forget(beat)

    plan_one(studio, timedelta(seconds=-1))
    beat.hinted["sessions.start"] = beat.hinted["sessions.start"]._replace(at=datetime.min.replace(tzinfo=UTC))
    beat.tick()

    assert beat.hinted["sessions.start"].patience.total_seconds() == 0.1


def test_a_hint_carries_nothing_but_when_it_was_asked_for(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    plan_one(studio, timedelta(minutes=-1))

    beat.tick()

    [message] = [json.loads(message) for message in queue.lrange(QUEUE, 0, -1)]
    [args, kwargs, _] = json.loads(base64.b64decode(message["body"]))
    assert (args, kwargs) == ([beat.hinted["sessions.start"].at.isoformat()], {})


def test_each_step_that_is_due_has_its_own_hint(studio: Studio, beat: DueScheduler, queue: redis.Redis) -> None:
    plan_one(studio, timedelta(hours=-2))
    transition.drain(studio.engine, Step.START, 10)

    beat.tick()

    assert [b"sessions.end" in message for message in queue.lrange(QUEUE, 0, -1)] == [True]


def test_beat_says_that_it_is_alive(studio: Studio, beat: DueScheduler) -> None:
    beat.tick()

    with database.transaction(studio.engine) as (tx, now):
        assert now - heartbeat.latest(tx)[process_name.of_kind("beat")] < timedelta(seconds=10)


@pytest.mark.usefixtures("slow_machine")
def test_hints_are_counted_once_they_were_sent(studio: Studio, beat: DueScheduler, queue: redis.Redis) -> None:
    plan_one(studio, timedelta(minutes=-1))

    beat.tick()
    beat.tick()
    beat.tick()

    with database.transaction(studio.engine) as (tx, _):
        assert tally.totals(tx) == [("hints", ["sessions.start"], [1.0])]


def test_a_beat_that_starts_forgets_hosts_that_are_gone(studio: Studio, beat: DueScheduler) -> None:
    with database.transaction(studio.engine) as (tx, now):
        heartbeat.beat(tx, "beat@gone", now - timedelta(days=2))

    beat.tick()

    with database.transaction(studio.engine) as (tx, _):
        assert list(heartbeat.latest(tx)) == [process_name.of_kind("beat")]


def test_a_broker_that_is_away_does_not_stop_beat(studio: Studio, beat: DueScheduler) -> None:
    plan_one(studio, timedelta(minutes=-1))
    beat.app.conf.update(broker_url="redis://127.0.0.1:1/0")
    beat.app.conf.broker_transport_options = {"socket_connect_timeout": 0.2}

    assert beat.tick() <= LONGEST_SLEEP_S
    assert beat.hinted == {}
    assert not beat.uncounted


@pytest.mark.parametrize("broken", [{"maxmemory": "1"}, {"min-replicas-to-write": "1"}])
def test_a_broker_that_takes_nothing_does_not_stop_beat(
    studio: Studio, beat: DueScheduler, queue: redis.Redis, broken: dict[str, str]
) -> None:
    plan_one(studio, timedelta(minutes=-1))
    before = {name: str(queue.config_get(name)[name]) for name in broken}

    for name, value in broken.items():
        queue.config_set(name, value)
    try:
        with capture_logs() as logs:
            beat.tick()
    finally:
        for name, value in before.items():
            queue.config_set(name, value)
    beat.tick()

    assert [line["event"] for line in logs] == ["beat_without_broker"]
    assert queue.llen(QUEUE) == 1


def test_a_hint_is_good_for_a_worker_whose_clock_is_an_hour_off(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    plan_one(studio, timedelta(minutes=-1))

    beat.tick()

    [message] = [json.loads(message) for message in queue.lrange(QUEUE, 0, -1)]
    expires = datetime.fromisoformat(message["headers"]["expires"])
    assert expires > datetime.now(UTC) + timedelta(hours=1)


def test_a_database_that_is_away_does_not_stop_beat(beat: DueScheduler) -> None:
    there = beat.engine
    beat.engine = database.connect("postgresql://nobody@127.0.0.1:1/none")

    with capture_logs() as logs:
        slept = [beat.tick() for _ in range(3)]
    beat.engine.dispose()
    beat.engine = there

    assert max(slept) < LONGEST_SLEEP_S / 2  # what fell due meanwhile is waiting
    assert [line["event"] for line in logs] == ["beat_without_database"]  # not a line for each look
    assert beat.tick() == LONGEST_SLEEP_S


def test_sessions_of_an_older_edition_of_tzdata_are_hinted_once_a_minute(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    plan_one(studio, timedelta(hours=1))
    with studio.engine.begin() as connection:
        connection.execute(text("UPDATE segment SET tzdata_version = '1999a'"))

    beat.tick()
    beat.tick()

    assert [b"series.rezone" in message for message in queue.lrange(QUEUE, 0, -1)] == [True]


def test_marks_in_bulk_that_wait_are_hinted_until_somebody_took_them(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    row = Delivered(line=1, session="x", person="x", problem="got nothing")
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        attendance_import.store(tx, studio.tenant_id, [row], "gate", now - timedelta(seconds=5))

    beat.tick()
    beat.hinted.clear()  # that hint was lost
    beat.tick()
    attendance_import.drain(studio.engine)
    beat.hinted.clear()
    beat.tick()

    assert [b"attendance.import" in message for message in queue.lrange(QUEUE, 0, -1)] == [True, True]


def test_what_is_slow_is_asked_for_once_a_second_while_a_session_is_due(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    plan_one(studio, timedelta(seconds=-1))
    row = Delivered(line=1, session="x", person="x", problem="got nothing")
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        attendance_import.store(tx, studio.tenant_id, [row], "gate", now)

    for second in (0, 0, 1):
        beat.hinted.clear()
        beat.slow_at = beat.slow_at and beat.slow_at - second * SLOW_EVERY
        beat.tick()

    hints = reversed(queue.lrange(QUEUE, 0, -1))
    assert [b"attendance.import" in message for message in hints] == [False, True, False, False, True]


@pytest.mark.parametrize(("kept", "hinted"), [(["2099a"], False), (["1999a", "2099a"], True), ([], False)])
def test_a_beat_with_an_older_edition_warns_and_hints_for_others_that_have_a_newer_one(
    studio: Studio, beat: DueScheduler, kept: list[str], hinted: bool
) -> None:
    for version in kept:
        plan_one(studio, timedelta(hours=1))
        with studio.engine.begin() as connection:
            statement = text(
                "UPDATE segment SET tzdata_version = :version WHERE tzdata_version NOT IN ('1999a', '2099a')"
            )
            connection.execute(statement, {"version": version})
    with database.transaction(studio.engine) as (_, now):
        pass

    with capture_logs() as logs:
        found = beat.look_at_zones(now)

    assert found is hinted
    assert [line["newest"] for line in logs if line["event"] == "tzdata_behind"] == (["2099a"] if kept else [])


def test_a_static_entry_has_its_turn_and_then_waits_for_the_next(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    begun = beat.app.now() - timedelta(seconds=301)
    beat.schedule["audit"] = ScheduleEntry("audit", "audit.check", begun, schedule=schedule(300.0), app=beat.app)

    beat.tick()
    beat.tick()

    assert [b"audit.check" in message for message in queue.lrange(QUEUE, 0, -1)] == [True]


def test_the_audit_is_a_static_entry_and_each_hinted_task_exists() -> None:
    load_tasks()

    static = {entry["task"] for entry in app.conf.beat_schedule.values()}

    assert static == {"audit.check"}
    assert static | {*TASK_OF.values(), MATERIALIZE, REZONE, IMPORT} <= set(app.tasks)


@pytest.mark.parametrize(("ahead_s", "sleep_s"), [(None, 1.0), (5.0, 1.0), (0.5, 0.5), (0.0, 0.0), (-1.0, 0.0)])
def test_it_sleeps_until_the_next_due_instant(monday: datetime, ahead_s: float | None, sleep_s: float) -> None:
    coming = (
        {} if ahead_s is None else {Step.END: monday + timedelta(seconds=ahead_s), Step.START: monday + 2 * AN_HOUR}
    )

    assert until(Agenda(monday, {}, coming)) == pytest.approx(sleep_s)


def plan_soon(studio: Studio, after: str) -> datetime:
    """Plans a session, and lets it start so long after now; when that is."""
    plan_one(studio, timedelta(seconds=3))
    with studio.engine.begin() as connection:
        moved = text(
            "UPDATE session SET next_due_at = clock_timestamp() + CAST(:after AS interval)"
            " WHERE next_step = 'START' RETURNING next_due_at"
        )
        due_at = connection.scalar(moved, {"after": after})
    assert isinstance(due_at, datetime)
    return due_at


def wait_for(studio: Studio, instant: datetime) -> None:
    """Waits until an instant has passed on the database's clock, and on what beat knows of it."""
    with studio.engine.connect() as asking:
        while clock(asking) < instant + A_MOMENT:
            pass


def test_what_was_seen_coming_is_hinted_in_its_instant_without_another_look(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    due_at = plan_soon(studio, "1.5 s")
    beat.tick()
    with studio.engine.connect() as asking:
        early = beat.announce() if clock(asking) < due_at else None
    foreseen = beat.look()[0].coming
    wait_for(studio, due_at)

    hinted = beat.announce()

    assert not early
    assert (foreseen, hinted, beat.announce()) == ({Step.START: due_at}, ["sessions.start"], [])
    assert [b"sessions.start" in message for message in queue.lrange(QUEUE, 0, -1)] == [True]
    assert beat.hinted["sessions.start"].at >= due_at


@pytest.mark.usefixtures("slow_machine")
def test_what_was_seen_coming_is_hinted_once_and_looked_for_again_soon(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    due_at = plan_soon(studio, "1 s")
    beat.tick()
    wait_for(studio, due_at)

    looks_again = beat.tick()

    assert looks_again == 0.1
    assert queue.llen(QUEUE) == 1


def test_a_broker_that_hangs_is_asked_once_a_look_whatever_is_due(
    studio: Studio, beat: DueScheduler, queue: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan_one(studio, timedelta(hours=-2))
    transition.drain(studio.engine, Step.START, 10)  # an end is due besides
    due_at = plan_soon(studio, "1 s")
    beat.tick()
    beat.hinted.clear()
    asked = []

    def send_task(task: str, *_: object, **__: object) -> None:
        asked.append(task)
        raise OperationalError("a broker that hangs")  # a real one takes seconds to be found out

    monkeypatch.setattr(beat.app, "send_task", send_task)
    wait_for(studio, due_at)

    slept = beat.tick()

    assert asked == ["sessions.start"]
    assert (slept, beat.hinted) == (0.1, {})


def test_what_falls_due_between_the_hint_of_another_and_the_look_is_hinted_too(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    plan_soon(studio, "1 s")
    beat.tick()
    assert beat.foreseen is not None
    [first] = beat.foreseen.coming.values()
    wait_for(studio, first)
    announce = beat.announce

    def and_then_another() -> list[str]:
        announced = announce()
        plan_one(studio, timedelta(seconds=0))
        with studio.engine.begin() as connection:
            connection.execute(
                text("UPDATE session SET next_due_at = :at WHERE start_at <> :first"),
                {"at": beat.hinted["sessions.start"].at + timedelta(milliseconds=1), "first": first},
            )
        return announced

    beat.announce = and_then_another  # type: ignore[method-assign]
    beat.tick()

    assert [b"sessions.start" in message for message in queue.lrange(QUEUE, 0, -1)] == [True, True]


def test_a_clock_of_the_database_that_was_set_back_keeps_no_hint_waiting(
    studio: Studio, beat: DueScheduler, queue: redis.Redis
) -> None:
    plan_one(studio, timedelta(minutes=-1))
    beat.tick()
    beat.hinted["sessions.start"] = beat.hinted["sessions.start"]._replace(at=datetime(2999, 1, 1, tzinfo=UTC))

    beat.tick()

    assert queue.llen(QUEUE) == 2


def test_beat_wakes_in_time_though_its_look_took_long(studio: Studio, beat: DueScheduler, queue: redis.Redis) -> None:
    beat.tick()
    plan_one(studio, timedelta(seconds=3))
    with studio.engine.connect() as asking, studio.engine.connect() as holding, ThreadPoolExecutor(1) as other:
        due_at = asking.scalar(
            text("UPDATE session SET next_due_at = clock_timestamp() + '1.9 s' RETURNING next_due_at")
        )
        asking.commit()
        assert due_at is not None
        holding.execute(text("LOCK TABLE segment IN ACCESS EXCLUSIVE MODE"))  # of which slow tasks are asked
        ticking = other.submit(beat.tick)
        while clock(asking) < due_at - timedelta(seconds=0.6):
            pass
        holding.commit()
        slept = ticking.result()
        wakes_at = clock(asking) + timedelta(seconds=slept)

    assert due_at < wakes_at < due_at + timedelta(seconds=0.3)


def clock(connection: Connection) -> datetime:
    """The database's."""
    now = connection.scalar(text("SELECT clock_timestamp()"))
    assert isinstance(now, datetime)
    return now
