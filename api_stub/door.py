"""What every call shares: the engine, the settings, and whose key it came with."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from flask import current_app, g, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session as Tx

from config.settings import Settings
from db import engine as database
from services import keys, retry

NAME = "sessionbeat"
LOOKS = ("GET", "HEAD")

Held = TypeVar("Held")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What one process of the API holds: an engine (its connections are its own) and the settings it began with."""

    engine: Engine
    settings: Settings


def current() -> Door:
    """The door of the app that answers this request."""
    door = current_app.extensions[NAME]
    assert isinstance(door, Door)
    return door


def caller() -> keys.Caller:
    """Whose key this request came with."""
    found = g.caller
    assert isinstance(found, keys.Caller)
    return found


def tenant_id() -> UUID:
    """The tenant of the key this request came with."""
    return caller().tenant_id


def actor() -> str:
    """Who acts, as the ledger names it: the id of the key."""
    return str(caller().key_id)


@contextmanager
def system() -> Iterator[tuple[Tx, datetime]]:
    """A transaction of the system itself, in which the key is looked up; that of a look stays open for its journey.

    A look has no body that could be long in coming.
    """
    tx, now = database.begin(current().engine)
    try:
        yield tx, now
        if request.method in LOOKS:
            g.opened = tx
        else:
            tx.commit()
    finally:
        if g.get("opened") is not tx:
            tx.close()


def close(_: BaseException | None = None) -> None:
    """End what is still open: the call was refused before its journey."""
    opened: Tx | None = g.pop("opened", None)
    if opened is not None:
        opened.close()


def run(journey: Callable[[Tx, datetime], Answer]) -> Answer:
    """What `journey(tx, now)` answers, in a transaction confined to the caller's tenant."""
    return retry.run(current().engine, tenant_id(), journey, g.pop("opened", None))


def write(hold: Callable[[Tx, datetime], Held], journey: Callable[[Tx, Held, datetime], Answer]) -> Answer:
    """What `journey(tx, held, now)` answers, likewise: `hold` takes its locks, then the clock is read for it."""
    return retry.write(current().engine, tenant_id(), hold, journey)
