"""Statements on segments, and the way between a segment's columns and a `recurrence.Series`."""

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session as Tx

import recurrence
from db.models import Former, Segment

EXCLUDE = text("""
    UPDATE segment SET exdates = exdates || CAST(:exdates AS text[])
    WHERE (tenant_id, series_id, from_local) = (:tenant_id, :series_id, :from_local)
""")

MARK = text("""
    UPDATE segment g SET materialized_until = new.materialized_until, next_materialize_at = new.next_materialize_at,
                         counted_until = new.counted_until, counted = new.counted,
                         tzdata_version = least(g.tzdata_version, :tzdata_version)
    FROM unnest(CAST(:tenant_id AS uuid[]), CAST(:series_id AS uuid[]), CAST(:from_local AS timestamp[]),
                CAST(:materialized_until AS timestamptz[]), CAST(:next_materialize_at AS timestamptz[]),
                CAST(:counted_until AS timestamp[]), CAST(:counted AS integer[]))
         AS new (tenant_id, series_id, from_local, materialized_until, next_materialize_at, counted_until, counted)
    WHERE (g.tenant_id, g.series_id, g.from_local) = (new.tenant_id, new.series_id, new.from_local)
""")

KNOWN_TEXTS = 4_096  # rules, and durations, that are read once: the plans of a tenant share a few


class Columns(NamedTuple):
    """The columns of a segment that hold its series."""

    dtstart: datetime
    time_zone: str
    all_day: bool
    duration: str
    rrule: str | None
    rdates: tuple[str, ...]
    exdates: tuple[str, ...]
    excluded_days: tuple[date, ...]
    gap: str
    fold: str


class Watermark(NamedTuple):
    """How far a segment's sessions are written, when to look again (instants; None: never), and its count cursor."""

    tenant_id: UUID
    series_id: UUID
    from_local: datetime
    materialized_until: datetime
    next_materialize_at: datetime | None
    counted_until: datetime | None
    counted: int | None


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


rule_of = functools.lru_cache(KNOWN_TEXTS)(recurrence.Rule.parse)
duration_of = functools.lru_cache(KNOWN_TEXTS)(recurrence.Duration.parse)


def series_of(segment: Segment | Former | Columns) -> recurrence.Series:
    """The series that a segment holds.

    Raises RecurrenceError when it can't be read any more (a zone that vanished from tzdata).
    """
    return recurrence.Series(
        dtstart=segment.dtstart,
        time_zone=segment.time_zone,
        all_day=segment.all_day,
        duration=duration_of(segment.duration),
        rule=None if segment.rrule is None else rule_of(segment.rrule),
        rdates=tuple(map(recurrence.parse_moment, segment.rdates)),
        exdates=(*map(recurrence.parse_moment, segment.exdates), *segment.excluded_days),
        gap=recurrence.Gap(segment.gap),
        fold=recurrence.Fold(segment.fold),
    )


def is_empty(segment: Segment) -> bool:
    """Whether a segment gives nothing by its very form: it is kept for touched sessions that belonged to it."""
    alone = segment.rrule is None and not segment.rdates
    return alone and recurrence.format_moment(segment.dtstart) in segment.exdates


def gives() -> ColumnElement[bool]:
    """The condition that a segment is not empty."""
    dtstart = func.to_char(Segment.dtstart, 'YYYYMMDD"T"HH24MISS')
    return (
        Segment.rrule.is_not(None)
        | (func.cardinality(Segment.rdates) > 0)
        | (func.array_position(Segment.exdates, dtstart).is_(None))
    )


def emptied(segment: Segment) -> dict[str, Any]:
    """The columns that let a segment give nothing."""
    nothing: dict[str, Any] = {"rrule": None, "rdates": [], "excluded_days": [], "counted_until": None, "counted": None}
    return nothing | {"exdates": [recurrence.format_moment(segment.dtstart)], "next_materialize_at": None}


def cursor_of(segment: Segment) -> recurrence.Cursor | None:
    """The count that the segment's rule had reached by its watermark, less a little; None when none is kept."""
    if segment.counted_until is None or segment.counted is None:
        return None
    return recurrence.Cursor(segment.counted_until, segment.counted)


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


def lock(tx: Tx, tenant_id: UUID, series_ids: Collection[UUID]) -> list[Segment]:
    """The segments of these series, locked in key order; waits for whoever is materializing them."""
    if not series_ids:
        return []
    statement = select(Segment).where(Segment.tenant_id == tenant_id, Segment.series_id.in_(series_ids))
    ordered = statement.order_by(Segment.series_id, Segment.from_local)
    return list(tx.scalars(ordered.with_for_update(key_share=True).execution_options(populate_existing=True)))


def mark(tx: Tx, watermarks: Sequence[Watermark]) -> None:
    """Move the watermarks of these segments, in one statement.

    A segment's edition of tzdata is the oldest that any of its rows was computed with: where this process has an
    older one, the segment falls back to it, and is computed again by whoever has a newer one.
    """
    if watermarks:
        columns = zip(*watermarks, strict=True)
        named = {name: array_text(column) for name, column in zip(Watermark._fields, columns, strict=True)}
        tx.execute(MARK, named | {"tzdata_version": recurrence.tzdata_version()})


def array_text(values: Iterable[object]) -> str:
    """Ids, numbers and times as one text that PostgreSQL reads as an array: a third of the work of a list."""
    return "{" + ",".join("NULL" if value is None else f'"{value}"' for value in values) + "}"


def exclude(tx: Tx, key: Mapping[str, Any], recurrence_ids: Sequence[datetime]) -> None:
    """Leave these local starts out of a segment for good."""
    exdates = [recurrence.format_moment(moment) for moment in recurrence_ids]
    tx.execute(EXCLUDE, {**key, "exdates": exdates})
