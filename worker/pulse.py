"""A worker says that it is alive.

Celery's own heartbeat beats in the worker's parent process each two seconds, from the moment it consumes from the
broker. Every other one is also written to the database, the first at once: who was seen lately takes hints from the
broker and reaches the database. The parent is patient with the database for seconds only; while that is away, hints are
of no use to it either.
"""

import functools
import itertools
from typing import Any

import structlog
from celery.signals import heartbeat_sent
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from db import engine as database
from services import heartbeat
from worker.app import chosen

log = structlog.get_logger()

is_written = itertools.cycle((True, False))
"""Which heartbeats are written: one each four seconds keeps an idle house idle, and two may fail."""


@functools.cache
def engine() -> Engine:
    """The parent's own way to the database; its children open theirs (`worker.tasks`)."""
    return database.connect(chosen.database_url, pool_size=1, patient=True)


@heartbeat_sent.connect
def say_alive(sender: Any, **_: Any) -> None:
    """Write down that this worker was seen now, under its Celery name (`transitions@host`)."""
    if not next(is_written):
        return
    try:
        with database.transaction(engine()) as (tx, now):
            heartbeat.beat(tx, sender.eventer.hostname, now)
    except SQLAlchemyError as error:
        log.warning("worker_without_database", error=str(error))
