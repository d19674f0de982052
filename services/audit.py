"""The auditor: samples stored plans, asks for a second opinion (dateutil), and says where the rows differ from it.

Looked at is what lies ahead, up to the watermark, in both directions: every session that the second opinion gives
has its row; every row that nobody touched has the times it gives, and is given; a session that was moved on its own
is where its own wall time says. And the watermark itself: nothing begins after it that nobody would write in time.
The past is history and not audited, nor are plans that were removed or set aside, nor those computed with another
edition of tzdata than the one installed here: rezoning comes first.

A round over all plans goes in samples, in the order of their keys; the place is remembered before a sample is
looked at, so that one that nobody could finish is not begun again and again. What is found is an error in the log,
a count, and stands at the segment (`mismatch`) until an audit finds it right.
"""

import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session as Tx

import recurrence
from db import audits, tally
from db.audits import SegmentKey, Stored
from db.models import Segment, Series
from db.tally import Count
from services import retry, second_opinion, unreadable
from services.second_opinion import SLACK, Opinion

log = structlog.get_logger()

SAMPLE = 100  # segments a run, 28,800 a day; an everyday one takes about 1.5 ms
NOT_WITHIN = timedelta(minutes=4)  # after another run: several beats hint several times
SEGMENTS_A_LOOK = 10  # in one transaction, so that its snapshot is short
LONGEST = timedelta(seconds=5)  # the rest of a sample is left to the next round
BEYOND = timedelta(days=60)  # how far past the watermark is looked whether somebody will write in time
REMOVED = "removed"
TOLD = 3  # differences of a segment that are written down


class Difference(NamedTuple):
    """Where a row and the second opinion differ, in words for people."""

    expected: str
    got: str


def check(engine: Engine) -> dict[str, int]:
    """Compare the next sample; returns how many segments were `compared`, `skipped` and `mismatched`."""
    counts: Counter[str] = Counter()
    keys = retry.run(engine, None, lambda tx, now: audits.take(tx, SAMPLE, now, NOT_WITHIN))
    one_snapshot = engine.execution_options(
        isolation_level="REPEATABLE READ"
    )  # rows and watermark as one commit left them
    began: datetime | None = None
    for first in range(0, len(keys), SEGMENTS_A_LOOK):
        some = keys[first : first + SEGMENTS_A_LOOK]
        now, found = retry.run(one_snapshot, None, functools.partial(look, keys=some))
        counts.update(found)
        began = began or now
        if now - began > LONGEST:
            break
    return dict(counts)


def look(tx: Tx, now: datetime, keys: Sequence[SegmentKey]) -> tuple[datetime, Counter[str]]:
    """Compare these segments, write down and count what is found; `now`, and how many of each kind."""
    counts: Counter[str] = Counter()
    mismatches: dict[SegmentKey, str | None] = {}
    stored = audits.stored(tx, keys, now.replace(tzinfo=None) - SLACK)
    for segment, series in audits.segments(tx, keys):
        key = SegmentKey(segment.tenant_id, segment.series_id, segment.from_local)
        if (reason := why_not(segment, series, now)) is not None:
            counts["skipped"] += 1
            if reason == REMOVED:
                mismatches[key] = None
            continue
        differences = list(compare(segment, stored[key], now))
        counts["compared"] += 1
        counts["mismatched"] += bool(differences)
        mismatches[key] = tell(segment, differences) if differences else None
    audits.found(tx, mismatches)
    count(tx, counts)
    return now, +counts


def why_not(segment: Segment, series: Series, now: datetime) -> str | None:
    """Why a segment is not audited; None: it is."""
    if series.removed_at is not None or segment.removed_at is not None:
        return REMOVED
    if segment.set_aside is not None:
        return "set aside"
    if unreadable.reason(segment) is not None:
        return "can't be read"
    if segment.tzdata_version != recurrence.tzdata_version():
        return "another edition of tzdata"
    return second_opinion.why_not(segment, end_of_look(segment, now))


def end_of_look(segment: Segment, now: datetime) -> datetime:
    """How far a segment is looked at."""
    return max(segment.materialized_until, now) + BEYOND


def compare(segment: Segment, stored: Sequence[Stored], now: datetime) -> Iterator[Difference]:
    """Where the rows and the watermark of a segment differ from the second opinion."""
    try:
        opinions = second_opinion.sessions(segment, now - SLACK, end_of_look(segment, now))
    except (ValueError, OverflowError) as error:
        yield Difference(f"a rule that dateutil takes: {error}", str(segment.rrule))
        return
    until = segment.materialized_until
    by_key = {one.recurrence_id: one for one in opinions}
    keys = {row.recurrence_id for row in stored}
    for one in opinions:
        if now <= one.starts_at < until and one.recurrence_id not in keys:
            yield Difference(said(one), "no row")
    for row in stored:
        if row.alive:
            yield from of_row(row, segment, by_key.get(row.recurrence_id), now)
    coming = next((one for one in opinions if one.starts_at >= max(until, now)), None)
    again = segment.next_materialize_at
    if coming is not None and (again is None or again > coming.starts_at):
        yield Difference(f"{said(one=coming)}, written before it begins", f"next_materialize_at {again}")


def of_row(row: Stored, segment: Segment, opinion: Opinion | None, now: datetime) -> Iterator[Difference]:
    """Where a row that nobody touched, or that was only moved, differs."""
    if row.moved_to_local is not None or row.recurrence_id < segment.from_local:
        wall = row.moved_to_local or row.recurrence_id
        if row.starts_at > now and not second_opinion.shows(row.starts_at, wall, segment):
            yield Difference(f"{row.recurrence_id.isoformat()}: moved to {wall.isoformat()}", said(row))
    elif opinion is None:
        kept = row.recurrence_id.date() in segment.excluded_days  # a pause leaves what was edited on its own
        if now <= row.starts_at < segment.materialized_until and not kept:
            yield Difference("no session", said(row))
    elif (row.starts_at, row.ends_at) != (opinion.starts_at, opinion.ends_at):
        yield Difference(said(opinion), said(row))


def said(one: Opinion | Stored) -> str:
    """A session in words: its recurrence id, its start and its end."""
    return f"{one.recurrence_id.isoformat()}: {one.starts_at.isoformat()} to {one.ends_at.isoformat()}"


def tell(segment: Segment, differences: Sequence[Difference]) -> str:
    """An error in the log; the same in one text, to stand at the segment."""
    log.error(
        "audit_mismatch",
        series_id=str(segment.series_id),
        from_local=segment.from_local.isoformat(),
        differences=len(differences),
        expected=[one.expected for one in differences[:TOLD]],
        got=[one.got for one in differences[:TOLD]],
    )
    return "; ".join(f"expected {one.expected}, got {one.got}" for one in differences[:TOLD])


def count(tx: Tx, counts: Counter[str]) -> None:
    """Count what was looked at, where the metrics find it."""
    audited = [Count(tally.AUDITED, (kind,), (counts[kind],)) for kind in ("compared", "skipped") if counts[kind]]
    mismatched = [Count(tally.AUDIT_MISMATCHES, (), (counts["mismatched"],))] if counts["mismatched"] else []
    tally.add(tx, audited + mismatched)
