"""Classes of an hour at a studio, by the real clock, and what people do at them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

import recurrence
from db import engine as database
from db.models import Mark, SessionMetrics
from db.sessions import SessionKey
from services import attend, by_hand, history, measured, plan, presence, query, references, transition
from services.attend import AttendanceView
from services.plan_draft import PlanDraft
from services.presence import Message
from services.views import SessionView
from tests.integration.conftest import Studio


class Class:
    """One class; every instant is told as minutes after its planned start."""

    def __init__(self, studio: Studio, began: float, rule: str | None = None, **draft: Any) -> None:
        """`began`: so many minutes ago (by whole seconds); planned the day before that."""
        self.studio = studio
        with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
            self.starts = now.replace(microsecond=0) - timedelta(minutes=began)
            local = self.starts.astimezone(UTC).replace(tzinfo=None)
            series = recurrence.Series(
                dtstart=local,
                time_zone="UTC",
                duration=recurrence.Duration(seconds=3600),
                rule=None if rule is None else recurrence.Rule.parse(rule),
            )
            made = PlanDraft(series=series, title="Pilates", **draft)
            day_before = min(now, self.starts) - timedelta(days=1)
            series_id = plan.create(tx, studio.tenant_id, made, day_before, studio.settings).series_id
        self.key = SessionKey(studio.tenant_id, series_id, local)

    def at(self, minutes: float) -> datetime:
        """An instant."""
        return self.starts + timedelta(minutes=minutes)

    def check_in(self, user_id: UUID, minutes: float | None = None) -> AttendanceView:
        """Somebody comes, so many minutes after the start, or now."""
        return self.passes(presence.check_in, user_id, minutes)

    def check_out(self, user_id: UUID, minutes: float | None = None) -> AttendanceView:
        """Somebody goes."""
        return self.passes(presence.check_out, user_id, minutes)

    def passes(self, verb: Any, user_id: UUID, minutes: float | None) -> AttendanceView:
        """Somebody comes or goes."""
        message = Message(user_id, None if minutes is None else self.at(minutes))
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            known = attend.of_known(user_id, verb(tx, self.key, message, "gate"))
        assert known in self.views(), "it is told alike everywhere"
        return known

    def mark(self, user_id: UUID, what: Mark, minutes: float | None = None) -> AttendanceView:
        """Somebody is marked, at an instant or now."""
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, now):
            return attend.mark(tx, self.key, user_id, what, "key", now if minutes is None else self.at(minutes))

    def put_aside(self) -> None:
        """As if the database had refused to move it on."""
        aside = "UPDATE session SET set_aside = 'bad', next_step = NULL, next_due_at = NULL WHERE series_id = :id"
        with self.studio.engine.begin() as connection:
            connection.execute(text(aside), {"id": self.key.series_id})

    def end(self) -> None:
        """It is ended by hand, now."""
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, now):
            by_hand.end(tx, self.key, "key", now)

    def settle(self) -> None:
        """All that is due is done: closed and measured too."""
        for step in transition.LIFE:
            transition.drain(self.studio.engine, step, 1000)

    def read(self) -> SessionView:
        """The session as it is now."""
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, now):
            found = query.one(tx, *self.key, now)
        assert isinstance(found, SessionView)
        return found

    def views(self) -> list[AttendanceView]:
        """What is known of everybody."""
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, now):
            return attend.of_session(tx, self.key, now)

    def people(self) -> dict[UUID, Mark]:
        """Who is expected or marked, and how."""
        return {view.user_id: view.mark for view in self.views()}

    def ledger(self) -> list[tuple[str, datetime, str]]:
        """What happened to it, when, and by whom."""
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            return [(row.kind, row.effective_at, row.actor) for row in history.of_session(tx, self.key)]

    def metrics(self) -> SessionMetrics:
        """Its completion record."""
        found = self.metrics_or_none()
        assert found is not None
        return found

    def metrics_or_none(self) -> SessionMetrics | None:
        """Its completion record, if it was measured."""
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            return measured.of_sessions(tx, [self.key]).get(self.key)


def person(studio: Studio, name: str) -> UUID:
    """A participant."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        values = {"name": name, "email": f"{name.lower()}@studio.example", "role": "participant"}
        return references.create(tx, studio.tenant_id, "users", values, now).id
