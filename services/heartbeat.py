"""When each process was last seen, on the database's clock."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session as Tx

from db.models import Heartbeat


def beat(tx: Tx, name: str, now: datetime) -> None:
    """Say that the process of this name is alive at `now`."""
    statement = insert(Heartbeat).values(name=name, seen_at=now)
    tx.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"seen_at": now}))


def latest(tx: Tx) -> dict[str, datetime]:
    """When each process was last seen."""
    return {row.name: row.seen_at for row in tx.execute(select(Heartbeat.name, Heartbeat.seen_at))}
