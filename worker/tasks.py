"""The tasks, named as an operator reads them in Flower. Each returns counts.

None needs an argument: the database is asked what is due. `asked_at` is when beat saw something due, on the database's
clock: hints that piled up while no worker was there cost one look.
"""

import functools
from datetime import datetime

from celery.signals import worker_process_init
from sqlalchemy import Engine

from db import engine as database
from lifecycle import Step
from services import attendance_import, audit, materialize, passing, rezone, sweep, transition
from services.floor import Floor, Seen
from worker.app import app, chosen

POOL_SIZE = 2  # a pool process runs one task at a time, in two lanes when there is much to do

seen = {Step.START: Floor(), **{step: Seen() for step in (Step.END, Step.CLOSE, Step.MEASURE)}}  # of this process


@functools.cache
def engine() -> Engine:
    """This process's own way to the database."""
    return database.connect(chosen.database_url, pool_size=POOL_SIZE)


@worker_process_init.connect
def forget_inherited_connections(**_: object) -> None:
    """A connection must not be shared by two processes: leave the parent's alone, open our own."""
    engine().dispose(close=False)


@app.task(name="sessions.start")
def start(asked_at: str | None = None) -> dict[str, int]:
    """Start every session that is due to start."""
    return drained(Step.START, asked_at)


@app.task(name="sessions.end")
def end(asked_at: str | None = None) -> dict[str, int]:
    """End every session that is due to end; mark missed what nobody started."""
    return drained(Step.END, asked_at)


@app.task(name="sessions.mark_attendance")
def mark_attendance(asked_at: str | None = None) -> dict[str, int]:
    """Mark as absent whoever is still expected at sessions that ended."""
    return drained(Step.CLOSE, asked_at)


@app.task(name="sessions.compute_metrics")
def compute_metrics(asked_at: str | None = None) -> dict[str, int]:
    """Compute the completion records of sessions that are closed."""
    return drained(Step.MEASURE, asked_at)


@app.task(name="series.materialize")
def materialize_series() -> dict[str, int]:
    """Write the sessions of plans whose rows run out."""
    return materialize.drain(engine(), chosen)


@app.task(name="series.rezone")
def rezone_series() -> dict[str, int]:
    """Compute again the sessions that an older edition of tzdata gave."""
    return rezone.drain(engine())


@app.task(name="attendance.import")
def import_attendance() -> dict[str, int]:
    """Mark what came in bulk."""
    return attendance_import.drain(engine())


@app.task(name="waitlist.promote")
def promote_waitlist() -> dict[str, int]:
    """Give places that are free since a session has begun to those who wait."""
    return passing.drain(engine())


@app.task(name="audit.check")
def check_audit() -> dict[str, int]:
    """Sweep, and compare a sample of the stored sessions with what dateutil makes of their rules."""
    return sweep.sweep(engine()) | audit.check(engine())


def drained(step: Step, asked_at: str | None) -> dict[str, int]:
    """What was done of a step, unless the hint is spent."""
    if seen[step].is_spent(None if asked_at is None else datetime.fromisoformat(asked_at)):
        return {"spent": 1}
    return transition.drain(engine(), step, chosen.batch_size, seen[step])
