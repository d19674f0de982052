"""The processes of Sessionbeat: what each one runs. `Procfile` and `docker-compose.yml` say the same; a test
compares.

They start in this order and end in the other one: Flower before the broker, beat before those it would wake,
the workers before the API, the servers last. A worker of its own has the transitions, so that nothing slow
stands before a start.
"""

from collections.abc import Mapping

from launcher import port, program
from launcher.place import PROJECT, Place
from launcher.program import Program

API_PORT, FLOWER_PORT = 8000, 5555

API = (
    "gunicorn",
    "api_stub.app:create_app()",
    "--worker-class",
    "api_stub.gateway.Worker",
    "--preload",
    "--workers",
    "2",
    "--threads",
    "8",
    "--no-control-socket",
)
WORKER = (
    "worker",
    "worker",
    "--without-gossip",
    "--without-mingle",
    "--loglevel",
    "INFO",
)
TRANSITIONS = (*WORKER, "-n", "transitions@%h", "-Q", "transitions", "--concurrency", "2")
BULK = (*WORKER, "-n", "bulk@%h", "-Q", "bulk", "--concurrency", "1")
BEAT = (
    "worker",
    "beat",
    "-S",
    "scheduler.beat:DueScheduler",
    "--pidfile=",
    "--loglevel",
    "INFO",
)
FLOWER = ("celery", "-A", "worker.app", "flower", "--persistent=True")
LIFELINE = ("scheduler.lifeline",)

API_STAGE, WORKER_STAGE, BEAT_STAGE, FLOWER_STAGE = 2, 3, 4, 5  # after the servers', 0 and 1


def api(where: Place, environment: Mapping[str, str], listening: int) -> Program:
    """The API at that port of the loopback address."""
    bind = ("--bind", f"{port.LOOPBACK}:{listening}", "--graceful-timeout", "1")
    return _program("api", (*API, *bind), where, environment, API_STAGE, 1.3)


def flower(where: Place, environment: Mapping[str, str], listening: int, password: str) -> Program:
    """Flower at that port of the loopback address; who asks for it is `operator` with that password.

    The password goes by the environment: a command line can be read by every user of the machine.
    """
    bind = (f"--address={port.LOOPBACK}", f"--port={listening}", f"--db={where.root / 'flower'}")
    secret = {"FLOWER_BASIC_AUTH": f"operator:{password}"}
    return _program("flower", (*FLOWER, *bind), where, {**environment, **secret}, FLOWER_STAGE, 1.2)


def workers(where: Place, environment: Mapping[str, str]) -> list[Program]:
    """What needs no port: the two workers, and beat."""
    return [
        _program("worker", TRANSITIONS, where, environment, WORKER_STAGE, 3.0),
        _program("bulk", BULK, where, environment, WORKER_STAGE, 3.0),
        _program("beat", BEAT, where, environment, BEAT_STAGE, 0.8),
    ]


def lifeline(where: Place, environment: Mapping[str, str]) -> Program:
    """What does by itself what the others left undone."""
    return _program("lifeline", LIFELINE, where, environment, BEAT_STAGE, 0.8)


def _program(
    name: str,
    arguments: tuple[str, ...],
    where: Place,
    environment: Mapping[str, str],
    stage: int,
    patience_s: float,
) -> Program:
    return Program(
        name=name,
        argv=program.python(*arguments),
        log=where.log(name),
        folder=PROJECT,
        environment={**environment, "PYTHONUNBUFFERED": "1"},
        stage=stage,
        patience_s=patience_s,
    )
