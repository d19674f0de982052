"""Statements on what a plan has from some local time on: its rows, and what goes along when they are replaced.

All of them are for whoever holds the plan and these rows.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, text, true, update
from sqlalchemy.orm import Session as Tx

from db import sessions
from db.models import Segment, Session, Waiting
from db.sessions import NewSession, SessionKey

REPLAN = text("""
    UPDATE session s SET segment_from = new.segment_from, starts_at = new.starts_at, ends_at = new.ends_at,
                         end_due_at = new.end_due_at, misfire_grace = new.misfire_grace, clash = NULL, set_aside = NULL,
                         next_step = new.first_step, next_due_at = new.first_due_at
    FROM unnest(CAST(:tenant_id AS uuid[]), CAST(:series_id AS uuid[]), CAST(:recurrence_id AS timestamp[]),
                CAST(:segment_from AS timestamp[]), CAST(:starts_at AS timestamptz[]),
                CAST(:ends_at AS timestamptz[]), CAST(:end_due_at AS timestamptz[]),
                CAST(:misfire_grace AS interval[]), CAST(:first_step AS text[]),
                CAST(:first_due_at AS timestamptz[]))
         AS new (tenant_id, series_id, recurrence_id, segment_from, starts_at, ends_at, end_due_at, misfire_grace,
                 first_step, first_due_at)
    WHERE (s.tenant_id, s.series_id, s.recurrence_id) = (new.tenant_id, new.series_id, new.recurrence_id)
""")

REHOME = text("""
    UPDATE session s SET segment_from = :segment_from
    FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]), CAST(:recurrence_ids AS timestamp[]))
         AS k (tenant_id, series_id, recurrence_id)
    WHERE (s.tenant_id, s.series_id, s.recurrence_id) = (k.tenant_id, k.series_id, k.recurrence_id)
""")

STANDS_BY = """EXISTS (
            SELECT FROM session s WHERE s.tenant_id = :tenant_id AND s.series_id = :series_id
               AND s.recurrence_id IN ({edge}, {edge} - interval '1 second'))"""
"""A stay that begins or ends at a session that stays as it is, or right behind it, is about that session."""

BY_DATE = """
    UPDATE {table} SET
        from_local = CASE WHEN from_local >= :cut AND NOT {stands_by_from}
                          THEN greatest(date_trunc('day', from_local), least(from_local, CAST(:begin AS timestamp)))
                          ELSE from_local END,
        until_local = CASE WHEN until_local >= :cut AND NOT {stands_by_until}
                           THEN greatest(date_trunc('day', until_local), CAST(:begin AS timestamp))
                           ELSE until_local END
    WHERE tenant_id = :tenant_id AND series_id = :series_id AND NOT drop_in
      AND (from_local >= :cut OR until_local >= :cut)
"""

WITH_STRETCH = """
    UPDATE {table} SET
        from_local = CASE WHEN from_local IN (:cut, date_trunc('day', CAST(:cut AS timestamp)))
                          THEN CAST(:begin AS timestamp) ELSE from_local END,
        until_local = CASE WHEN until_local IN (:cut, date_trunc('day', CAST(:cut AS timestamp)))
                           THEN CAST(:begin AS timestamp) ELSE until_local END
    WHERE tenant_id = :tenant_id AND series_id = :series_id AND NOT drop_in
"""

STAYS = ("enrolment", "waiting")
"""The tables that say from when until when: who has a place, and who waits for one."""


def lock(tx: Tx, tenant_id: UUID, series_id: UUID, low: datetime | None) -> list[Session]:
    """The rows of a plan whose recurrence id is `low` or later (None: all), in order, locked."""
    of_plan = [Session.tenant_id == tenant_id, Session.series_id == series_id]
    if low is not None:
        of_plan.append(Session.recurrence_id >= low)
    statement = select(Session).where(*of_plan).order_by(Session.recurrence_id).with_for_update()
    return list(tx.scalars(statement.execution_options(populate_existing=True)))


def replan(tx: Tx, rows: Sequence[NewSession]) -> None:
    """Give these rows, which are there, other times and another segment."""
    if rows:
        columns = zip(*rows, strict=True)
        tx.execute(REPLAN, dict(zip(NewSession._fields, (list(column) for column in columns), strict=True)))


def rehome(tx: Tx, keys: Sequence[SessionKey], segment_from: datetime) -> None:
    """Let these rows belong to another segment of their plan."""
    if keys:
        tx.execute(REHOME, sessions.arrays(keys) | {"segment_from": segment_from})


def has_before(tx: Tx, segment: Segment, cut: datetime | None) -> bool:
    """Whether a segment has rows before a local start (None: at all)."""
    earlier = select(Session.recurrence_id).where(*of_segment(segment)).limit(1)
    return tx.scalar(earlier if cut is None else earlier.where(Session.recurrence_id < cut)) is not None


def rehome_some(
    tx: Tx, segment: Segment, segment_from: datetime, cut: datetime | None, recurrence_ids: Sequence[datetime]
) -> None:
    """Let the rows of a segment before the cut (None: all), and these, belong to another segment of the plan."""
    some = true() if cut is None else Session.recurrence_id < cut
    if recurrence_ids:
        some |= Session.recurrence_id.in_(recurrence_ids)
    statement = update(Session).where(*of_segment(segment), some).values(segment_from=segment_from)
    tx.execute(statement.execution_options(synchronize_session=False))


def of_segment(segment: Segment) -> list[ColumnElement[bool]]:
    """The conditions that a session belongs to a segment."""
    return [
        Session.tenant_id == segment.tenant_id,
        Session.series_id == segment.series_id,
        Session.segment_from == segment.from_local,
    ]


def forget(tx: Tx, keys: Sequence[SessionKey]) -> None:
    """Delete these rows with all that belongs to them."""
    if keys:
        tx.execute(delete(Session).where(sessions.among(keys)).execution_options(synchronize_session=False))


def enrol_by_date(tx: Tx, key: Mapping[str, Any], cut: datetime, begin: datetime) -> None:
    """Let enrolments that begin or end after the cut do so with the local date, none before the new begin."""
    for table in STAYS:
        by = {f"stands_by_{edge}": STANDS_BY.format(edge=f"{edge}_local") for edge in ("from", "until")}
        tx.execute(text(BY_DATE.format(table=table, **by)), {**key, "cut": cut, "begin": begin})


def enrol_with_stretch(tx: Tx, key: Mapping[str, Any], cut: datetime, begin: datetime) -> None:
    """Let enrolments that begin or end with a stretch of the plan do so where it begins now, on another day."""
    for table in STAYS:
        tx.execute(text(WITH_STRETCH.format(table=table)), {**key, "cut": cut, "begin": begin})


def wait_no_more(tx: Tx, tenant_id: UUID, series_id: UUID, since: datetime, people: Sequence[UUID]) -> None:
    """Let people who get a place in a plan from a local time on wait for none in it, nor at a session from then on."""
    if people:
        own = (Waiting.tenant_id == tenant_id, Waiting.series_id == series_id, Waiting.user_id.in_(people))
        which = ~Waiting.drop_in | (Waiting.from_local >= since)
        tx.execute(delete(Waiting).where(*own, which).execution_options(synchronize_session=False))
