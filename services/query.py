"""Read plans and sessions: what is stored, and what the rules give where nothing is stored.

Rows exist from `tracked_from` up to each segment's watermark. Before and after, the rule is expanded on the fly; a
row that exists there all the same (a session that was touched, an imported override) stands for its occurrence.
Both streams come ordered by (starts_at, series_id, recurrence_id) and are merged lazily, so that a page costs what
is on it.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session as Tx

from db.sessions import SessionKey
from services import filters as wanted
from services import former, planned, stored, virtual
from services.errors import InvalidField
from services.filters import Filters, Page, Position
from services.views import PlanView, SessionView

SHOWN = "%Y-%m-%dT%H:%M:%SZ"
MOST_DAYS = 366  # the longest window that is expanded on the fly

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Found(Generic[Item]):
    """A page: its items, and where the next one begins (None: it was the last)."""

    items: list[Item]
    next: Position | None


def window(tx: Tx, tenant_id: UUID, filters: Filters, page: Page, now: datetime) -> Found[SessionView]:
    """The sessions that overlap the window, a page of them.

    Raises InvalidField for a window that is empty, or longer than `MOST_DAYS`.
    """
    check_window(filters)
    found = list(islice(stream(tx, tenant_id, filters, page, now), page.limit + 1))
    items = found[: page.limit]
    more = wanted.position_of(items[-1]) if len(found) > page.limit else None
    return Found(items, more)


def count(tx: Tx, tenant_id: UUID, filters: Filters, now: datetime) -> int:
    """How many sessions overlap the window."""
    check_window(filters)
    rows = stored.count(tx, tenant_id, filters, now)
    return rows + sum(1 for _ in virtual.stream(tx, tenant_id, filters, Page(limit=0), now))


def stream(tx: Tx, tenant_id: UUID, filters: Filters, page: Page, now: datetime) -> Iterator[SessionView]:
    """Stored and virtual sessions in one order; the stored ones are read for one page."""
    kept = stored.page(tx, tenant_id, filters, page, now)
    if not kept.not_all:
        return iter(kept.views)
    given = virtual.stream(tx, tenant_id, filters, page, now)
    return heapq.merge(kept.views, given, key=wanted.position_of, reverse=page.descending)


def check_window(filters: Filters) -> None:
    """Refuse a window that is empty or too long."""
    if filters.to <= filters.from_:
        raise InvalidField(
            "to", f"got a window that ends at {filters.to:{SHOWN}}, expected after {filters.from_:{SHOWN}}"
        )
    if filters.to - filters.from_ > timedelta(days=MOST_DAYS):
        raise InvalidField("to", f"got {(filters.to - filters.from_).days} days, expected at most {MOST_DAYS}")


def plans(tx: Tx, tenant_id: UUID, filters: Filters, page: Page, now: datetime) -> Found[PlanView]:
    """The plans that meet the filters, by local start, a page of them. The window is not looked at."""
    found = planned.page(tx, tenant_id, filters, page, now)
    items = found[: page.limit]
    return Found(items, planned.position_of(items[-1]) if len(found) > page.limit else None)


def count_plans(tx: Tx, tenant_id: UUID, filters: Filters, now: datetime) -> int:
    """How many plans meet the filters. The window is not looked at."""
    return planned.count(tx, tenant_id, filters, now)


def one(
    tx: Tx, tenant_id: UUID, series_id: UUID, recurrence_id: datetime | None, now: datetime
) -> PlanView | SessionView:
    """The plan, or with a recurrence id the session. A one-time plan answers with its session inside.

    Raises NotFound when the tenant has no such plan, or the plan gives no such session.
    """
    if recurrence_id is None:
        return planned.one(tx, tenant_id, series_id, now)
    key = SessionKey(tenant_id, series_id, recurrence_id)
    kept = stored.of_keys(tx, [key], now)
    given = kept[0] if kept else virtual.one(tx, key, now)
    if given is None:
        raise former.refusal(tx, tenant_id, series_id, recurrence_id)
    return given
