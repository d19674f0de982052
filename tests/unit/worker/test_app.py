"""Settings of Celery that depend on each other."""

import subprocess
import sys
from datetime import timedelta

from services import spell
from services.alive import LATELY
from worker.app import app

TRANSPORT = app.conf.broker_transport_options


def test_a_task_is_ended_before_its_hint_is_handed_out_again() -> None:
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit < TRANSPORT["visibility_timeout"]


def test_a_drain_stops_by_itself_before_it_is_stopped() -> None:
    assert timedelta(seconds=app.conf.task_soft_time_limit) > spell.OF_A_TASK


def test_beat_falls_silent_over_the_broker_when_it_counts_as_down_in_the_database() -> None:
    assert app.conf.beat_enable_remote_control is True
    assert timedelta(seconds=app.conf.beat_remote_control_max_tick_age) == LATELY


def test_nothing_but_json_is_sent_or_taken() -> None:
    assert (app.conf.accept_content, app.conf.task_serializer) == (["json"], "json")


def test_who_only_hints_and_watches_does_not_load_the_tasks() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, worker.app; print({'worker.tasks', 'sqlalchemy'} & sys.modules.keys())"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert told.stdout.strip() == "set()"
