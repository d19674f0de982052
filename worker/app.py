"""The Celery app. A message is a hint, never data: losing, doubling or delaying one changes nothing but the
moment.

Two queues: `transitions` for what starts and ends sessions, `bulk` for everything slow, so that nothing slow ever
stands before a start. Every setting says why it is there; what Celery takes from the command line alone
(`launcher.processes`) is `--without-gossip --without-mingle`: workers need to know nothing of each other, and one that
starts waits for no other. Connections to the database are not shared across a fork: `worker.tasks`.
"""

import ctypes
import os
import signal
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, setup_logging, worker_process_init

from config import logs, settings
from worker import broker_loss

TRANSITIONS = "transitions"
BULK = "bulk"

HINT_TASKS = ("sessions.start", "sessions.end", "sessions.mark_attendance", "sessions.compute_metrics")

OF_WORKERS = ("worker.tasks", "worker.pulse")

PR_SET_PDEATHSIG = 1  # from linux/prctl.h

chosen = settings.load()
broker_loss.guard()

app = Celery("sessionbeat", broker=chosen.broker_url, amqp=broker_loss.Amqp)
app.conf.update(
    accept_content=["json"],  # no pickles from a broker that somebody else may reach
    task_serializer="json",
    task_ignore_result=True,  # PostgreSQL is the only memory
    task_store_errors_even_if_ignored=False,
    task_default_queue=BULK,
    task_routes={name: {"queue": TRANSITIONS} for name in HINT_TASKS},
    task_acks_late=True,  # a worker that dies gives its hint back; every task may run twice
    task_reject_on_worker_lost=True,  # also when only its child died, which Celery would take for an answer
    worker_pool="worker.children:Pool",  # processes; one that is killed too early does not end the worker
    worker_prefetch_multiplier=1,  # no hint waits behind a long one in a worker that is busy
    task_time_limit=50,  # seconds; below the visibility timeout, or the broker would hand the hint out again
    task_soft_time_limit=45,  # seconds; a task that hangs ends in good order first, with a line in the log
    worker_send_task_events=True,  # Flower, and the heartbeat that worker.pulse follows
    worker_hijack_root_logger=False,  # our own log format
    worker_enable_remote_control=True,  # `celery inspect`, Flower, and `sessionbeat up` asks who consumes
    beat_enable_remote_control=True,  # beat answers `celery inspect ping` too; off unless it is asked for
    beat_remote_control_max_tick_age=10,  # seconds; a beat that hangs falls silent; it looks each second
    broker_connection_retry_on_startup=True,  # whoever starts first waits for the broker
    broker_connection_max_retries=None,  # never give up on a broker
    broker_transport_options={
        "visibility_timeout": 60,  # seconds until an unacknowledged hint is handed out again
        "unacked_restore_interval": 5,  # seconds between two looks for such hints
        "unacked_restore_throttle": 1,  # really look at each of them, not at each tenth
        "socket_timeout": 5,  # seconds; a broker that hangs is noticed
        "socket_connect_timeout": 2,  # seconds; one that is unreachable, too: beat must not stand still
        "socket_keepalive": True,  # so that a peer that vanished without a word is noticed while nothing is sent
    },
    beat_schedule={"audit": {"task": "audit.check", "schedule": 300.0}},  # seconds; all else is hinted when it is due
    enable_utc=True,  # nothing here has a local time
    timezone="UTC",
)


@celeryd_init.connect
def load_tasks(**_: Any) -> None:
    """Load the tasks where a worker starts; beat and Flower only name them, and are there sooner without."""
    for module in OF_WORKERS:
        app.loader.import_task_module(module)


@setup_logging.connect
def configure_logging(**_: Any) -> None:
    """Our own log lines instead of Celery's."""
    logs.configure(chosen.log_level, chosen.log_format)


@worker_process_init.connect
def die_with_parent(**_: Any) -> None:
    """End a pool process at once when its worker is killed, so that no orphan goes on working."""
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
