"""`sessionbeat up`: every process on this machine, from an empty folder or from where the last run ended.

The order: the folder and its lock; PostgreSQL and Valkey, unless DATABASE_URL and BROKER_URL name others; the
schema; all processes at once; meanwhile a key and the demo; wait until each of them answers; then the line READY. From
there it only watches. What is not needed before the processes start is loaded after that.
"""

import argparse
import dataclasses
import importlib
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

from config import settings
from config.settings import Settings
from launcher import crew, facts, furnished, ground, lock, place, processes, program
from launcher.facts import Facts
from launcher.halt import Halt
from launcher.lock import Hold
from launcher.place import Place
from launcher.progress import say
from launcher.supervisor import Supervisor

WATCH_S = 60.0  # seconds; how long the watch sleeps when nothing ends
HIGHEST_PORT = 65_535


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = subparsers.add_parser("up", help="start every process on this machine, until Ctrl-C")
    parser.add_argument("--port", type=_port, metavar="N", help=f"the API's port (default: {processes.API_PORT})")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where data are kept (default: .sessionbeat)")
    parser.add_argument(
        "--demo",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="load a small studio where there are no plans yet (default: yes)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Start everything, say READY, watch until asked to stop. Raises LaunchError, SettingsError."""
    halt = Halt()
    halt.listen()
    program.follow_make()
    given = settings.load()
    where = place.choose(args.data_dir)
    place.make(where)
    hold, orphans = lock.take(where.root, facts.read(where.root).api)
    keeper = Supervisor(hold.children, say)
    try:
        say(f"data in {where.root}")
        if orphans:
            say(f"an earlier run was killed; {orphans} processes it left behind were ended")
        _start(keeper, where, given, args)
        while True:
            keeper.turn(WATCH_S)
    except KeyboardInterrupt:
        return 0
    finally:
        halt.begin()
        _stop(keeper, hold, halt)


def _start(keeper: Supervisor, where: Place, given: Settings, args: argparse.Namespace) -> None:
    began = time.monotonic()
    known = ground.secrets_of(facts.read(where.root))
    facts.write(where.root, known)
    known = ground.start(keeper, where, given, known)
    url = known.database_url or ""
    if not furnished.is_current(url):
        _late("opening").migrate(url)
    started = crew.begin(keeper, where, known, wanted_port=args.port)
    if known.key is None or not furnished.is_furnished(url, known.key, demo=args.demo):
        key = _late("opening").furnish(url, known.key, demo=args.demo, given=given)
        known = dataclasses.replace(known, key=key)
        facts.write(where.root, known)
    known = _late("arrival").wait(keeper, where, started, known)
    facts.write(where.root, known)
    _tell(known, time.monotonic() - began)


def _late(module: str) -> Any:
    """A module of ours that is loaded where it is needed, so that nothing waits for it before."""
    return importlib.import_module(f"launcher.{module}")


def _tell(known: Facts, took_s: float) -> None:
    say(f"everything answers after {took_s:.1f} s; Ctrl-C ends it")
    say("")
    say(f"  API     {known.api}    (documentation at /docs)")
    say(f"  Flower  {known.flower}")
    say(f"  key     {known.key}")
    say(f"  try     curl -s -H 'Authorization: Bearer {known.key}' '{known.api}/api/v1/sessions?limit=3'")
    say("")
    say("READY " + json.dumps({"api": known.api, "flower": known.flower, "key": known.key}))


def _stop(keeper: Supervisor, hold: Hold, halt: Halt) -> None:
    """End everything, in order; then whatever else still holds the lock."""
    say("stopping …")
    keeper.stop(hurried=lambda: halt.hurried)
    for pid in hold.left_over():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    hold.release()
    say("stopped; nothing is left running, the data stay")


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"got {text!r}, expected a port from 1 to {HIGHEST_PORT}")
    return int(text)
