"""Plans of a studio at a chosen instant: made, edited as the API reads a body, and read back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

import recurrence
from api_stub import edit_plan as door
from api_stub.edit_body import EditBody
from db import engine as database
from db.models import Segment
from db.sessions import SessionKey
from services import edit_plan, identity, plan, planned, query
from services.difference import Difference
from services.filters import Filters, Page
from services.plan_draft import PlanDraft
from services.reach import Named
from services.views import PlanView, SessionView
from tests.integration.conftest import Studio

SEOUL = "Asia/Seoul"


class Book:
    """One plan of a studio, and the clock by which it is read and edited."""

    def __init__(self, studio: Studio, rule: str | None, start: str, now: str, **draft: Any) -> None:
        self.studio = studio
        self.now = at(now)
        series = recurrence.Series(
            dtstart=datetime.fromisoformat(start),
            time_zone=draft.pop("zone", SEOUL),
            duration=recurrence.Duration(seconds=3600),
            rule=None if rule is None else recurrence.Rule.parse(rule),
            exdates=tuple(draft.pop("exdates", ())),
            rdates=tuple(draft.pop("rdates", ())),
        )
        made = PlanDraft(series=series, title=draft.pop("title", "Pilates"), **draft)
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
            self.id: UUID = plan.create(tx, studio.tenant_id, made, self.now, studio.settings).series_id

    def key(self, wall: str) -> SessionKey:
        """The key of the session of a local start."""
        return SessionKey(self.studio.tenant_id, self.id, datetime.fromisoformat(wall))

    def edit(self, wall: str | None = None, scope: str = "all", **body: Any) -> Difference:
        """Edit as the API would."""
        change = door.change_of(EditBody.model_validate(body))
        named = Named(
            tenant_id=self.studio.tenant_id,
            series_id=self.id,
            recurrence_id=None if wall is None else datetime.fromisoformat(wall),
            following=scope == "following",
        )
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            held = edit_plan.hold(tx, named, change, self.now)
            return edit_plan.edit(tx, held, change, self.now, self.studio.settings)

    def sessions(self, days: int = 60, since: str | None = None, removed: bool = False) -> list[SessionView]:
        """The sessions in so many days from now, or from an instant, on."""
        begin = self.now if since is None else at(since)
        found: list[SessionView] = []
        filters = Filters(from_=begin, to=begin + timedelta(days=days), series_id=self.id, include_removed=removed)
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            page = Page(limit=1000)
            found += query.window(tx, self.studio.tenant_id, filters, page, self.now).items
        return found

    def starts(self, days: int = 60, since: str | None = None) -> list[str]:
        """Their starts, local, in short."""
        return [short(one) for one in self.sessions(days, since)]

    def read(self, wall: str) -> SessionView:
        """The session of a local start."""
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            found = query.one(tx, self.studio.tenant_id, self.id, datetime.fromisoformat(wall), self.now)
        assert isinstance(found, SessionView)
        return found

    def plan(self) -> PlanView:
        """The plan as it is shown."""
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            return planned.one(tx, self.studio.tenant_id, self.id, self.now)

    def segments(self) -> list[Segment]:
        """Those that are shown."""
        return list(self.plan().segments)

    def every_segment(self) -> list[Segment]:
        """Those that are not shown too."""
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            return planned.all_segments(tx, [self.id])[self.id]

    def id_of(self, wall: str) -> str:
        """The id of the session of a local start."""
        return identity.format_id(self.id, datetime.fromisoformat(wall))

    def dump(self) -> list[Any]:
        """Everything that is stored of plans."""
        tables = ("series", "segment", "session", "booking", "enrolment", "waiting", "attendance", "presence",
                  "withdrawal", "former")  # fmt: skip
        with self.studio.engine.connect() as connection:
            return [sorted(map(repr, connection.execute(text(f"SELECT * FROM {name}")))) for name in tables]


def at(instant: str) -> datetime:
    """An instant, given as local time in UTC."""
    return datetime.fromisoformat(instant).replace(tzinfo=UTC)


def short(one: SessionView) -> str:
    """The local start of a session, to the minute."""
    return f"{recurrence.wall_time(one.starts_at, one.time_zone):%m-%d %H:%M}"
