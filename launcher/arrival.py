"""Waits until each of our processes answers, and starts the lifeline, for which nobody waits.

A port may be lost between looking and listening, which shows when the process ended and its port is not free: then
another one is picked and said.
"""

import dataclasses
import time
from collections.abc import Callable

from launcher import port, probe, processes, program
from launcher.crew import Crew, Listener
from launcher.errors import StartFailed
from launcher.facts import Facts
from launcher.place import Place
from launcher.progress import say
from launcher.supervisor import Supervisor

READY_WITHIN_S = 90.0  # seconds for all to answer; a busy machine of one core takes its time
LOOK_EVERY_S = 0.05
SAY_EVERY_S = 5.0  # seconds between two lines while waiting


def wait(keeper: Supervisor, where: Place, crew: Crew, known: Facts) -> Facts:
    """Answers the facts with the addresses of the API and Flower, once every process answers.

    known: with the broker's address, the key and Flower's password. Raises StartFailed.
    """
    api, flower = crew.api, crew.flower
    password = known.flower_password or ""
    _await(keeper, where, [api, flower], {
        "api": lambda: probe.api_is_ready(api.listening, known.key or ""),
        "flower": lambda: probe.flower_is_ready(flower.listening, password),
        "worker": lambda: probe.workers_consume(known.broker_url or ""),  # the last: to ask takes a while
    })  # fmt: skip
    keeper.start(processes.lifeline(where, crew.environment))
    return dataclasses.replace(
        known,
        api_port=api.listening,
        flower_port=flower.listening,
        api=f"http://{port.LOOPBACK}:{api.listening}",
        flower=f"http://operator:{password}@{port.LOOPBACK}:{flower.listening}",
    )


def _await(keeper: Supervisor, where: Place, listeners: list[Listener], waiting: dict[str, Callable[[], bool]]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    said = time.monotonic()
    while waiting:
        for listener in listeners:
            _move_when_taken(keeper, listener)
        keeper.turn(LOOK_EVERY_S)
        name, answers = next(iter(waiting.items()))
        if answers():
            say(f"{name} answers")
            del waiting[name]
        elif time.monotonic() > deadline:
            raise StartFailed(name, program.last_words(where.log(name)), where.log(name))
        elif time.monotonic() - said > SAY_EVERY_S:
            said = time.monotonic()
            say(f"waiting for {', '.join(waiting)} …")


def _move_when_taken(keeper: Supervisor, listener: Listener) -> None:
    if keeper.has_ended(listener.name) and not port.is_free(listener.listening):
        taken, listener.listening = listener.listening, port.any_free()
        say(f"port {taken} was taken meanwhile: {listener.name} gets {listener.listening}")
        keeper.start(listener.at_port(listener.listening))
