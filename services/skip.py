"""`onClash: skip`: a plan without the dates on which it would clash.

Each of them is left out as an EXDATE would do it, and the reason is kept beside it. A plan that would leave out more
than `MOST_SKIPPED` dates is refused, as one that meets another one for ever does: so what is accepted never clashes,
however far ahead. Likewise one of which nothing would be left.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session as Tx

import recurrence
from db.bookings import MOST_LISTED, Taken
from recurrence import Series
from services import clash, identity
from services.asked import Stretch
from services.clash import Look
from services.errors import Clash

MOST_SKIPPED: Final = 366  # dates: a daily plan's first year, a weekly plan's first seven
TOO_MANY: Final = (
    f"more than {MOST_SKIPPED} dates clash, and no more than that can be left out: end the plan before, or choose "
    "another rule"
)
NOTHING_LEFT: Final = "every date clashes: there is nothing left to plan"


Dates = Mapping[datetime, Sequence[Taken]]


class Skipped(NamedTuple):
    """The plan without what clashes, why each date is left out, what takes it, and until when that is known."""

    series: Series
    left_out: Mapping[str, str]
    taken: Sequence[Taken]
    until: datetime | None


def skip(tx: Tx, tenant_id: UUID, asked: Stretch, horizon: datetime) -> Skipped:
    """The series that is asked for, without the dates on which it would clash.

    Raises Clash when there are too many, or when nothing is left.
    """
    look = clash.look(tx, tenant_id, asked, horizon)
    dates = met_on(look)
    return Skipped(without(asked, dates), reasons(dates), listed(dates), look.until)


def dates_of(tx: Tx, tenant_id: UUID, asked: Stretch, horizon: datetime) -> Dates:
    """The local starts that would clash. Raises Clash when there are too many."""
    return met_on(clash.look(tx, tenant_id, asked, horizon))


def met_on(look: Look) -> Dates:
    """By local start, what takes its place. Raises Clash when there are too many."""
    dates: defaultdict[datetime, list[Taken]] = defaultdict(list)
    for met in look.met:
        dates[met.recurrence_id].append(met.taken)
        if len(dates) > MOST_SKIPPED:
            raise Clash(listed(dates), TOO_MANY)
    return dict(dates)


def without(asked: Stretch, dates: Dates) -> Series:
    """The series that is asked for without these dates. Raises Clash when nothing is left."""
    series = replace(asked.series, exdates=(*asked.series.exdates, *dates))
    if dates and next(recurrence.expand(series, asked.since), None) is None:
        raise Clash(listed(dates), NOTHING_LEFT)
    return series


def reasons(dates: Dates) -> dict[str, str]:
    """Why each of these dates is left out, by its EXDATE."""
    return {recurrence.format_moment(start): reason(taken) for start, taken in sorted(dates.items())}


def listed(dates: Mapping[datetime, Sequence[Taken]]) -> list[Taken]:
    """What takes these dates, soonest first, as many as an answer lists."""
    taken = dict.fromkeys(one for each in dates.values() for one in each)
    return sorted(taken, key=lambda one: (one.starts_at, one.resource))[:MOST_LISTED]


def reason(taken: Sequence[Taken]) -> str:
    """Why a date is left out: what takes its place, and whose."""
    return ", ".join(
        f"{one.resource} is taken by {identity.format_id(one.series_id, one.recurrence_id)}" for one in taken
    )
