"""Starts our own processes, all at once, and waits until each of them answers.

The API and Flower keep the port they had, or take their usual one. Where that is taken, another one is picked
and said; also when it is lost between looking and listening, which shows when the process ended and its port
is not free.
"""

import dataclasses
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from launcher import port, probe, processes, program
from launcher.errors import StartFailed
from launcher.facts import Facts
from launcher.place import Place
from launcher.program import Program
from launcher.progress import say
from launcher.supervisor import Supervisor

API_PORT, FLOWER_PORT = 8000, 5555
READY_WITHIN_S = 90.0  # seconds for all to answer; a busy machine of one core takes its time
LOOK_EVERY_S = 0.05
SAY_EVERY_S = 5.0  # seconds between two lines while waiting


@dataclass(slots=True, kw_only=True)
class Listener:
    """A process with a port of its own, which may have to change while it starts."""

    name: str
    listening: int
    at_port: Callable[[int], Program]
    answers: Callable[[int], bool]


def start(keeper: Supervisor, where: Place, known: Facts, wanted_port: int | None) -> Facts:
    """Start the processes; answers the facts with their addresses once all of them answer.

    known: with the addresses of both servers, the key and Flower's password. Raises StartFailed.
    """
    database, broker, key = known.database_url or "", known.broker_url or "", known.key or ""
    password = known.flower_password or ""
    environment = {**os.environ, "DATABASE_URL": database, "BROKER_URL": broker}
    api = Listener(
        name="api",
        listening=_choose("the API", wanted_port, known.api_port, API_PORT),
        at_port=lambda at: processes.api(where, environment, at),
        answers=lambda at: probe.api_is_ready(at, key),
    )
    flower = Listener(
        name="flower",
        listening=_choose("Flower", known.flower_port, FLOWER_PORT),
        at_port=lambda at: processes.flower(where, environment, at, password),
        answers=lambda at: probe.flower_is_ready(at, password),
    )
    say("API, workers, beat, Flower, lifeline …")
    _start_all(keeper, where, environment, api, flower)
    _await(keeper, where, [api, flower], lambda: probe.workers_consume(broker))
    keeper.start(processes.lifeline(where, environment))  # the last, because nobody waits for it
    return dataclasses.replace(
        known,
        api_port=api.listening,
        flower_port=flower.listening,
        api=f"http://{port.LOOPBACK}:{api.listening}",
        flower=f"http://operator:{password}@{port.LOOPBACK}:{flower.listening}",
    )


def _start_all(
    keeper: Supervisor, where: Place, environment: Mapping[str, str], api: Listener, flower: Listener
) -> None:
    keeper.start(api.at_port(api.listening))
    for wanted in processes.workers(where, environment):
        keeper.start(wanted)
    keeper.start(flower.at_port(flower.listening))


def _choose(what: str, *wanted: int | None) -> int:
    wish = next(number for number in wanted if number)
    chosen = port.prefer(*wanted)
    if chosen != wish:
        say(f"port {wish} is taken: {what} gets {chosen}")
    return chosen


def _await(keeper: Supervisor, where: Place, listeners: list[Listener], workers: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    said = time.monotonic()
    waiting: dict[str, Callable[[], bool]] = {one.name: _answer(one) for one in listeners}
    waiting["worker"] = workers  # the last, because asking the workers takes a while when none answers
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


def _answer(listener: Listener) -> Callable[[], bool]:
    return lambda: listener.answers(listener.listening)


def _move_when_taken(keeper: Supervisor, listener: Listener) -> None:
    if keeper.has_ended(listener.name) and not port.is_free(listener.listening):
        taken, listener.listening = listener.listening, port.any_free()
        say(f"port {taken} was taken meanwhile: {listener.name} gets {listener.listening}")
        keeper.start(listener.at_port(listener.listening))
