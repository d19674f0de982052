"""Moves of people who want places in a plan, and of whoever runs it, made on both sides: the product and the model."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy.orm import Session as Tx

import recurrence
from db import engine as database
from db.models import AutoStart
from services import enrol, plan, references, waitlist
from services.errors import Clash, Conflict, InvalidField
from services.plan_draft import PlanDraft
from tests.integration.conftest import Studio
from tests.integration.services.clocked import set_clock
from tests.integration.services.people_model import DAY, END, Meeting, Model, Wish
from tests.integration.services.plans import SEOUL, Book

FIRST = date(2026, 1, 5)
DAYS = 5
NAMES = ("ada", "bo", "cy", "di")
SEOUL_IS_AHEAD = timedelta(hours=9)

who = st.sampled_from(NAMES)
number = st.integers(0, DAYS - 1)
aim = st.integers(0, 4 * DAYS - 1)


class Places(RuleBasedStateMachine):
    """A daily plan of a week, and four people."""

    studio: Studio

    @initialize(
        most=st.integers(1, 3),
        hour=st.integers(6, 20),
        names=st.lists(who, unique=True),
        drops=st.dictionaries(number, who),
        start=st.sampled_from([AutoStart.SCHEDULED, AutoStart.FIRST_CHECK_IN]),
    )
    def plan(self, most: int, hour: int, names: list[str], drops: dict[int, str], start: AutoStart) -> None:
        """A plan with few places, and people of whom some want one at once."""
        rule_text, auto = f"FREQ=DAILY;COUNT={DAYS}", start is AutoStart.SCHEDULED
        set_clock(self.studio.engine, datetime.fromisoformat("2026-01-04T15:00Z"))
        first = f"{FIRST}T{hour:02}:00"
        self.book = Book(self.studio, rule_text, first, "2026-01-04T15:00", capacity=most, auto_start=start)
        days = [FIRST + n * DAY for n in range(DAYS)]
        meetings = [Meeting(day, hour, datetime.combine(day, time(hour)), most, auto) for day in days]
        self.model = Model(meetings, datetime.combine(FIRST, time()))
        self.ids: dict[str, UUID] = {}
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, now):
            for name in NAMES:
                values = {"name": name, "email": f"{name}-{self.book.id}@example.org", "role": "participant"}
                self.ids[name] = references.create(tx, self.studio.tenant_id, "users", values, now).id
        for n, name in drops.items():
            self.drop_in(name, n)
        for name in names:
            self.enrol(name, None, None)

    def passes(self, how_long: timedelta) -> None:
        """Time goes on, everywhere."""
        self.book.now += how_long
        self.model.here = self.book.now.replace(tzinfo=None) + SEOUL_IS_AHEAD
        self.model.clock += 1
        set_clock(self.studio.engine, self.book.now)

    def act(self, journey: Callable[[Tx], Any], error: type[Exception] | None = None) -> Any:
        """What a journey answers, in a transaction a moment later; it is refused with `error`, if one is given."""
        self.passes(timedelta(milliseconds=1))
        if error is None:
            return self.run_it(journey)
        with pytest.raises(error):
            self.run_it(journey)
        return None

    def run_it(self, journey: Callable[[Tx], Any]) -> Any:
        """What a journey answers whose turn at the plan it is."""
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            waitlist.hold(tx, self.book.id)
            return journey(tx)

    def aimed(self, n: int, *states: str) -> Meeting:
        """Mostly a session in one of these states, if there is one: what is refused everywhere tells little."""
        meetings = self.model.meetings
        sensible = [one for one in meetings if self.model.state(one) in states]
        return sensible[n % len(sensible)] if sensible and n >= DAYS else meetings[n % DAYS]

    def key(self, one: Meeting) -> Any:
        return self.book.key(one.wall.isoformat())

    @rule(name=who, first=st.none() | number, last=st.none() | number)
    def asks(self, name: str, first: int | None, last: int | None) -> None:
        """For a place in the plan."""
        self.enrol(name, first, last)

    def enrol(self, name: str, first: int | None, last: int | None) -> None:
        """In the plan, from a day until another."""
        self.passes(timedelta(milliseconds=1))
        model, plan_of = self.model, (self.studio.tenant_id, self.book.id)
        begin = None if first is None else datetime.combine(model.meetings[first].day, time())
        end = None if last is None else datetime.combine(model.meetings[last].day + DAY, time())
        since = model.first() if begin is None else max(begin, model.first())
        wish = Wish(name, model.clock + 1, since, end or END)

        def journey(tx: Tx) -> None:
            enrol.in_plan(tx, *plan_of, self.ids[name], begin, end, self.book.now)

        if not model.ahead():
            self.act(journey, Conflict)
        elif end is not None and end <= since:
            self.act(journey, InvalidField)
        elif model.clashes(wish):
            self.act(journey, Clash)
        else:
            self.act(journey)
            model.want(wish)

    @rule(name=who, n=aim)
    def drop_in(self, name: str, n: int) -> None:
        """At one session."""
        one, model = self.aimed(n, "SCHEDULED"), self.model
        wish = Wish(name, model.clock + 1, one.wall, alone=one)

        def journey(tx: Tx) -> None:
            enrol.at_session(tx, self.key(one), self.ids[name], self.book.now)

        if one not in model.scheduled():
            self.act(journey, Conflict)
        elif name in one.there:
            self.act(journey)
        elif model.clashes(wish):
            self.act(journey, Clash)
        else:
            self.act(journey)
            model.want(wish)

    @rule(name=who, again=st.booleans())
    def leaves(self, name: str, again: bool) -> None:
        """The plan; some come back and stand last in the line."""
        self.act(lambda tx: enrol.leave_plan(tx, self.studio.tenant_id, self.book.id, self.ids[name], self.book.now))
        self.model.leave(name)
        if again:
            self.enrol(name, None, None)

    @rule(name=who, n=number)
    def stay_away(self, name: str, n: int) -> None:
        """From one session: a drop-in goes, who is enrolled is excused."""
        one = self.model.meetings[n]

        def journey(tx: Tx) -> None:
            enrol.leave_session(tx, self.key(one), self.ids[name], "key", self.book.now)

        begun = one not in self.model.ahead()
        closed = name not in one.dropped and self.model.state(one) != "SCHEDULED"
        if name in one.there and (begun or closed):
            self.act(journey, Conflict)
        else:
            self.act(journey)
            self.model.leave_one(name, one)

    @rule(name=who, n=number, half_hours=st.integers(-1, 1))
    def is_somewhere_else(self, name: str, n: int, half_hours: int) -> None:
        """Somebody is to be in another class at about the same time."""
        model, start = self.model, self.model.meetings[n].start + half_hours * timedelta(minutes=30)
        if start <= model.here:
            return
        taken = model.is_busy(name, start) or any(
            name in one.there and abs(one.start - start) < timedelta(hours=1)
            for one in model.meetings
            if model.state(one) in ("SCHEDULED", "IN_PROGRESS")
        )
        lasts = recurrence.Duration(seconds=3600)
        series = recurrence.Series(dtstart=start, time_zone=SEOUL, duration=lasts)
        draft = PlanDraft(series=series, title="Other", participants=(self.ids[name],))

        def journey(tx: Tx) -> None:
            plan.create(tx, self.studio.tenant_id, draft, self.book.now, self.studio.settings)

        self.act(journey, Clash if taken else None)
        if not taken:
            model.busy.setdefault(name, []).append(start)

    def are_free(self, one: Meeting, start: datetime | None = None) -> bool:
        """Whether all who are to be at a session are, in the hour from then on."""
        return not any(self.model.is_busy(name, start or one.start) for name in one.there)
