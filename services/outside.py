"""Which plans reach outside of what is stored: before they were tracked, or beyond their watermark."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from db.models import Segment, Series
from db.statements import asked
from lifecycle import State
from services import filters as wanted
from services.filters import Filters

ZONE_SLACK = timedelta(days=2)  # a wall time and its instant in UTC differ by less


def until(filters: Filters, now: datetime) -> datetime:
    """Where the window ends for sessions in the wanted state: what starts after `now` is scheduled."""
    return filters.to if filters.state in (None, State.SCHEDULED) else min(filters.to, now + timedelta.resolution)


def plans(tenant_id: Any, filters: Filters, until: Any) -> Select[Segment, Series]:
    """The plans whose rules may give something in the window where no rows are kept; untracked, it has no state."""
    goes_on = and_(Segment.next_materialize_at.is_not(None), Segment.materialized_until < until)
    began_before = and_(
        Series.tracked_from > filters.from_,
        Segment.from_local < func.timezone("UTC", Series.tracked_from) + ZONE_SLACK,
    )
    return (
        select(Segment, Series)
        .join(Series, (Series.tenant_id == Segment.tenant_id) & (Series.id == Segment.series_id))
        .where(Segment.tenant_id == tenant_id, Series.removed_at.is_(None), Segment.removed_at.is_(None))
        .where(or_(goes_on, began_before) if filters.state is None else goes_on)
        .where(*wanted.of_plan(filters), *wanted.near_place(filters))
    )


def some(tenant_id: Any, filters: Filters) -> ColumnElement[bool]:
    """Whether there are such plans, for a kept statement; `until` is its parameter."""
    return plans(tenant_id, filters, asked("until")).with_only_columns(Segment.series_id).exists()
