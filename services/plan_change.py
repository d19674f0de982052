"""What an edit of a plan asks for, and what it makes of one segment.

Times are merged at the door, which knows both spellings: it gives a function from what the plan has there (`Base`) to
the new series. What belongs to dates follows here: exceptions and touched sessions hold their local date.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import recurrence
from config.settings import Settings
from db import segments
from db.models import AutoStart, Segment
from recurrence import Series
from services import plan_draft, references
from services.plan_draft import PlanDraft
from services.successor import Days, of_start

COLUMNS = (
    *(name for name in references.FIELDS if name != "participants"),
    "title",
    "description",
    "exclusive",
    "capacity",
    "late_after",
    "completion_threshold",
    "auto_start",
    "auto_end",
    "misfire_grace",
    "sync_dtstart",
)
"""The columns of a segment that say something else than its times."""

BOOKED = ("space_id", "instructor_id", "exclusive")
"""Those of them that decide what its sessions take."""

BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """What a plan has from the cut on, before the change.

    series: the rest, from the local start `since` on and before `until`; whole: the same with what stays. anchor: the
    local start that a new start is measured from, of_plan: it is that of the plan; cut: that of the first session that
    changes. daily_range: the plan is a span of days, and its end that of the last. total: a new count counts what lies
    before the cut too, of the segments `earlier` as well. later: the segments that a new rule replaces besides; one
    given in parts is read over the rule of the last, and their exceptions and extra starts are kept.
    """

    series: Series
    whole: Series
    since: datetime
    until: datetime | None
    anchor: datetime
    cut: datetime
    now: datetime
    of_plan: bool
    total: bool
    earlier: tuple[Series, ...] = ()
    daily_range: bool = False
    later: tuple[Series, ...] = ()

    def had(self) -> int:
        """How many starts of the rules lie before the cut."""
        return recurrence.cursor_at(self.whole, self.series.dtstart).counted + sum(map(starts_of, self.earlier))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """What to change; what is not named is kept.

    values: columns of the segments, by name. grace: what the misfire grace becomes, by what it is; None: it stays.
    times: what the series becomes; None: it stays. one_tail: the rule itself is given, so that one segment goes on from
    the cut, whatever was planned for later. has_exdates: so are exact exceptions; else those that there are follow
    their dates. skip_clashes: dates that clash are left out; else a clash refuses the change.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    grace: Callable[[timedelta | None], timedelta | None] | None = None
    participants: tuple[UUID, ...] | None = None
    times: Callable[[Base], Series] | None = None
    one_tail: bool = False
    has_exdates: bool = False
    sync_dtstart: bool = True
    skip_clashes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """What takes the place of a segment: its times before (EXDATE and all) and now, its columns, and notes."""

    base: Series
    series: Series
    values: Mapping[str, Any]
    notes: tuple[str, ...]

    @property
    def moves(self) -> bool:
        """Whether its sessions may have other local starts than before."""
        return grid(self.base) != grid(self.series)

    @property
    def from_local(self) -> datetime:
        """From when it holds."""
        return segments.first_local(self.series)


def grid(series: Series) -> tuple[Any, ...]:
    """What decides the local starts of a series, but for exceptions."""
    return series.dtstart, series.rule, series.rdates, series.gap, series.all_day


def starts_of(series: Series) -> int:
    """How many starts the rule of a part that ends gives."""
    if series.rule is None:
        return 0
    if series.rule.count is not None:
        return series.rule.count
    return sum(1 for _ in recurrence.expand(replace(series, rdates=(), exdates=()), BEGINNING))


def of_segment(
    segment: Segment, change: PlanChange, base: Base, touched: Sequence[datetime], settings: Settings
) -> Tail:
    """What a change makes of the rest of a segment; `touched` are recurrence ids that stand beside it.

    Raises InvalidField, InvalidRecurrence, RecurrenceError.
    """
    values = columns(segment, change)
    series, notes = base.series, list[str]()
    if change.times is not None:
        series = change.times(base)
        if change.has_exdates:
            series, notes = checked(series, values, change, settings)
        else:
            bare, notes = checked(replace(series, exdates=()), values, change, settings)
            series = replace(bare, exdates=(*series.exdates, *carried(base, bare)))
    elif change.values or change.grace is not None:
        plan_draft.check_misfire(draft(series, values, change))
    tail = Tail(base=base.series, series=series, values=values, notes=tuple(notes))
    return replace(tail, series=without(tail, base, touched, kept=not change.has_exdates))


def columns(segment: Segment, change: PlanChange) -> dict[str, Any]:
    """The columns of a segment as they become, by name. Raises InvalidField."""
    values = {name: change.values.get(name, getattr(segment, name)) for name in COLUMNS}
    if change.grace is not None:
        values["misfire_grace"] = change.grace(segment.misfire_grace)
    return values


def checked(
    series: Series, values: Mapping[str, Any], change: PlanChange, settings: Settings
) -> tuple[Series, list[str]]:
    """The series as a new plan would take it, and notes."""
    drafted = draft(series, values, change)
    plan_draft.check_misfire(drafted)
    return plan_draft.checked(drafted, settings)


def draft(series: Series, values: Mapping[str, Any], change: PlanChange) -> PlanDraft:
    """The tail as a plan of its own."""
    exclusive = frozenset(values["exclusive"])
    given = {"exclusive": exclusive, "auto_start": AutoStart(values["auto_start"]), "sync_dtstart": change.sync_dtstart}
    return PlanDraft(series=series, **{**values, **given})


def days_before(base: Base) -> Days:
    """The local starts of all that is replaced, by date."""
    return Days(base.series, later=base.later)


def exact(base: Base) -> list[datetime]:
    """The local starts that are exceptions, of all that is replaced."""
    return [
        segments.wall_of(one, series)
        for series in (base.series, *base.later)
        for one in series.exdates
        if isinstance(one, datetime)
    ]


def carried(base: Base, after: Series) -> tuple[recurrence.Moment, ...]:
    """The exact exceptions on another grid, each at the start that stands for it now.

    One that none of the sessions of its date meets stands for none, and stays as it is.
    """
    old, new = days_before(base), Days(after)
    each = ((wall, old.on(wall.date())) for wall in exact(base))
    return tuple(wall if starts and wall not in starts else of_start(wall, old, new) or wall for wall, starts in each)


def without(tail: Tail, base: Base, touched: Sequence[datetime], kept: bool) -> Series:
    """The series without the starts that touched sessions stand for; `kept`: the exceptions that there are stay."""
    if not touched:
        return tail.series
    out: list[date] = [*tail.series.exdates]  # type: ignore[list-item]  # EXDATE has no periods
    before, after = days_before(base), Days(tail.series)
    held = {wall.date() for wall in exact(base)}
    for wall in touched:
        if wall not in after.on(wall.date()) and has_no_place(wall, before, held, kept):
            continue
        start = of_start(wall, before, after)
        if start is not None and start not in out and start.date() not in out:
            out.append(start)
    return replace(tail.series, exdates=tuple(out))


def has_no_place(wall: datetime, before: Days, held: Collection[date], kept: bool) -> bool:
    """Whether a touched session that stands beside the rule holds no place of its date that has to be left out.

    Where the date has an exception, an earlier edit gave it that one: it has its place as long as that is `kept`. Where
    the date has other sessions and no exception, it belongs to another stretch, or its place went away.
    """
    day = wall.date()
    starts = before.on(day)
    return wall not in starts and (kept if day in held else bool(starts))
