"""What every call shares: the engine, the settings, whose key it came with, and its transaction.

A call runs its journeys in transactions of their own (`run`, `write`), or all of them in one (`together`). What a call
that changes something did is written down in the same transaction: by the id in its path, unless it names the ids
itself (`changed`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from flask import current_app, g, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session as Tx

from api_stub.limiter import Limiter
from config.settings import Settings
from services import changes, keys, retry
from services.errors import Clash

NAME = "sessionbeat"
READS = ("GET", "HEAD", "OPTIONS")

Held = TypeVar("Held")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What one process of the API holds: an engine (its connections are its own), the settings it began with, and the
    counts of requests that it shares with the others."""

    engine: Engine
    settings: Settings
    limiter: Limiter


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


def enter(key: str) -> keys.Caller | None:
    """Who holds a key; None: nobody. The transaction in which it was looked up stays open for the journey of a look.

    A look has no body that could be long in coming.
    """
    entered = keys.enter(current().engine, key)
    if entered is None:
        return None
    g.opened = entered.tx, entered.now
    keys.use(entered)
    if request.method not in READS:
        entered.tx.commit()
        close()
    return entered.caller


def close(_: BaseException | None = None) -> None:
    """End what is still open: the call was refused before its journey."""
    opened: tuple[Tx, datetime] | None = g.pop("opened", None)
    if opened is not None:
        opened[0].close()


def run(journey: Callable[[Tx, datetime], Answer]) -> Answer:
    """What `journey(tx, now)` answers, in a transaction confined to the caller's tenant."""

    def noted(tx: Tx, now: datetime) -> Answer:
        g.changed = []  # what an earlier attempt did is undone
        answer = journey(tx, now)
        note(tx)
        return answer

    joined: tuple[Tx, datetime] | None = g.get("joined")
    if joined:
        return noted(*joined)
    return carried_out(noted, g.pop("opened", None))


def write(hold: Callable[[Tx, datetime], Held], journey: Callable[[Tx, Held, datetime], Answer]) -> Answer:
    """What `journey(tx, held, now)` answers, likewise: `hold` takes its locks, then the clock is read for it."""
    return run(retry.in_turn(hold, journey))


def together(journey: Callable[[Tx, datetime], Answer]) -> Answer:
    """What `journey(tx, now)` answers, in one transaction with all that runs inside it."""

    def joining(tx: Tx, now: datetime) -> Answer:
        g.joined = (tx, now)
        try:
            return journey(tx, now)
        finally:
            del g.joined

    return carried_out(joining)


def carried_out(journey: Callable[[Tx, datetime], Answer], opened: tuple[Tx, datetime] | None = None) -> Answer:
    """What a journey answers; when it is over, and nobody waits for it any more, what is in its way is found."""
    try:
        return retry.run(current().engine, tenant_id(), journey, opened)
    except Clash as refused:
        refused.find()
        raise


def changed(id_: str, kind: str | None = None) -> None:
    """Name what this call changes, and how where its name does not say it: to be called inside the journey."""
    g.changed.append((kind or verb(), id_))


def note(tx: Tx) -> None:
    """Write down what this call did; a look, and an edit that is only tried, do nothing."""
    if request.method in READS or request.args.get("dryRun") == "true":
        return
    path_id = (request.view_args or {}).get("id")
    done = g.changed or ([(verb(), path_id)] if path_id else [])
    changes.note(tx, tenant_id(), actor(), request.blueprint or "", done)


def verb() -> str:
    """What this call does, in one word: `edit` of `sessions.edit_session`."""
    return (request.endpoint or "").rpartition(".")[2].partition("_")[0]
