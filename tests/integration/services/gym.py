"""A gym whose places are asked for by name: who has one, who waits, and what the change log says."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session as Tx

from db import engine as database
from services import enrol, roster, waitlist
from services.roster import Standing
from tests.integration.conftest import Studio
from tests.integration.services.clashing import person
from tests.integration.services.plans import Book

MONDAYS = "FREQ=WEEKLY;BYDAY=MO"
FIRST, SECOND = "2026-01-05T18:00", "2026-01-12T18:00"
TOLD = text("SELECT kind, subject, reason FROM change_log WHERE actor = 'system' ORDER BY seq")


class Gym(Book):
    """A plan whose places are asked for by name."""

    def __init__(self, studio: Studio, **draft: Any) -> None:
        super().__init__(studio, draft.pop("rule", MONDAYS), draft.pop("start", FIRST), "2026-01-01T00:00", **draft)
        self.names: dict[str, UUID] = {}

    def beside(self, **draft: Any) -> "Gym":
        """Another plan of the same people."""
        other = Gym(self.studio, **draft)
        other.names = self.names
        return other

    def who(self, name: str) -> UUID:
        if name not in self.names:
            self.names[name] = person(self.studio, f"{name}-{self.id.hex[-6:]}")
        return self.names[name]

    def act(self, journey: Callable[[Tx], Any], *people: UUID) -> Any:
        self.now += timedelta(milliseconds=1)
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            waitlist.hold(tx, self.id, people)
            return journey(tx)

    def enrol(self, name: str, begin: str | None = None, until: str | None = None) -> None:
        ends = [None if one is None else datetime.fromisoformat(one) for one in (begin, until)]
        user_id = self.who(name)
        self.act(lambda tx: enrol.in_plan(tx, self.studio.tenant_id, self.id, user_id, ends[0], ends[1], self.now))

    def drop_in(self, name: str, wall: str) -> None:
        user_id = self.who(name)
        self.act(lambda tx: enrol.at_session(tx, self.key(wall), user_id, self.now))

    def leave(self, name: str) -> None:
        user_id = self.who(name)
        self.act(lambda tx: enrol.leave_plan(tx, self.studio.tenant_id, self.id, user_id, self.now))

    def stay_away(self, name: str, wall: str) -> None:
        user_id = self.who(name)
        self.act(lambda tx: enrol.leave_session(tx, self.key(wall), user_id, "key", self.now))

    def at(self, wall: str) -> list[str]:
        """Who has a place at a session, and who waits, as `name` and `name?`, in order of the list."""
        return self.told(lambda tx: roster.of_session(tx, self.key(wall), self.now))

    def all(self) -> list[str]:
        """The same of the plan."""
        return self.told(lambda tx: roster.of_plan(tx, self.studio.tenant_id, self.id, self.now))

    def told(self, look: Callable[[Tx], Sequence[roster.Entry]]) -> list[str]:
        names = {id_: name for name, id_ in self.names.items()}
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            found = look(tx)
        marks = {Standing.ENROLLED: "", Standing.WAITING: "?", Standing.EXCUSED: "-"}
        return [names[one.user_id] + marks[one.standing] for one in found]

    def log(self) -> list[tuple[str, str, str]]:
        with self.studio.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(TOLD)]
