"""Starts our own processes, all at once; `arrival` waits until each of them answers.

The API and Flower keep the port they had, or take their usual one. Where that is taken, another one is picked
and said.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from launcher import port, processes
from launcher.facts import Facts
from launcher.place import Place
from launcher.program import Program
from launcher.progress import say
from launcher.supervisor import Supervisor


@dataclass(slots=True, kw_only=True)
class Listener:
    """A process with a port of its own, which may have to change while it starts."""

    name: str
    listening: int
    at_port: Callable[[int], Program]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """The processes on their way up: those that listen, and the environment that all were given."""

    api: Listener
    flower: Listener
    environment: Mapping[str, str]


def begin(keeper: Supervisor, where: Place, known: Facts, wanted_port: int | None) -> Crew:
    """Start the processes, all but the lifeline; does not wait until they answer.

    known: with the addresses of both servers, and Flower's password.
    """
    password = known.flower_password or ""
    environment = {**os.environ, "DATABASE_URL": known.database_url or "", "BROKER_URL": known.broker_url or ""}
    api = Listener(
        name="api",
        listening=_choose("the API", wanted_port, known.api_port, processes.API_PORT),
        at_port=lambda at: processes.api(where, environment, at),
    )
    flower = Listener(
        name="flower",
        listening=_choose("Flower", known.flower_port, processes.FLOWER_PORT),
        at_port=lambda at: processes.flower(where, environment, at, password),
    )
    say("API, workers, beat, Flower, lifeline …")
    keeper.start(api.at_port(api.listening))
    for wanted in processes.workers(where, environment):
        keeper.start(wanted)
    keeper.start(flower.at_port(flower.listening))
    return Crew(api=api, flower=flower, environment=environment)


def _choose(what: str, *wanted: int | None) -> int:
    wish = next(number for number in wanted if number)
    chosen = port.prefer(*wanted)
    if chosen != wish:
        say(f"port {wish} is taken: {what} gets {chosen}")
    return chosen
