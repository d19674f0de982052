"""The same work with a Celery task for each session: the usual way.

Same broker, same database, same number of pool processes. The peer gets what makes it quick: no acknowledgement after
the work, messages fetched ahead, no events, no results, one connection for all messages, a prepared statement that
knows the key. Its tables are the same; the message names the session.
"""

import os
import time
from collections.abc import Sequence
from typing import Any, Final

import psycopg
from celery import Celery

from bench.house import House, wait_until
from launcher import program
from launcher.place import PROJECT
from launcher.program import Program

QUEUE: Final = "peer"
TASK: Final = "peer.start"
WORKER_STAGE: Final = 3
POOL: Final = 2  # processes; as many as the worker of the transitions has

app = Celery("peer", broker=os.environ.get("BROKER_URL"), set_as_current=False)
app.conf.update(task_ignore_result=True, task_default_queue=QUEUE, worker_prefetch_multiplier=64)

MOVE: Final = """
    WITH moved AS (
        UPDATE session SET state = 'IN_PROGRESS', started_at = next_due_at, next_step = 'END',
                           next_due_at = end_due_at, seq = seq + 1
        WHERE (tenant_id, series_id, recurrence_id) = (%(tenant)s, %(series)s, %(recurrence)s)
          AND next_step = 'START' AND next_due_at <= clock_timestamp()
        RETURNING tenant_id, series_id, recurrence_id, seq, started_at
    )
    INSERT INTO transition (tenant_id, series_id, recurrence_id, seq, kind, effective_at, applied_at, actor, outcome)
    SELECT tenant_id, series_id, recurrence_id, seq, 'start', started_at, clock_timestamp(), 'system', 'on_time'
    FROM moved"""

DUE: Final = """
    SELECT CAST(tenant_id AS text), CAST(series_id AS text), CAST(recurrence_id AS text) FROM session
    WHERE next_step = 'START' AND next_due_at <= %(now)s"""
STARTED: Final = "SELECT count(*) FROM transition"

connections: list[psycopg.Connection] = []  # this pool process's own, once it has one


@app.task(name=TASK)
def start(tenant: str, series: str, recurrence: str) -> None:
    """Start one session."""
    if not connections:
        connections.append(psycopg.connect(os.environ["DATABASE_URL"], autocommit=True))
    connections[0].execute(MOVE, {"tenant": tenant, "series": series, "recurrence": recurrence})


def worker(house: House) -> Program:
    """A prefork worker for these tasks."""
    argv = ("celery", "-A", "bench.herd.peer", "worker", "--without-gossip", "--without-mingle", "-n", "peer@%h",
            "-Q", QUEUE, "--concurrency", str(POOL))  # fmt: skip
    return Program(
        name=QUEUE,
        argv=program.python(*argv),
        log=house.where.log(QUEUE),
        folder=PROJECT,
        environment=house.environment(),
        stage=WORKER_STAGE,
    )


def rate(house: House, sql: psycopg.Connection, sessions: Sequence[Sequence[Any]]) -> float:
    """Sessions a second, from the first message until the last session was started."""
    with Celery(broker=house.broker_url, set_as_current=False) as sender, sender.producer_pool.acquire() as producer:
        began = time.perf_counter()
        for tenant, series, recurrence in sessions:
            sender.send_task(TASK, (tenant, series, recurrence), queue=QUEUE, producer=producer)
        wait_until(lambda: sql.execute(STARTED).fetchall()[0][0] >= len(sessions), 300.0)
        return len(sessions) / (time.perf_counter() - began)
