"""Reports: who came, and was it complete; added up by person, plan, place or time, in one statement (`db.reports`).

A total is the sum of its rows, of all pages. Grouped by person, a session counts once for each whom it expected; else
once. With a pass mark each person of a page is told where they stand, for which two statements more are made.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from db import reports
from db.models import Series
from db.reports import Sums
from services import pass_mark, references, to_come
from services.errors import InvalidField
from services.filters import Filters
from services.pass_mark import Record, Standing
from services.to_come import Ahead

SHOWN = "%Y-%m-%dT%H:%M:%SZ"
END = datetime(9999, 1, 1, tzinfo=UTC)
EVERYTHING = 1_000_000  # rows; more are not told in one answer


class By(StrEnum):
    """What a report is grouped by."""

    PERSON = "person"
    """Whoever was expected."""

    SERIES = "series"
    """The plan."""

    ROUTINE = "routine"
    """What its sessions deliver."""

    PROGRAM = "program"
    """What they belong to."""

    TIMELINE = "timeline"
    """What they are scheduled in."""

    SPACE = "space"
    """Where they took place."""

    INSTRUCTOR = "instructor"
    """Who gave them."""

    WEEKDAY = "weekday"
    """On which day, in the zone of each."""

    HOUR = "hour"
    """In which hour they were to start, likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which sessions are counted: those planned to start in [since, until), instants; None: any.

    `user_id`: of this person's attendance alone.
    """

    since: datetime | None = None
    until: datetime | None = None
    user_id: UUID | None = None
    series_id: UUID | None = None
    routine_id: UUID | None = None
    program_id: UUID | None = None
    timeline_id: UUID | None = None
    subject_id: UUID | None = None
    space_id: UUID | None = None
    instructor_id: UUID | None = None


class Place(NamedTuple):
    """Where a page begins: after the row of this name and key (empty: what has none)."""

    name: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked for.

    mark: a pass mark, above 0 and at most 1; drop_lowest: how many of each person's worst sessions are left out; both
    by person alone. records: what only completion records know is wanted too; else it is told as nothing. after: where
    the page begins (None: at the beginning).
    """

    by: By
    scope: Scope = Scope()
    mark: Fraction | None = None
    drop_lowest: int = 0
    records: bool = True
    limit: int = EVERYTHING
    after: Place | None = None


class Row(NamedTuple):
    """What was added up, and, with a pass mark, where the person stands."""

    sums: Sums
    standing: Standing | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The rows of a page, the total of all of them, and where the next page begins (None: this was the last)."""

    rows: list[Row]
    total: Sums
    next: Place | None


def run(tx: Tx, tenant_id: UUID, question: Question, now: datetime) -> Report:
    """The report. Raises InvalidField for an unknown id, an empty window, and what is not asked by person."""
    check(tx, tenant_id, question)
    name, key = question.after or (None, None)
    dropped = {"drop_lowest": question.drop_lowest} if question.drop_lowest else {}
    page = {"after_name": name, "after_key": key, "most": question.limit + 1}
    asked = {"tenant_id": tenant_id, **given(question.scope), **dropped}
    total, *found = reports.added(tx, question.by, asked, page, with_record=question.records)
    shown = found[: question.limit]
    more = Place(shown[-1].name or "", shown[-1].key or "") if len(found) > question.limit else None
    return Report(rows=with_standing(tx, tenant_id, question, shown, now), total=total, next=more)


def given(scope: Scope) -> dict[str, Any]:
    """What of a scope is asked."""
    values = {field.name: getattr(scope, field.name) for field in fields(scope)}
    return {name: value for name, value in values.items() if value is not None}


def check(tx: Tx, tenant_id: UUID, question: Question) -> None:
    """Refuse what can't be answered. Raises InvalidField."""
    scope = question.scope
    if scope.since is not None and scope.until is not None and scope.until <= scope.since:
        raise InvalidField(
            "to", f"got a window that ends at {scope.until:{SHOWN}}, expected after {scope.since:{SHOWN}}"
        )
    if question.by is not By.PERSON:
        for field, value in (("pass_mark", question.mark), ("drop_lowest", question.drop_lowest)):
            if value:
                raise InvalidField(field, f"got it with by={question.by}, expected by=person: it is about people")
    for field, value in given(scope).items():
        if field.endswith("_id"):
            known(tx, tenant_id, field, value)


def known(tx: Tx, tenant_id: UUID, field: str, id_: UUID) -> None:
    """Refuse an id that the tenant does not have. Raises InvalidField."""
    if field == "series_id":
        if tx.get(Series, {"tenant_id": tenant_id, "id": id_}) is None:
            raise InvalidField(field, f"got {id_}, expected the id of one of the tenant's plans")
        return
    try:
        references.check(tx, tenant_id, {"participants" if field == "user_id" else field: (id_,)})
    except InvalidField as error:
        raise InvalidField(field, str(error)) from None


def with_standing(tx: Tx, tenant_id: UUID, question: Question, found: list[Sums], now: datetime) -> list[Row]:
    """The rows of a page; with a pass mark, each with where the person stands."""
    if question.mark is None:
        return [Row(sums) for sums in found]
    scope = question.scope
    filters = Filters(
        from_=scope.since or datetime.min.replace(tzinfo=UTC),
        to=scope.until or END,
        routine_id=scope.routine_id,
        program_id=scope.program_id,
        timeline_id=scope.timeline_id,
        subject_id=scope.subject_id,
        series_id=scope.series_id,
        space_id=scope.space_id,
    )
    ahead = Ahead(
        tenant_id=tenant_id,
        user_ids={UUID(sums.key) for sums in found if sums.key is not None},
        filters=filters,
        endless=scope.until is None,
        instructor_id=scope.instructor_id,
        now=now,
    )
    counts = to_come.of_people(tx, ahead)
    return [Row(sums, standing(sums, counts[UUID(sums.key or "")], question)) for sums in found]


def standing(sums: Sums, count: int | None, question: Question) -> Standing:
    """Where the person of a row stands."""
    assert question.mark is not None
    came = sums.present + sums.late + sums.dropped - sums.dropped_absent
    record = Record(came, sums.absent + sums.dropped_absent)
    return pass_mark.standing(record, count, question.mark, question.drop_lowest)
