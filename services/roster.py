"""Who has a place in a plan, or at one session, and who waits for one: in which place of the line.

Those who have a place come first, in the order of their ids, then those who wait, in the order in which they get one.
Of a plan told are its enrolments from now on; of a session its drop-ins too, and who is excused from it. Who waits for
the plan waits for each of its sessions, and stands in the line of those that ask for that session alone.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session as Tx

import recurrence
from db import places
from db.models import Enrolment, Session, Waiting
from db.sessions import SessionKey
from lifecycle import State
from services import room, settled
from services.stays import Stay, covers


class Standing(StrEnum):
    """How somebody stands to a plan or a session."""

    ENROLLED = "ENROLLED"
    """Has a place."""

    EXCUSED = "EXCUSED"
    """Has a place in the plan, and is excused from this session: somebody else may have it."""

    WAITING = "WAITING"
    """Waits for a place, and has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """A wish for a place: which place in the line it has (from 1), since when, and what it is for (local times)."""

    position: int
    since: datetime
    from_local: datetime
    until_local: datetime | None
    drop_in: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One person: from when until when there is a place, or is asked for one (local; None: for ever)."""

    user_id: UUID
    standing: Standing
    from_local: datetime
    until_local: datetime | None
    drop_in: bool
    waits: Waits | None = None


def of_plan(tx: Tx, tenant_id: UUID, series_id: UUID, now: datetime) -> list[Entry]:
    """Who has a place in a plan from now on, and who waits for one."""
    held = places.segments(tx, tenant_id, series_id)
    here = room.here_of(held, now)
    placed: dict[UUID, Entry] = {}
    for row in places.enrolments(tx, tenant_id, series_id):
        if not row.drop_in and (row.until_local is None or row.until_local > here):
            first = placed.get(row.user_id)
            placed[row.user_id] = replace(first, until_local=row.until_local) if first else entry(row)
    line = places.waitlist(tx, tenant_id, series_id)
    waits = [one for one in line if not one.drop_in and (one.until_local is None or one.until_local > here)]
    return together(placed, waits)


def of_session(tx: Tx, key: SessionKey, now: datetime) -> list[Entry]:
    """Who has a place at a session, and who waits for one as long as it has not begun."""
    wall = key.recurrence_id
    excused = places.excused_at(tx, key)
    placed = {
        row.user_id: entry(row, Standing.EXCUSED if row.user_id in excused else Standing.ENROLLED)
        for row in places.enrolments(tx, key.tenant_id, key.series_id)
        if covers([Stay(row.from_local, row.until_local)], wall)
    }
    line = places.waitlist(tx, key.tenant_id, key.series_id) if is_open(tx, key, now) else []
    return together(placed, [one for one in line if covers([Stay(one.from_local, one.until_local)], wall)])


def is_open(tx: Tx, key: SessionKey, now: datetime) -> bool:
    """Whether a session has not begun."""
    row = tx.scalar(select(Session).where(*settled.is_session(key)))
    if row is not None:
        return row.starts_at > now and row.started_at is None and row.state in (State.SCHEDULED, State.CANCELLED)
    held = places.segments(tx, key.tenant_id, key.series_id)
    return bool(held) and recurrence.wall_time(now, held[-1].time_zone) < key.recurrence_id


def together(placed: dict[UUID, Entry], line: list[Waiting]) -> list[Entry]:
    """Those who have a place, and those who wait, each once."""
    waiting: dict[UUID, Entry] = {}
    positions: dict[UUID, int] = {}  # who waits for the plan and for this session stands in the line once
    for row in line:
        waits = Waits(
            position=positions.setdefault(row.user_id, len(positions) + 1),
            since=row.since,
            from_local=row.from_local,
            until_local=row.until_local,
            drop_in=row.drop_in,
        )
        there = placed.get(row.user_id)
        if there is not None:
            placed[row.user_id] = replace(there, waits=waits)
        elif row.user_id not in waiting:
            waiting[row.user_id] = replace(entry(row, Standing.WAITING), waits=waits)
    return [*(placed[user_id] for user_id in sorted(placed)), *waiting.values()]


def entry(row: Enrolment | Waiting, standing: Standing = Standing.ENROLLED) -> Entry:
    """Somebody who has a place, or waits for one."""
    return Entry(
        user_id=row.user_id,
        standing=standing,
        from_local=row.from_local,
        until_local=row.until_local,
        drop_in=row.drop_in,
    )
