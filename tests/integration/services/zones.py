"""Plans in Seoul, before and after its clocks were changed by a newer edition of tzdata."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import text

import recurrence
from db import engine as database
from db import segments
from services import materialize, plan, rezone, rezone_preview
from services.plan_draft import PlanDraft
from services.rezone_preview import Moving
from tests.editions import Clock, at
from tests.integration.conftest import Studio

NOW = at(2026, 1, 1)
CHANGE = at(2026, 1, 17, 17)  # 18 January 02:00 in Seoul
EARLIER = Clock(9, ((CHANGE, 10.0),))  # everybody's clock is put forward an hour: the sun has not moved
MONDAY = datetime(2026, 1, 19, 18)
HOUR = timedelta(hours=1)


class Installer(Protocol):
    """Installs an edition of tzdata of this name for this process; None: the one that is really installed."""

    def __call__(self, version: str | None, clock: Clock = EARLIER, gone: str | None = None) -> None: ...


def weekly(studio: Studio, hour: int = 18, rule: str = "FREQ=WEEKLY", now: datetime = NOW, **more: object) -> UUID:
    """A plan in Seoul from Monday, 5 January 2026 at this hour; its id."""
    zone = str(more.pop("zone", "Asia/Seoul"))
    series = recurrence.Series(
        dtstart=datetime.fromisoformat(str(more.pop("dtstart", f"2026-01-05 {hour:02}:00"))),
        time_zone=zone,
        duration=recurrence.Duration(seconds=3600),
        rule=recurrence.Rule.parse(rule),
        gap=recurrence.Gap(str(more.pop("gap", "SHIFT"))),
    )
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=series, title=f"At {hour}", **more)  # type: ignore[arg-type]
        return plan.create(tx, studio.tenant_id, draft, now, studio.settings).series_id


def go(studio: Studio, now: datetime = NOW, limit: int = 100) -> dict[str, int]:
    """Computes again as a worker does at `now`, `limit` segments a batch; what was done."""
    sums: Counter[str] = Counter()
    while True:
        with database.transaction(studio.engine) as (tx, _):
            _, done = rezone.carry_out(tx, rezone.hold(tx, now, limit), now)
        sums.update(done.counts)
        if not done.counts["segments"]:
            return dict(+sums)


def fill(studio: Studio, now: datetime) -> None:
    """Materializes as a worker does at `now`."""
    with database.transaction(studio.engine) as (tx, _):
        materialize.fill(tx, segments.claim(tx, now, 100), now, studio.settings)


def preview(studio: Studio, now: datetime = NOW) -> list[Moving]:
    with database.transaction(studio.engine) as (tx, _):
        return [one for one in rezone_preview.preview(tx, now) if isinstance(one, Moving)]


def rows(studio: Studio, series_id: UUID | None = None) -> dict[datetime, datetime]:
    """The starts of the stored sessions that are not removed, by recurrence id."""
    statement = text(
        "SELECT recurrence_id, starts_at FROM session WHERE removed_at IS NULL"
        " AND (CAST(:id AS uuid) IS NULL OR series_id = :id) ORDER BY 1"
    )
    with studio.engine.connect() as connection:
        return {row.recurrence_id: row.starts_at for row in connection.execute(statement, {"id": series_id})}


def moments(studio: Studio) -> dict[datetime, datetime]:
    """The starts of all stored sessions, removed ones too."""
    with studio.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(text("SELECT recurrence_id, starts_at FROM session"))}


def clashes(studio: Studio) -> int:
    with studio.engine.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM session WHERE clash IS NOT NULL")) or 0


def misplaced(studio: Studio) -> int:
    """How many sessions are without their booking, or have one at another time."""
    statement = text(
        "SELECT count(*) FROM session s LEFT JOIN booking b USING (tenant_id, series_id, recurrence_id)"
        " WHERE s.removed_at IS NULL AND b.during IS DISTINCT FROM tstzrange(s.starts_at, s.ends_at)"
    )
    with studio.engine.connect() as connection:
        return connection.scalar(statement) or 0


def edition(studio: Studio) -> list[str]:
    with studio.engine.connect() as connection:
        return list(connection.scalars(text("SELECT DISTINCT tzdata_version FROM segment ORDER BY 1")))
