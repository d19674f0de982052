"""Marks in bulk, as turnstiles and meeting tools export them: stored at once, marked by a worker, reported row by row.

A row names a session and a person and says a mark, or when the person came and perhaps went, or both. What is wrong in
a row is told at that row, and the others are marked. What check-in refuses (`services.presence`) is refused here, too.

The worker takes rows in batches, each in a transaction that also says how far it came. A row that the database refuses
for its data is found by halving the batch, and refused.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session as Tx
from uuid_utils.compat import uuid7

from db import engine as database
from db import imports
from db.imports import Batch
from db.models import AttendanceImport, AttendanceImportRow, PlanType, RowOutcome, Segment, Series, User
from recurrence import RecurrenceError
from services import presence, retry, settled, spell, transition, turn, waitlist
from services.errors import NotFound

REFUSALS = (DataError, IntegrityError, RecurrenceError)
BATCH = 10_000  # rows in a transaction: its sessions are held for a fraction of a second
KEPT = timedelta(days=90)  # how long a delivery and its report are kept after it was marked


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A row as it came: its line, what it says of session and person, and what was understood, or else `problem`."""

    line: int
    session: str | None
    person: str | None
    series_id: UUID | None = None
    recurrence_id: datetime | None = None
    user_id: UUID | None = None
    email: str | None = None
    mark: str | None = None
    checked_in_at: datetime | None = None
    checked_out_at: datetime | None = None
    problem: str | None = None


class Report(NamedTuple):
    """How far a delivery is, and some of its rows."""

    told: AttendanceImport
    rows: Sequence[AttendanceImportRow]


def store(tx: Tx, tenant_id: UUID, delivered: Sequence[Delivered], actor: str, now: datetime) -> AttendanceImport:
    """Keep these rows to be marked."""
    delivered = with_people(tx, tenant_id, with_sessions(tx, tenant_id, delivered))
    kept = AttendanceImport(
        tenant_id=tenant_id,
        id=uuid7(),
        created_at=now,
        created_by=actor,
        rows=len(delivered),
        done_until=0,
        marked=0,
        unchanged=0,
        refused=sum(one.problem is not None for one in delivered),
    )
    tx.add(kept)
    tx.flush()
    for begin in range(0, len(delivered), BATCH):
        values = [row_of(kept, one) for one in delivered[begin : begin + BATCH]]
        tx.execute(insert(AttendanceImportRow), values)
    return kept


def row_of(kept: AttendanceImport, one: Delivered) -> dict[str, object]:
    """The stored row of a delivered one."""
    names = ("line", "session", "person", "series_id", "recurrence_id", "user_id", "mark", "checked_in_at",
             "checked_out_at")  # fmt: skip
    outcome = None if one.problem is None else RowOutcome.REFUSED
    values: dict[str, object] = {name: getattr(one, name) for name in names}
    return {"tenant_id": kept.tenant_id, "import_id": kept.id, "outcome": outcome, "detail": one.problem, **values}


def with_sessions(tx: Tx, tenant_id: UUID, delivered: Sequence[Delivered]) -> Sequence[Delivered]:
    """The same rows, where a one-time plan was named by its own id with its session."""
    plans = {one.series_id for one in delivered if one.series_id is not None and one.recurrence_id is None}
    if not plans:
        return delivered
    of_plan = select(Series.id, func.max(Segment.dtstart)).join(
        Segment, (Segment.tenant_id == Series.tenant_id) & (Segment.series_id == Series.id)
    )
    wanted = (Series.tenant_id == tenant_id, Series.id.in_(plans), Series.type == PlanType.ONE_TIME)
    starts = {row[0]: row[1] for row in tx.execute(of_plan.where(*wanted).group_by(Series.id))}
    return [
        one if one.series_id is None or one.recurrence_id is not None else named(one, starts.get(one.series_id))
        for one in delivered
    ]


def with_people(tx: Tx, tenant_id: UUID, delivered: Sequence[Delivered]) -> Sequence[Delivered]:
    """The same rows, where a person was named by an e-mail address with the person's id."""
    addresses = {one.email for one in delivered if one.email is not None}
    if not addresses:
        return delivered
    lower = func.lower(User.email)
    found = select(lower, User.id).where(User.tenant_id == tenant_id, lower.in_(addresses))
    ids = {row[0]: row[1] for row in tx.execute(found)}
    return [one if one.email is None else replace(one, user_id=ids.get(one.email)) for one in delivered]


def named(one: Delivered, recurrence_id: datetime | None) -> Delivered:
    """A row about the one session of a plan; about none that is known, it is refused."""
    if recurrence_id is not None:
        return replace(one, recurrence_id=recurrence_id)
    problem = f"got {one.session!r}, expected the id of one session: {{plan}}_{{YYYYMMDDTHHMMSS}}"
    return replace(one, series_id=None, problem=problem)


def drain(engine: Engine, longest: timedelta = spell.OF_A_TASK) -> dict[str, int]:
    """Mark all rows that wait; how many were `marked`, `unchanged` and `refused`, and how many deliveries are done."""
    counts = {"deliveries": 0, "marked": 0, "unchanged": 0, "refused": 0}
    began: datetime | None = None
    limit = BATCH
    while True:
        try:
            now, found = retry.run(engine, None, functools.partial(attempt, limit=limit))
        except REFUSALS as error:
            if limit == 1:
                counts["refused"] += refuse_first(engine, str(getattr(error, "orig", error)))
            limit = max(1, limit // 2)
            continue
        began, limit = began or now, min(BATCH, 2 * limit)
        if found is None or now - began > longest:
            return {name: number for name, number in counts.items() if number}
        for name, number in found.items():
            counts[name] += number


def attempt(tx: Tx, now: datetime, limit: int) -> tuple[datetime, dict[str, int] | None]:
    """Mark the next rows, and tell when that was begun."""
    return now, batch(tx, limit)


def batch(tx: Tx, limit: int) -> dict[str, int] | None:
    """Mark the next rows, at most so many; what was done, None when nothing waits."""
    taken = imports.claim(tx, limit)
    if taken is None:
        return None
    if taken.until == taken.done_until:
        imports.finish(tx, taken, database.clock(tx))
        return {"deliveries": 1}
    turn.take(tx, (), imports.excusing(tx, taken))
    held = imports.lock(tx, taken)
    if missing := imports.missing(tx, taken):
        settled.hold(tx, missing)
        held = imports.lock(tx, taken)
    now = database.clock(tx)
    transition.settle(tx, imports.keys_due(held, now), now)
    values = {"now": now, "opens": presence.OPENS}
    if any(one.waits for one in held):
        begin(tx, taken, held, now)
    marked = imports.mark(tx, taken, values)
    for series_id in marked.freed or ():
        waitlist.promote(tx, taken.tenant_id, series_id, waitlist.EXCUSED, now)
    counts = {"unchanged": marked.unchanged, "refused": marked.refused}
    counts["marked"] = marked.rows - marked.unchanged - marked.refused
    imports.advance(tx, taken, counts)
    return counts


def begin(tx: Tx, taken: Batch, held: Sequence[imports.Lying], now: datetime) -> None:
    """Start the sessions that wait for their first check-in, where these rows tell of one."""
    came = imports.beginnings(tx, taken, {"now": now, "opens": presence.OPENS})
    for one in held:
        if one.waits and one.key in came:
            session, _ = settled.one(tx, one.key, now)
            if session.state == "SCHEDULED":
                presence.begin_held(tx, session, came[one.key], taken.actor, now)


def refuse_first(engine: Engine, reason: str) -> int:
    """Refuse the first row that waits, which can't be written; how many that was."""

    def journey(tx: Tx, _: datetime) -> int:
        taken = imports.claim(tx, 1)
        if taken is None or taken.until == taken.done_until:
            return 0
        refused = imports.refuse(tx, taken, f"can't be marked: {reason.splitlines()[0]}")
        imports.advance(tx, taken, {"marked": 0, "unchanged": 0, "refused": refused})
        return refused

    return retry.run(engine, None, journey)


def report(
    tx: Tx, tenant_id: UUID, id_: UUID, limit: int, after: int | None, outcome: RowOutcome | None = None
) -> Report:
    """How far a delivery is, and its rows after a line, at most so many; of one outcome alone, if wanted.

    Raises NotFound.
    """
    told = tx.get(AttendanceImport, (tenant_id, id_))
    if told is None:
        raise NotFound("attendance import", id_)
    of_it = (AttendanceImportRow.tenant_id == tenant_id, AttendanceImportRow.import_id == id_)
    rows = select(AttendanceImportRow).where(*of_it, AttendanceImportRow.line > (after or 0))
    if outcome is not None:
        rows = rows.where(AttendanceImportRow.outcome == outcome)
    return Report(told, list(tx.scalars(rows.order_by(AttendanceImportRow.line).limit(limit))))


def forget(tx: Tx, now: datetime) -> int:
    """Forget old deliveries, which name people; how many."""
    return imports.forget(tx, now - KEPT)
