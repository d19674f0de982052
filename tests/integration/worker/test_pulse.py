"""A worker that consumes and reaches the database says so; one that does not reach it goes on."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import MagicMock

import pytest
from celery.worker.heartbeat import Heart
from sqlalchemy import Engine

from db import engine as database
from services import heartbeat
from worker import pulse


@pytest.fixture
def heart() -> Heart:
    """The heart of a worker that consumes, without the broker that its events would go to."""
    return Heart(timer=MagicMock(), eventer=MagicMock(hostname="transitions@here"))


@pytest.fixture
def on_this_database(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's parent stands on this test's database."""
    monkeypatch.setattr(pulse, "engine", lambda: engine)
    monkeypatch.setattr(pulse, "is_written", itertools.cycle((True, False)))


@pytest.fixture
def without_a_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The worker's parent finds no database."""
    nowhere = database.connect("postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.setattr(pulse, "engine", lambda: nowhere)
    monkeypatch.setattr(pulse, "is_written", itertools.repeat(True))
    yield
    nowhere.dispose()


@pytest.mark.usefixtures("on_this_database")
def test_a_worker_is_seen_under_its_celery_name_when_its_heart_beats(engine: Engine, heart: Heart) -> None:
    heart.start()

    with database.transaction(engine) as (tx, now):
        assert now - heartbeat.latest(tx)["transitions@here"] < timedelta(seconds=10)


@pytest.mark.usefixtures("on_this_database")
def test_every_other_heartbeat_is_written(engine: Engine, heart: Heart) -> None:
    written = []
    for _ in range(4):
        pulse.say_alive(sender=heart)
        with database.transaction(engine) as (tx, _now):
            written.append(heartbeat.latest(tx)["transitions@here"])

    assert written[0] == written[1] < written[2] == written[3]


@pytest.mark.usefixtures("without_a_database")
def test_a_database_that_is_away_does_not_stop_the_worker(heart: Heart) -> None:
    pulse.say_alive(sender=heart)
