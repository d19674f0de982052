"""Lifeline: looks by itself when nobody else did.

A tiny process without Celery and without a broker. When something has been due for `PATIENCE`, nobody else is
doing it: the lifeline does, in the same way as a worker. So sessions start and end with no broker, no beat and no
worker.
"""

import signal
import threading
from datetime import timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from config import logs, process_name, settings
from config.settings import Settings
from db import agenda as agendas
from db import engine as database
from lifecycle import Step
from services import attendance_import, heartbeat, materialize, passing, spell, transition
from services.floor import Floor

log = structlog.get_logger()

PATIENCE = timedelta(seconds=5)
BULK_PATIENCE = timedelta(minutes=5)  # rows reach far ahead, and marks in bulk are of yesterday: no hurry
LONGEST_SLEEP_S = 2.0  # shorter than its patience, so that nothing waits longer for it
ASK_AGAIN_S = 1.0  # a database that was away
SHORTEST_SLEEP_S = 0.1  # a row that somebody holds locked is not asked for in a spin


def main() -> None:
    """Look until told to stop (SIGTERM, SIGINT)."""
    chosen = settings.load()
    logs.configure(chosen.log_level, chosen.log_format)
    engine = database.connect(chosen.database_url, pool_size=1)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    sleep_s, floor = 0.0, Floor()
    while not stop.wait(sleep_s):
        try:
            sleep_s = look(engine, chosen, floor)
        except SQLAlchemyError as error:
            log.warning("lifeline_without_database", error=str(error))
            sleep_s = ASK_AGAIN_S


def look(engine: Engine, chosen: Settings, floor: Floor) -> float:
    """Do what has been due too long, for a while; returns how long to sleep (seconds). `floor`: where to begin."""
    with database.transaction(engine) as (tx, now):
        heartbeat.beat(tx, process_name.of_kind("lifeline"), now)
        agenda = agendas.look(tx, floor.for_look(now))
        waiting = agendas.slow(tx, now)
    if Step.START not in agenda.due:
        floor.nothing_waits(now)
    if any(agenda.now - found.oldest > PATIENCE for found in agenda.due.values()):
        log.warning("lifeline_drains", due=[step.value for step in agenda.due])
        for step in transition.LIFE:
            log.info(
                "lifeline_drained",
                step=step.value,
                **transition.drain(engine, step, chosen.batch_size, longest=spell.OF_A_LOOK),
            )
    if waiting.plans is not None and agenda.now - waiting.plans > BULK_PATIENCE:
        log.info("lifeline_materialized", **materialize.drain(engine, chosen, spell.OF_A_LOOK))
    if waiting.marks is not None and agenda.now - waiting.marks > BULK_PATIENCE:
        log.info("lifeline_imported", **attendance_import.drain(engine, spell.OF_A_LOOK))
    if waiting.wishes is not None and agenda.now - waiting.wishes > PATIENCE:
        log.info("lifeline_promoted", **passing.drain(engine, spell.OF_A_LOOK))
    overdue = [found.oldest + PATIENCE - agenda.now for found in agenda.due.values()]
    return max(SHORTEST_SLEEP_S, min([LONGEST_SLEEP_S, *(left.total_seconds() + 0.001 for left in overdue)]))


if __name__ == "__main__":
    main()
