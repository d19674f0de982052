"""What every call shares: the engine, the settings, and whose key it came with."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from flask import current_app, g
from sqlalchemy import Engine
from sqlalchemy.orm import Session as Tx

from config.settings import Settings
from services import keys, retry

NAME = "sessionbeat"

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


def run(journey: Callable[[Tx, datetime], Answer]) -> Answer:
    """What `journey(tx, now)` answers, in a transaction confined to the caller's tenant."""
    return retry.run(current().engine, tenant_id(), journey)


def write(hold: Callable[[Tx, datetime], Held], journey: Callable[[Tx, Held, datetime], Answer]) -> Answer:
    """What `journey(tx, held, now)` answers, likewise: `hold` takes its locks, then the clock is read for it."""
    return retry.write(current().engine, tenant_id(), hold, journey)
