"""Reports on the wire: a row of one, as JSON and as CSV.

CSV (RFC 4180) has a line of names and a line a row, without the total, in UTF-8. A cell that a spreadsheet would take
for a formula, because a person or plan is called so, begins with an apostrophe.
"""

import csv
import io
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from db.reports import Sums
from services.reports import By, Report, Row

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
DIGITS = 6  # after the point, of a rate

ATTENDANCE, COMPLETION = "attendance", "completion"


def attendance(row: Row) -> dict[str, Any]:
    """Who came. Minutes and rates are null where there is nothing to divide by."""
    sums, standing = row
    came = sums.present + sums.late
    return {
        "sessions": sums.sessions,
        "expected": sums.expected,
        "present": sums.present,
        "late": sums.late,
        "absent": sums.absent,
        "excused": sums.excused,
        "attendanceRate": rate(came, sums.expected - sums.excused),
        "noShows": sums.absent,
        "lateCancels": sums.late_cancels,
        "presenceMinutes": minutes(sums.presence_minutes),
        "meanPresenceMinutes": None if not came else minutes(float(sums.presence_minutes) / came),
        "dropped": sums.dropped,
        "toCome": None if standing is None else standing.to_come,
        "onTrack": None if standing is None else standing.on_track,
        "canStillPass": None if standing is None else standing.can_still_pass,
        "neededFromHere": None if standing is None else standing.needed_from_here,
    }


def completion(row: Row) -> dict[str, Any]:
    """Whether it was complete."""
    sums = row.sums
    return {
        "sessions": sums.sessions,
        "completed": sums.completed,
        "completionRate": rate(sums.completed, sums.sessions),
        "progress": None if sums.progress is None else round(float(sums.progress), DIGITS),
        "plannedMinutes": minutes(sums.planned_minutes),
        "actualMinutes": minutes(sums.actual_minutes),
        "fillRate": rate(sums.came, sums.places),
    }


KINDS: Mapping[str, Callable[[Row], dict[str, Any]]] = MappingProxyType(
    {ATTENDANCE: attendance, COMPLETION: completion}
)


def of_row(kind: str, by: By, row: Row) -> dict[str, Any]:
    """A row: what it is about, and its numbers."""
    return {**named(by, row.sums), **KINDS[kind](row)}


def body(kind: str, by: By, report: Report) -> dict[str, Any]:
    """A page of a report without its cursor."""
    return {
        "by": by.value,
        "total": {"id": None, "name": None, **KINDS[kind](Row(report.total))},
        "data": [of_row(kind, by, row) for row in report.rows],
    }


def named(by: By, sums: Sums) -> dict[str, str | None]:
    """What a row is about: an id and a name, null for what has none; of times the number and the word."""
    match by:
        case By.WEEKDAY:
            return {"id": sums.key, "name": WEEKDAYS[int(sums.key or 1) - 1]}
        case By.HOUR:
            return {"id": sums.key, "name": f"{sums.key}:00"}
        case _:
            return {"id": sums.key, "name": sums.name}


def rate(part: float, whole: float) -> float | None:
    """A part of a whole; null of nothing."""
    return round(float(part) / float(whole), DIGITS) if whole else None


def minutes(value: float) -> float:
    """Minutes to the hundredth."""
    return round(float(value), 2)


def as_csv(kind: str, by: By, report: Report) -> str:
    """All rows as CSV."""
    out = io.StringIO()
    header = list(of_row(kind, by, Row(report.total)))
    writer = csv.DictWriter(out, header)
    writer.writeheader()
    writer.writerows({name: cell(value) for name, value in of_row(kind, by, row).items()} for row in report.rows)
    return out.getvalue()


def cell(value: Any) -> Any:
    """A value as a cell: booleans as JSON has them, text that is no formula."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
