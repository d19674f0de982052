"""Statements on editions of tzdata: with which one the sessions of a segment were computed.

A segment says the oldest that any of its rows was computed with; editions sort as text does.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Row, Select, select, text, tuple_
from sqlalchemy.orm import Session as Tx

from db.models import Segment, Series
from db.sessions import SessionKey, arrays

REZONED = text("""
    UPDATE segment g SET tzdata_version = :tzdata_version, set_aside = NULL,
                         counted_until = CASE WHEN g.gap <> 'SKIP' THEN g.counted_until END,
                         counted = CASE WHEN g.gap <> 'SKIP' THEN g.counted END,
                         next_materialize_at = CASE WHEN done.goes_on THEN :now ELSE g.next_materialize_at END
    FROM unnest(CAST(:tenant_id AS uuid[]), CAST(:series_id AS uuid[]), CAST(:from_local AS timestamp[]),
                CAST(:goes_on AS boolean[])) AS done (tenant_id, series_id, from_local, goes_on)
    WHERE (g.tenant_id, g.series_id, g.from_local) = (done.tenant_id, done.series_id, done.from_local)
""")

DOUBT = text("""
    UPDATE segment g SET tzdata_version = ''
    FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]), CAST(:recurrence_ids AS timestamp[]))
         AS k (tenant_id, series_id, recurrence_id)
    JOIN session s USING (tenant_id, series_id, recurrence_id)
    WHERE (g.tenant_id, g.series_id, g.from_local) = (s.tenant_id, s.series_id, s.segment_from)
""")

EDITIONS = text("SELECT min(tzdata_version), max(tzdata_version) FROM segment")


class Editions(NamedTuple):
    """The oldest and the newest edition of tzdata that stored sessions were computed with; None without plans."""

    oldest: str | None
    newest: str | None


class Rezoned(NamedTuple):
    """A segment that was computed anew; `goes_on`: its rule gives sessions that nobody would have written."""

    tenant_id: UUID
    series_id: UUID
    from_local: datetime
    goes_on: bool


def in_use(tx: Tx) -> Editions:
    """The oldest and the newest edition in use, by two index look-ups; they sort as text does."""
    return Editions(*tx.execute(EDITIONS).one())


def doubt(tx: Tx, keys: Sequence[SessionKey]) -> None:
    """Let the segments of these sessions be computed again soon: what was history when the clocks changed stood still.

    For whoever brings a removed or cancelled session back.
    """
    if keys:
        tx.execute(DOUBT, arrays(keys))


def older(installed: str) -> Select[Segment, Series]:
    """Segments whose sessions were computed with an edition of tzdata before `installed`, each beside its series."""
    return (
        select(Segment, Series)
        .join(Series, (Series.tenant_id == Segment.tenant_id) & (Series.id == Segment.series_id))
        .where(Segment.tzdata_version < installed)
    )


def claim_older(tx: Tx, installed: str, limit: int) -> list[Row[Segment, Series]]:
    """Some of them, locked until the transaction ends; those that others hold are passed over."""
    statement = older(installed).order_by(Segment.tzdata_version).limit(limit)
    return list(tx.execute(statement.with_for_update(of=Segment, skip_locked=True)))


def older_after(
    tx: Tx, installed: str, after: tuple[UUID, UUID, datetime] | None, limit: int
) -> list[Row[Segment, Series]]:
    """Some of them in the order of their keys, unlocked: the first after this key (None: from the beginning)."""
    key = tuple_(Segment.tenant_id, Segment.series_id, Segment.from_local)
    statement = older(installed).order_by(Segment.tenant_id, Segment.series_id, Segment.from_local).limit(limit)
    return list(tx.execute(statement if after is None else statement.where(key > after)))


def rezoned(tx: Tx, done: Sequence[Rezoned], installed: str, now: datetime) -> None:
    """Say that this edition computed these segments, in one statement; what was set aside is taken up again."""
    if done:
        columns = dict(zip(Rezoned._fields, (list(column) for column in zip(*done, strict=True)), strict=True))
        tx.execute(REZONED, columns | {"tzdata_version": installed, "now": now})
