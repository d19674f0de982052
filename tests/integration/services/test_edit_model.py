"""Plans that are edited at random, beside a small model: this, following and all, with COUNT and without."""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

import recurrence
from db import engine as database
from db import segments
from db.audits import SegmentKey
from db.sessions import SessionKey
from lifecycle import State
from services import audit, by_hand, edit, materialize, remove, remove_rest, restore
from services.edit import SessionChange
from services.errors import Gone, Moved, ServiceError
from services.identity import parse_id
from services.reach import Named
from services.remove import Target
from tests.integration.conftest import Studio
from tests.integration.services.edit_model import DAY, Model
from tests.integration.services.plans import SEOUL, Book

BEGIN, DAYS, FAR = date(2026, 1, 5), 170, 700
NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
STEPS = 14


class Both:
    """A plan and its model, and the moves that are made on both."""

    def __init__(self, studio: Studio, dice: random.Random) -> None:
        self.dice, self.studio = dice, studio
        self.now = datetime(2026, 1, 1)  # midnight in Seoul
        days = set(dice.sample(range(7), dice.randint(1, 3)))
        first = next(BEGIN + n * DAY for n in range(7) if (BEGIN + n * DAY).weekday() in days)
        count = dice.choice([None, 12, 40])
        self.model = Model(days, first, BEGIN + FAR * DAY, 18, "Pilates", count)
        rule = rule_of(days) + (f";COUNT={count}" if count else "")
        self.book = Book(studio, rule, f"{first}T18:00", "2025-12-31T15:00")
        self.seen: set[datetime] = set()
        self.number = 0
        self.done: list[str] = []

    def step(self) -> None:
        """One move, made on both."""
        plain = self.model.plain(self.now)
        moves: list[Callable[[list[date]], None]] = [self.wait, self.work]
        if len(plain) > 3:
            moves += [self.hour, self.hour, self.title, self.days, self.count, self.length, self.all_hour]
            moves += [self.cancel, self.remove, self.move, self.delete, self.refused, self.ends, self.ends]
        move = self.dice.choice(moves)
        self.book.now += timedelta(milliseconds=1)
        self.done.append(move.__name__)
        move(plain)

    def pick(self, plain: list[date]) -> date:
        return self.dice.choice(plain[:12])

    def rid(self, day: date) -> str:
        return datetime.combine(day, datetime.min.time()).replace(hour=self.model.slots[day].hour).isoformat()

    def key(self, day: date) -> SessionKey:
        return self.book.key(self.rid(day))

    def fresh(self) -> str:
        self.number += 1
        return f"title {self.number}"

    def wait(self, _: list[date]) -> None:
        self.now += self.dice.randint(1, 9) * DAY
        self.book.now += self.now - (self.book.now.replace(tzinfo=None) + timedelta(hours=9))

    def work(self, _: list[date]) -> None:
        with database.transaction(self.studio.engine) as (tx, _now):
            claimed = segments.claim(tx, self.book.now, 100)
            materialize.fill(tx, claimed, self.book.now, self.studio.settings)

    def hour(self, plain: list[date]) -> None:
        day, hour = self.pick(plain), self.dice.randint(6, 21)
        self.book.edit(self.rid(day), "following", recurringTime=f"{hour:02}:00")
        self.model.follow(day, self.now, hour=hour)

    def all_hour(self, plain: list[date]) -> None:
        hour = self.dice.randint(6, 21)
        self.book.edit(self.dice.choice([None, self.rid(self.pick(plain))]), recurringTime=f"{hour:02}:00")
        self.model.follow(date.min, self.now, hour=hour)

    def title(self, plain: list[date]) -> None:
        day, title = self.pick(plain), self.fresh()
        self.book.edit(self.rid(day), "following", title=title)
        self.model.follow(day, self.now, title=title)

    def length(self, plain: list[date]) -> None:
        hours = self.dice.randint(1, 2)
        self.book.edit(duration=f"PT{hours}H")
        self.model.follow(date.min, self.now, hours=hours)

    def days(self, plain: list[date]) -> None:
        day = self.pick(plain)
        days = {day.weekday(), *self.dice.sample(range(7), 2)}
        self.book.edit(self.rid(day), "following", recurringByDay=[NAMES[n] for n in days])
        self.model.repeat(day, days, None)

    def count(self, plain: list[date]) -> None:
        day, count = self.pick(plain), self.dice.randint(2, 30)
        rule = f"{rule_of(self.model.days | {day.weekday()})};COUNT={count}"
        self.book.edit(self.rid(day), "following", recurrence={"rrule": rule})
        self.model.repeat(day, self.model.days | {day.weekday()}, count)

    def cancel(self, plain: list[date]) -> None:
        day = self.pick(plain)
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            by_hand.cancel(tx, self.key(day), "somebody", self.book.now)
        self.model.touch(day, "CANCELLED")

    def remove(self, plain: list[date]) -> None:
        day = self.pick(plain)
        target = Target(self.book.id, self.key(day).recurrence_id)
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            remove.remove(tx, self.studio.tenant_id, [target], "somebody", self.book.now)
        self.model.touch(day, "REMOVED")

    def delete(self, plain: list[date]) -> None:
        day = self.pick(plain)
        target = Target(self.book.id, self.key(day).recurrence_id)
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            remove.delete_for_good(tx, self.studio.tenant_id, target, self.book.now)
        self.model.delete(day)
        self.seen.discard(self.key(day).recurrence_id)

    def move(self, plain: list[date]) -> None:
        day, title = self.pick(plain), self.dice.choice([None, self.fresh()])
        start = datetime.combine(day + self.dice.randint(0, 2) * DAY, datetime.min.time()).replace(hour=22, minute=15)
        given = {} if title is None else {"title": title}
        change = SessionChange(starts=start, **given)  # type: ignore[arg-type]
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            edit.edit(tx, self.key(day), change, self.book.now)
        self.model.touch(day, "SCHEDULED", start, title)

    def ends(self, plain: list[date]) -> None:
        """The rest is removed, and comes back."""
        day, slots = self.pick(plain), dict(self.model.slots)
        named = Named(
            tenant_id=self.studio.tenant_id, series_id=self.book.id,
            recurrence_id=self.key(day).recurrence_id, following=True,
        )  # fmt: skip
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            remove_rest.take(tx, remove_rest.hold(tx, named, self.book.now), "somebody", self.book.now)
        self.model.end_at(day, "REMOVED", self.now)
        self.check()
        assert self.book.read(self.rid(day)).removed_at == self.book.now
        self.model.slots = slots
        with database.transaction(self.studio.engine, self.studio.tenant_id) as (tx, _):
            if day == min(self.model.slots):
                restore.restore(tx, self.studio.tenant_id, Target(self.book.id), self.book.now, self.studio.settings)
            else:
                held = remove_rest.hold(tx, named, self.book.now)
                remove_rest.restore(tx, held, self.book.now, self.studio.settings)

    def refused(self, plain: list[date]) -> None:
        before = self.book.dump()
        with pytest.raises((ServiceError, recurrence.RecurrenceError)):
            self.book.edit(self.rid(self.pick(plain)), "following", title="x", spaceId=str(self.book.id))
        assert self.book.dump() == before

    def check(self) -> None:
        """Both are alike, and the auditor finds nothing."""
        found = self.book.sessions(DAYS, since="2026-01-01T00:00")
        told = sorted(
            (
                recurrence.wall_time(one.starts_at, SEOUL),
                one.title,
                round((one.ends_at - one.starts_at) / timedelta(hours=1)),
                one.state == State.CANCELLED,
            )
            for one in found
        )
        last = datetime.combine(BEGIN + (DAYS - 10) * DAY, datetime.min.time())
        expected = [one for one in self.model.seen() if one[0] < last]
        assert [one for one in told if one[0] < last] == expected, " ".join(self.done)
        self.seen |= {one.recurrence_id for one in found}
        self.audit()

    def check_ids(self) -> None:
        """Every id that there was leads somewhere."""
        for wall in self.seen:
            self.leads_on(wall)

    def leads_on(self, wall: datetime) -> None:
        """An id names its session, or its successor of the same date, or is gone."""
        try:
            assert self.book.read(wall.isoformat()).recurrence_id == wall
        except Moved as moved:
            heir = parse_id(moved.heir)[1]
            assert heir is not None
            assert heir.date() == wall.date()
            assert self.book.read(heir.isoformat()).recurrence_id == heir
        except Gone:
            slot = self.model.slots.get(wall.date())
            assert slot is None or slot.out

    def audit(self) -> None:
        """The rows are what the rules give."""
        keys = [SegmentKey(one.tenant_id, one.series_id, one.from_local) for one in self.book.every_segment()]
        with database.transaction(self.studio.engine) as (tx, _):
            _, counts = audit.look(tx, self.book.now, keys)
        assert counts["mismatched"] == 0, [one.mismatch for one in self.book.every_segment()]


def rule_of(days: set[int]) -> str:
    return "FREQ=WEEKLY;BYDAY=" + ",".join(NAMES[n] for n in sorted(days))


@pytest.mark.parametrize("seed", range(8))
def test_edits_at_random_do_what_the_model_does(studio: Studio, seed: int) -> None:
    both = Both(studio, random.Random(seed))
    both.check()
    for number in range(STEPS):
        both.step()
        both.check()
        if number % 5 == 4:
            both.check_ids()
