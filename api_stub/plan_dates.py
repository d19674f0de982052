"""Extra starts, exceptions and excluded days of a plan, from either spelling or both.

Where both are given they must mean the same: the same instants, the same days. A date among the canonical `exdates` is
an excluded day. An excluded day is kept as a date in the series' EXDATEs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from api_stub.errors import Invalid
from api_stub.faults import Fault
from api_stub.plan_body import PlanBody, Recurrence
from api_stub.plan_times import Clockwork

Moment = datetime | date


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """What a plan adds to its rule and takes away: `rdates`, and `exdates` with whole days among them."""

    rdates: tuple[Moment, ...]
    exdates: tuple[Moment, ...]


def of_body(body: PlanBody, clockwork: Clockwork) -> Dates:
    """The dates that the two spellings give. Raises Invalid."""
    canonical = body.recurrence or Recurrence()
    exact = [value for value in canonical.exdates or [] if isinstance(value, datetime)]
    days = [value for value in canonical.exdates or [] if not isinstance(value, datetime)]
    given_exact = exact if canonical.exdates is not None else None
    given_days = days + (canonical.excluded_days or []) if days or canonical.excluded_days is not None else None
    added = one_of(canonical.rdates, body.recurring_include_dates, "recurringIncludeDates", clockwork)
    exceptions = one_of(given_exact, body.recurring_exception_dates, "recurringExceptionDates", clockwork)
    excluded = one_of(given_days, body.recurring_exclude_dates, "recurringExcludeDates", clockwork)
    return Dates(rdates=added, exdates=(*exceptions, *excluded))


def one_of(
    canonical: Sequence[Moment] | None, flat: Sequence[Moment] | None, name: str, clockwork: Clockwork
) -> tuple[Moment, ...]:
    """The list that is given; both, only when they mean the same. Raises Invalid."""
    if canonical is not None and flat is not None and meant(canonical, clockwork) != meant(flat, clockwork):
        message = f"got {len(flat)} dates, expected those of recurrence ({len(canonical)}): both spellings must agree"
        raise Invalid([Fault(pointer=f"/{name}", message=message)], "invalid_recurrence")
    chosen = canonical if canonical is not None else flat
    return tuple(dict.fromkeys(chosen or ()))


def meant(values: Sequence[Moment], clockwork: Clockwork) -> set[Moment | None]:
    """The instants and days that a list means, in whatever form they were written."""
    return {
        clockwork.instant(value) if isinstance(value, datetime) and value.tzinfo is None else value for value in values
    }
