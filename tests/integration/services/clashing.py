"""Plans in one hall, and what stands in the way of them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

import recurrence
from db import engine as database
from services import plan, references
from services.errors import Clash
from services.plan_draft import PlanDraft
from tests.integration.conftest import Studio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = recurrence.Duration(seconds=3600)
SEOUL = "Asia/Seoul"


def series(rule: str | None, start: str, zone: str = SEOUL, **more: Any) -> recurrence.Series:
    return recurrence.Series(
        dtstart=datetime.fromisoformat(start),
        time_zone=zone,
        duration=more.pop("duration", HOUR),
        rule=None if rule is None else recurrence.Rule.parse(rule),
        **more,
    )


def planned(studio: Studio, asked: recurrence.Series, now: datetime = NOW, **more: Any) -> UUID:
    """Plans it; answers its id."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=asked, title="x", **more)
        return plan.create(tx, studio.tenant_id, draft, now, studio.settings).series_id


def refused(studio: Studio, asked: recurrence.Series, now: datetime = NOW, **more: Any) -> list[tuple[UUID, datetime]]:
    """Plans it in vain; answers the series and recurrence id of what stands in the way."""
    with pytest.raises(Clash) as found:
        planned(studio, asked, now, **more)
    return [(taken.series_id, taken.recurrence_id) for taken in found.value.clashes]


def person(studio: Studio, name: str) -> UUID:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        values = {"name": name, "email": f"{name}@studio.example", "role": "participant"}
        return references.create(tx, studio.tenant_id, "users", values, now).id


MONDAYS = series("FREQ=WEEKLY;BYDAY=MO", "2026-01-05T18:00")
YEAR_THREE = "2029-01-08T18:30"  # a Monday
