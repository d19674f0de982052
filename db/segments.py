"""Statements on segments, and the way between a segment's columns and a `recurrence.Series`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session as Tx

import recurrence
from db.models import Segment

EXCLUDE = text("""
    UPDATE segment SET exdates = exdates || CAST(:exdates AS text[])
    WHERE (tenant_id, series_id, from_local) = (:tenant_id, :series_id, :from_local)
""")

MARK = text("""
    UPDATE segment g SET materialized_until = new.materialized_until, next_materialize_at = new.next_materialize_at
    FROM unnest(CAST(:tenant_id AS uuid[]), CAST(:series_id AS uuid[]), CAST(:from_local AS timestamp[]),
                CAST(:materialized_until AS timestamptz[]), CAST(:next_materialize_at AS timestamptz[]))
         AS new (tenant_id, series_id, from_local, materialized_until, next_materialize_at)
    WHERE (g.tenant_id, g.series_id, g.from_local) = (new.tenant_id, new.series_id, new.from_local)
""")


class Watermark(NamedTuple):
    """How far a segment's sessions are written, and when to look again (instants; None: never)."""

    tenant_id: UUID
    series_id: UUID
    from_local: datetime
    materialized_until: datetime
    next_materialize_at: datetime | None


def columns_of(series: recurrence.Series) -> dict[str, Any]:
    """The columns that hold a series; whole excluded days have a column of their own."""
    days = [moment for moment in series.exdates if isinstance(moment, date) and not isinstance(moment, datetime)]
    starts = [moment for moment in series.exdates if isinstance(moment, datetime)]
    return {
        "dtstart": series.dtstart,
        "time_zone": series.time_zone,
        "all_day": series.all_day,
        "duration": str(series.duration),
        "rrule": None if series.rule is None else str(series.rule),
        "rdates": [recurrence.format_moment(moment) for moment in series.rdates],
        "exdates": [recurrence.format_moment(moment) for moment in starts],
        "excluded_days": days,
        "gap": series.gap.value,
        "fold": series.fold.value,
    }


def first_local(series: recurrence.Series) -> datetime:
    """The earliest wall time at which the series can have a session: DTSTART's, or that of an RDATE before it."""
    return min([series.dtstart, *(wall_of(moment, series) for moment in series.rdates)])


def wall_of(moment: recurrence.Moment, series: recurrence.Series) -> datetime:
    """The local start that an RDATE of the series means."""
    start = moment.start if isinstance(moment, recurrence.Period) else moment
    if not isinstance(start, datetime):
        return datetime.combine(start, series.dtstart.time())
    return start if start.tzinfo is None else recurrence.wall_time(start, series.zone)


def series_of(segment: Segment) -> recurrence.Series:
    """The series that a segment holds.

    Raises RecurrenceError when it can't be read any more (a zone that vanished from tzdata).
    """
    exdates = tuple(recurrence.parse_moment(moment) for moment in segment.exdates)
    return recurrence.Series(
        dtstart=segment.dtstart,
        time_zone=segment.time_zone,
        all_day=segment.all_day,
        duration=recurrence.Duration.parse(segment.duration),
        rule=None if segment.rrule is None else recurrence.Rule.parse(segment.rrule),
        rdates=tuple(recurrence.parse_moment(moment) for moment in segment.rdates),
        exdates=exdates + tuple(segment.excluded_days),
        gap=recurrence.Gap(segment.gap),
        fold=recurrence.Fold(segment.fold),
    )


def claim(tx: Tx, now: datetime, limit: int) -> list[Segment]:
    """Segments whose sessions want writing at `now`, longest waiting first, locked; others' claims are passed over."""
    statement = (
        select(Segment)
        .where(Segment.next_materialize_at <= now)
        .order_by(Segment.next_materialize_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(tx.scalars(statement))


def waiting_since(tx: Tx, now: datetime) -> datetime | None:
    """Since when a segment has wanted its sessions written; None when none does."""
    return tx.scalar(select(func.min(Segment.next_materialize_at)).where(Segment.next_materialize_at <= now))


def mark(tx: Tx, watermarks: Sequence[Watermark]) -> None:
    """Move the watermarks of these segments, in one statement."""
    if watermarks:
        columns = zip(*watermarks, strict=True)
        tx.execute(MARK, {name: list(column) for name, column in zip(Watermark._fields, columns, strict=True)})


def exclude(tx: Tx, key: Mapping[str, Any], recurrence_ids: Sequence[datetime]) -> None:
    """Leave these local starts out of a segment for good."""
    exdates = [recurrence.format_moment(moment) for moment in recurrence_ids]
    tx.execute(EXCLUDE, {**key, "exdates": exdates})
