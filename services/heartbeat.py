"""When each process was last seen, on the database's clock.

A process is named by what it does and where: `beat@host`. One of a kind that is alive is enough, so the house is asked
by kind; a container asks for the process of its own host.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session as Tx

from db.models import Heartbeat
from services.alive import KINDS

FORGET_AFTER = timedelta(days=1)
"""A host that was not seen for so long is not coming back: containers get a new name each time."""


def beat(tx: Tx, name: str, now: datetime) -> None:
    """Say that the process of this name is alive at `now`."""
    statement = insert(Heartbeat).values(name=name, seen_at=now)
    tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"seen_at": now}))


def forget(tx: Tx, now: datetime) -> None:
    """Drop the names that nobody goes by any more."""
    tx.execute(delete(Heartbeat).where(Heartbeat.seen_at < now - FORGET_AFTER))


def latest(tx: Tx) -> dict[str, datetime]:
    """When each process was last seen."""
    return {row.name: row.seen_at for row in tx.execute(select(Heartbeat.name, Heartbeat.seen_at))}


def ages(tx: Tx, now: datetime) -> dict[str, timedelta | None]:
    """How long ago one of each of `KINDS` was last seen; None: never."""
    youngest: dict[str, timedelta | None] = dict.fromkeys(KINDS)
    for name, seen_at in sorted(latest(tx).items(), key=lambda seen: seen[1]):
        kind = name.partition("@")[0]
        if kind in youngest:
            youngest[kind] = now - seen_at
    return youngest
